import type { HandlerContext } from "@connectrpc/connect";
import {
  type UpdateTenantRequest,
  UpdateTenantRequestSchema,
} from "@mneme/proto/mneme/operator/v1/operator_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromTenant, toUpdate } from "../../convert/tenancy.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function updateTenant({ operator }: Pick<RouteDeps, "operator">) {
  return async (request: UpdateTenantRequest, context: HandlerContext) => {
    const write = toWriteRequest("OperatorService/UpdateTenant", UpdateTenantRequestSchema, request);
    const update = toUpdate(request, ["state", "limits"]);
    const { tenantId } = request;
    const tenant = await operator.update(callerOf(context), tenantId, update, write, context.signal);
    return { tenant: fromTenant(tenant) };
  };
}
