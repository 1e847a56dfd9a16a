import type { HandlerContext } from "@connectrpc/connect";
import { pageSizeOf } from "@mneme/core/tenancy/page-size.ts";
import type { ListTenantsRequest } from "@mneme/proto/mneme/operator/v1/operator_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromTenant } from "../../convert/tenancy.ts";
import type { RouteDeps } from "../deps.ts";

export function listTenants({ operator }: Pick<RouteDeps, "operator">) {
  return async ({ pageSize, pageToken }: ListTenantsRequest, context: HandlerContext) => {
    const asked = { pageSize: pageSizeOf(pageSize), pageToken };
    const { items, nextPageToken } = await operator.list(callerOf(context), asked, context.signal);
    return { tenants: items.map(fromTenant), nextPageToken };
  };
}
