import type { HandlerContext } from "@connectrpc/connect";
import {
  type UpdateTenantRequest,
  UpdateTenantRequestSchema,
} from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { callerOf } from "../../call.ts";
import { requireAllowedModelsIn } from "../../checks/settings.ts";
import { fromTenant, toUpdate } from "../../convert/tenancy.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function updateTenant({ tenants, allowedModels }: Pick<RouteDeps, "tenants" | "allowedModels">) {
  return async (request: UpdateTenantRequest, context: HandlerContext) => {
    const write = toWriteRequest("UpdateTenant", UpdateTenantRequestSchema, request);
    const update = toUpdate(request, ["name", "settings"]);
    requireAllowedModelsIn(update.settings, allowedModels);
    return { tenant: fromTenant(await tenants.update(callerOf(context), update, write, context.signal)) };
  };
}
