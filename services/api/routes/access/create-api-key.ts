import type { HandlerContext } from "@connectrpc/connect";
import { createApiKey as create } from "@mneme/core/tenancy/manage-api-keys.ts";
import {
  type CreateApiKeyRequest,
  CreateApiKeyRequestSchema,
} from "@mneme/proto/mneme/access/v1/api_key_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromApiKey, toRoles } from "../../convert/api-key.ts";
import { toLimits } from "../../convert/limits.ts";
import { toDate } from "../../convert/time.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function createApiKey({ apiKeys }: Pick<RouteDeps, "apiKeys">) {
  return async (request: CreateApiKeyRequest, context: HandlerContext) => {
    const write = toWriteRequest("CreateApiKey", CreateApiKeyRequestSchema, request);
    const draft = {
      name: request.name,
      projectId: request.projectId || undefined,
      roles: toRoles(request.roles),
      limits: toLimits(request.limits),
      expiresAt: toDate(request.expireTime),
    };
    const { key, secret } = await create({ apiKeys }, callerOf(context), draft, write, context.signal);
    return { apiKey: fromApiKey(key), secret: secret ?? "" };
  };
}
