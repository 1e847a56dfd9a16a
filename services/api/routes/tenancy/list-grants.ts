import type { HandlerContext } from "@connectrpc/connect";
import { pageSizeOf } from "@mneme/core/tenancy/page-size.ts";
import type { ListGrantsRequest } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromGrant } from "../../convert/team.ts";
import type { RouteDeps } from "../deps.ts";

export function listGrants({ grants }: Pick<RouteDeps, "grants">) {
  return async ({ teamId, pageSize, pageToken }: ListGrantsRequest, context: HandlerContext) => {
    const asked = { teamId, pageSize: pageSizeOf(pageSize), pageToken };
    const { items, nextPageToken } = await grants.list(callerOf(context), asked, context.signal);
    return { grants: items.map(fromGrant), nextPageToken };
  };
}
