import type { HandlerContext } from "@connectrpc/connect";
import { newApiKey } from "@mneme/core/tenancy/new-api-key.ts";
import {
  type CreateTenantAdminKeyRequest,
  CreateTenantAdminKeyRequestSchema,
} from "@mneme/proto/mneme/operator/v1/operator_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromApiKey } from "../../convert/api-key.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function createTenantAdminKey({ operator }: Pick<RouteDeps, "operator">) {
  return async (request: CreateTenantAdminKeyRequest, context: HandlerContext) => {
    const write = toWriteRequest(
      "OperatorService/CreateTenantAdminKey",
      CreateTenantAdminKeyRequestSchema,
      request,
    );
    const { tenantId } = request;
    const made = newApiKey();
    const { key, secret } = await operator.createAdminKey(
      callerOf(context),
      tenantId,
      made,
      write,
      context.signal,
    );
    return { apiKey: fromApiKey(key), secret: secret ?? "" };
  };
}
