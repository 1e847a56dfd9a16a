import type { HandlerContext } from "@connectrpc/connect";
import { pageSizeOf } from "@mneme/core/tenancy/page-size.ts";
import type { ListMissesRequest } from "@mneme/proto/mneme/feedback/v1/feedback_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromMiss } from "../../convert/feedback.ts";
import type { RouteDeps } from "../deps.ts";

export function listMisses({ feedback }: RouteDeps) {
  return async ({ pageSize, pageToken }: ListMissesRequest, context: HandlerContext) => {
    const asked = { pageSize: pageSizeOf(pageSize), pageToken };
    const { items, nextPageToken } = await feedback.listMisses(callerOf(context), asked, context.signal);
    return { misses: items.map(fromMiss), nextPageToken };
  };
}
