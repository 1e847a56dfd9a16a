import { create } from "@bufbuild/protobuf";
import type { Feedback, Miss, Rating } from "@mneme/core/feedback/feedback.ts";
import {
  FeedbackSchema,
  MissSchema,
  Rating as WireRating,
} from "@mneme/proto/mneme/feedback/v1/feedback_pb.js";
import { keyOf } from "./enum-table.ts";
import { fromDate } from "./time.ts";

const RATINGS: Readonly<Record<Rating, WireRating>> = {
  positive: WireRating.POSITIVE,
  negative: WireRating.NEGATIVE,
  very_negative: WireRating.VERY_NEGATIVE,
};

/** Undefined takes back what was said. */
export function toRating(rating: WireRating): Rating | undefined {
  return keyOf(RATINGS, rating);
}

export function fromFeedback({ memoryId, rating, comment, userId, searchId, givenAt }: Feedback) {
  return create(FeedbackSchema, {
    memoryId,
    rating: RATINGS[rating],
    comment,
    userId: userId ?? "",
    searchId: searchId ?? "",
    giveTime: fromDate(givenAt),
  });
}

export function fromMiss({ id, query, expectedText, expectedMemoryId, userId, searchId, reportedAt }: Miss) {
  return create(MissSchema, {
    missId: id,
    query,
    expectedText,
    expectedMemoryId: expectedMemoryId ?? "",
    userId: userId ?? "",
    searchId: searchId ?? "",
    reportTime: fromDate(reportedAt),
  });
}
