import type { HandlerContext } from "@connectrpc/connect";
import { pageSizeOf } from "@mneme/core/tenancy/page-size.ts";
import type { ListTeamsRequest } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromTeam } from "../../convert/team.ts";
import type { RouteDeps } from "../deps.ts";

export function listTeams({ teams }: Pick<RouteDeps, "teams">) {
  return async ({ pageSize, pageToken }: ListTeamsRequest, context: HandlerContext) => {
    const asked = { pageSize: pageSizeOf(pageSize), pageToken };
    const { items, nextPageToken } = await teams.list(callerOf(context), asked, context.signal);
    return { teams: items.map(fromTeam), nextPageToken };
  };
}
