import type { HandlerContext } from "@connectrpc/connect";
import { pageSizeOf } from "@mneme/core/tenancy/page-size.ts";
import type { ListFeedbackRequest } from "@mneme/proto/mneme/feedback/v1/feedback_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromFeedback } from "../../convert/feedback.ts";
import type { RouteDeps } from "../deps.ts";

export function listFeedback({ feedback }: RouteDeps) {
  return async ({ memoryId, pageSize, pageToken }: ListFeedbackRequest, context: HandlerContext) => {
    const listing = { memoryId: memoryId || undefined, pageSize: pageSizeOf(pageSize), pageToken };
    const { items, nextPageToken } = await feedback.list(callerOf(context), listing, context.signal);
    return { feedback: items.map(fromFeedback), nextPageToken };
  };
}
