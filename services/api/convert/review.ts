import type { MemoryReview, ReviewListing } from "@mneme/core/ageing/review-store.ts";
import type { ReviewRule, ReviewSettings } from "@mneme/core/tenancy/settings.ts";
import { ReviewAction as WireAction } from "@mneme/proto/mneme/memory/v1/review_pb.js";
import {
  WhenStale,
  type ReviewSettings as WireReview,
  type ReviewRule as WireRule,
} from "@mneme/proto/mneme/tenancy/v1/settings_pb.js";
import { keyOf } from "./enum-table.ts";
import { fromKind, toSetKind } from "./memory.ts";
import { present } from "./present.ts";
import { fromDate } from "./time.ts";

type Action = MemoryReview["action"];

const ACTIONS: Readonly<Record<Action, WireAction>> = {
  refreshed: WireAction.REFRESHED,
  downgraded: WireAction.DOWNGRADED,
  archived: WireAction.ARCHIVED,
  removed: WireAction.REMOVED,
};
const AT_FLOOR: Readonly<Record<NonNullable<ReviewRule["atFloor"]>, WhenStale>> = {
  archive: WhenStale.ARCHIVE,
  remove: WhenStale.REMOVE,
};
const WHEN_STALE: Readonly<Record<NonNullable<ReviewRule["whenStale"]>, WhenStale>> = {
  ...AT_FLOOR,
  downgrade: WhenStale.DOWNGRADE,
};

export function toReview({ rules }: WireReview): ReviewSettings {
  return rules.length > 0 ? { rules: rules.map(toRule) } : {};
}

function toRule({ kind, category, days, whenStale, factor, floor, atFloor }: WireRule): ReviewRule {
  const set = present({
    kind: toSetKind(kind),
    category: category || undefined,
    whenStale: keyOf(WHEN_STALE, whenStale),
    factor,
    floor,
    atFloor: keyOf(AT_FLOOR, atFloor),
  });
  return { ...set, days };
}

export function fromReview({ rules = [] }: ReviewSettings) {
  return {
    rules: rules.map(({ kind, category = "", days, whenStale, atFloor, factor, floor }) => {
      const set = present({
        kind: kind && fromKind(kind),
        whenStale: whenStale && WHEN_STALE[whenStale],
        atFloor: atFloor && AT_FLOOR[atFloor],
        factor,
        floor,
      });
      return { ...set, category, days };
    }),
  };
}

export function toReviewActions(wire: readonly WireAction[]): ReviewListing["actions"] {
  return wire.flatMap((action) => keyOf(ACTIONS, action) ?? []);
}

export function fromMemoryReview(review: MemoryReview) {
  const { memoryId, action, dueAt, reviewedAt, nextReviewAt, confidenceBefore, confidenceAfter } = review;
  return {
    ...present({ nextReviewTime: fromDate(nextReviewAt) }),
    memoryId,
    action: ACTIONS[action],
    dueTime: fromDate(dueAt),
    reviewTime: fromDate(reviewedAt),
    confidenceBefore,
    confidenceAfter,
  };
}
