import type { HandlerContext } from "@connectrpc/connect";
import type { GetTenantRequest } from "@mneme/proto/mneme/operator/v1/operator_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromTenant } from "../../convert/tenancy.ts";
import type { RouteDeps } from "../deps.ts";

export function getTenant({ operator }: Pick<RouteDeps, "operator">) {
  return async ({ tenantId }: GetTenantRequest, context: HandlerContext) => {
    return { tenant: fromTenant(await operator.get(callerOf(context), tenantId, context.signal)) };
  };
}
