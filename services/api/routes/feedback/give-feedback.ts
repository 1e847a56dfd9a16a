import type { HandlerContext } from "@connectrpc/connect";
import {
  type GiveFeedbackRequest,
  GiveFeedbackRequestSchema,
} from "@mneme/proto/mneme/feedback/v1/feedback_service_pb.js";
import { callerOf } from "../../call.ts";
import { toRating } from "../../convert/feedback.ts";
import { toScope } from "../../convert/scope.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function giveFeedback({ feedback }: RouteDeps) {
  return async (request: GiveFeedbackRequest, context: HandlerContext) => {
    const { memoryId, rating, comment, searchId } = request;
    await feedback.give(
      callerOf(context),
      {
        scope: request.scope && toScope(request.scope),
        memoryId,
        rating: toRating(rating),
        comment,
        searchId: searchId || undefined,
      },
      toWriteRequest("GiveFeedback", GiveFeedbackRequestSchema, request),
      context.signal,
    );
    return {};
  };
}
