import type { HandlerContext } from "@connectrpc/connect";
import { newApiKey } from "@mneme/core/tenancy/new-api-key.ts";
import {
  type CreateTenantRequest,
  CreateTenantRequestSchema,
} from "@mneme/proto/mneme/operator/v1/operator_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromApiKey } from "../../convert/api-key.ts";
import { toLimits } from "../../convert/limits.ts";
import { fromTenant } from "../../convert/tenancy.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function createTenant({ operator }: Pick<RouteDeps, "operator">) {
  return async (request: CreateTenantRequest, context: HandlerContext) => {
    const write = toWriteRequest("OperatorService/CreateTenant", CreateTenantRequestSchema, request);
    const made = newApiKey();
    const wanted = { name: request.name, limits: toLimits(request.limits) };
    const { tenant, key, secret } = await operator.create(
      callerOf(context),
      wanted,
      made,
      write,
      context.signal,
    );
    return { tenant: fromTenant(tenant), apiKey: fromApiKey(key), secret: secret ?? "" };
  };
}
