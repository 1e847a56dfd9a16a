import {
  RatingSchema,
  type Feedback as WireFeedback,
  type Miss as WireMiss,
  type Rating as WireRating,
} from "@mneme/proto/mneme/feedback/v1/feedback_pb.js";
import type { Feedback, Miss, Rating } from "../types/feedback.ts";
import { enumCodec } from "./enum.ts";
import { toDate } from "./time.ts";

/** "none" takes back what was said, and is never read. */
export const ratings = enumCodec<Rating | "none", WireRating>(RatingSchema);

export function feedbackFromWire(wire: WireFeedback): Feedback {
  return {
    memoryId: wire.memoryId,
    rating: ratings.fromWire(wire.rating) as Rating | undefined,
    comment: wire.comment,
    userId: wire.userId || undefined,
    searchId: wire.searchId || undefined,
    giveTime: toDate(wire.giveTime),
  };
}

export function missFromWire(wire: WireMiss): Miss {
  return {
    id: wire.missId,
    query: wire.query,
    expectedText: wire.expectedText,
    expectedMemoryId: wire.expectedMemoryId || undefined,
    userId: wire.userId || undefined,
    searchId: wire.searchId || undefined,
    reportTime: toDate(wire.reportTime),
  };
}
