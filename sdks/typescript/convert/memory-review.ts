import {
  ReviewActionSchema,
  type ReviewAction as WireAction,
  type MemoryReview as WireMemoryReview,
} from "@mneme/proto/mneme/memory/v1/review_pb.js";
import type { MemoryReview, ReviewAction } from "../types/review.ts";
import { enumCodec } from "./enum.ts";
import { toDate } from "./time.ts";

export const reviewActions = enumCodec<ReviewAction, WireAction>(ReviewActionSchema);

export function memoryReviewFromWire(review: WireMemoryReview): MemoryReview {
  return {
    memoryId: review.memoryId,
    action: reviewActions.fromWire(review.action),
    dueTime: toDate(review.dueTime),
    reviewTime: toDate(review.reviewTime),
    confidenceBefore: review.confidenceBefore,
    confidenceAfter: review.confidenceAfter,
    nextReviewTime: toDate(review.nextReviewTime),
  };
}
