import type { HandlerContext } from "@connectrpc/connect";
import {
  type RevokeApiKeyRequest,
  RevokeApiKeyRequestSchema,
} from "@mneme/proto/mneme/access/v1/api_key_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromApiKey } from "../../convert/api-key.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function revokeApiKey({ apiKeys }: Pick<RouteDeps, "apiKeys">) {
  return async (request: RevokeApiKeyRequest, context: HandlerContext) => {
    const write = toWriteRequest("RevokeApiKey", RevokeApiKeyRequestSchema, request);
    const key = await apiKeys.revoke(callerOf(context), request.apiKeyId, write, context.signal);
    return { apiKey: fromApiKey(key) };
  };
}
