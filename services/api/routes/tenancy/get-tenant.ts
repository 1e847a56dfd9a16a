import type { HandlerContext } from "@connectrpc/connect";
import type { GetTenantRequest } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromTenant } from "../../convert/tenancy.ts";
import type { RouteDeps } from "../deps.ts";

export function getTenant({ tenants }: Pick<RouteDeps, "tenants">) {
  return async (_request: GetTenantRequest, context: HandlerContext) => {
    return { tenant: fromTenant(await tenants.get(callerOf(context), context.signal)) };
  };
}
