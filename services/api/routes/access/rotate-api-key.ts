import type { HandlerContext } from "@connectrpc/connect";
import { rotateApiKey as rotate } from "@mneme/core/tenancy/manage-api-keys.ts";
import {
  type RotateApiKeyRequest,
  RotateApiKeyRequestSchema,
} from "@mneme/proto/mneme/access/v1/api_key_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromApiKey } from "../../convert/api-key.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

const DEFAULT_OVERLAP_SECONDS = 24 * 60 * 60;

export function rotateApiKey({ apiKeys }: Pick<RouteDeps, "apiKeys">) {
  return async (request: RotateApiKeyRequest, context: HandlerContext) => {
    const write = toWriteRequest("RotateApiKey", RotateApiKeyRequestSchema, request);
    const { apiKeyId, overlapSeconds = DEFAULT_OVERLAP_SECONDS } = request;
    const rotation = { apiKeyId, overlapSeconds };
    const rotated = await rotate({ apiKeys }, callerOf(context), rotation, write, context.signal);
    const { key, secret, replaced } = rotated;
    return { apiKey: fromApiKey(key), secret: secret ?? "", replaced: fromApiKey(replaced) };
  };
}
