import type { HandlerContext } from "@connectrpc/connect";
import type { GetApiKeyRequest } from "@mneme/proto/mneme/access/v1/api_key_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromApiKey } from "../../convert/api-key.ts";
import type { RouteDeps } from "../deps.ts";

export function getApiKey({ apiKeys }: Pick<RouteDeps, "apiKeys">) {
  return async ({ apiKeyId }: GetApiKeyRequest, context: HandlerContext) => {
    return { apiKey: fromApiKey(await apiKeys.get(callerOf(context), apiKeyId, context.signal)) };
  };
}
