import type { HandlerContext } from "@connectrpc/connect";
import { monthOf } from "@mneme/core/limits/exceeded.ts";
import { pageSizeOf } from "@mneme/core/tenancy/page-size.ts";
import type { ListTenantUsageRequest } from "@mneme/proto/mneme/operator/v1/operator_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromTenantUsage } from "../../convert/usage.ts";
import type { RouteDeps } from "../deps.ts";

export function listTenantUsage({ tenantUsage }: Pick<RouteDeps, "tenantUsage">) {
  return async ({ month, pageSize, pageToken }: ListTenantUsageRequest, context: HandlerContext) => {
    const of = month === "" ? monthOf(new Date()) : `${month}-01`;
    const asked = { month: of, pageSize: pageSizeOf(pageSize), pageToken };
    const { items, nextPageToken } = await tenantUsage.list(callerOf(context), asked, context.signal);
    return { tenants: items.map(fromTenantUsage), nextPageToken };
  };
}
