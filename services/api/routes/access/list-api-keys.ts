import type { HandlerContext } from "@connectrpc/connect";
import { pageSizeOf } from "@mneme/core/tenancy/page-size.ts";
import type { ListApiKeysRequest } from "@mneme/proto/mneme/access/v1/api_key_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromApiKey } from "../../convert/api-key.ts";
import type { RouteDeps } from "../deps.ts";

export function listApiKeys({ apiKeys }: Pick<RouteDeps, "apiKeys">) {
  return async (
    { projectId, showEnded, pageSize, pageToken }: ListApiKeysRequest,
    context: HandlerContext,
  ) => {
    const asked = { projectId, showEnded, pageSize: pageSizeOf(pageSize), pageToken };
    const { items, nextPageToken } = await apiKeys.list(callerOf(context), asked, context.signal);
    return { apiKeys: items.map(fromApiKey), nextPageToken };
  };
}
