import type { HandlerContext } from "@connectrpc/connect";
import { pageSizeOf } from "@mneme/core/tenancy/page-size.ts";
import type { ListMemoryReviewsRequest } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import type { Scope } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import { callerOf } from "../call.ts";
import { fromMemoryReview, toReviewActions } from "../convert/review.ts";
import { toScope } from "../convert/scope.ts";
import type { RouteDeps } from "./deps.ts";

export function listMemoryReviews({ reviews }: RouteDeps) {
  return async (request: ListMemoryReviewsRequest, context: HandlerContext) => {
    const listing = {
      scope: toScope(request.scope as Scope),
      actions: toReviewActions(request.actions),
      pageSize: pageSizeOf(request.pageSize),
      pageToken: request.pageToken,
    };
    const page = await reviews.list(callerOf(context), listing, context.signal);
    return { reviews: page.reviews.map(fromMemoryReview), nextPageToken: page.nextPageToken };
  };
}
