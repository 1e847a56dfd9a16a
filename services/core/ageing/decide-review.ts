import type { ReviewRule } from "../tenancy/settings.ts";
import { DAY_MS } from "../time/day.ts";

/** A memory whose review is due. */
export interface Reviewable {
  /** 0..1. */
  readonly confidence: number;
  /** When it was told, or last reviewed. */
  readonly since: Date;
  /** When it was last used, told again, restored or changed by hand; undefined: never. */
  readonly confirmedAt: Date | undefined;
}

/** What a review comes to. */
export type ReviewDecision =
  | { readonly action: "refreshed"; readonly reviewAt: Date }
  | { readonly action: "downgraded"; readonly reviewAt: Date; readonly confidence: number }
  | { readonly action: "archived"; readonly reviewAt: Date }
  | { readonly action: "removed" };

/** What a downgrade multiplies confidence with, and where it ends, unless a rule says otherwise. */
export const DOWNGRADE = { factor: 0.5, floor: 0.2 } as const;

/**
 * What becomes of a memory whose review is due: what was confirmed since it was told or last reviewed is refreshed; else
 * as the rule says. Undefined: nothing, for no rule says what.
 */
export function decideReview(
  { confidence, since, confirmedAt }: Reviewable,
  rule: ReviewRule | undefined,
  now: Date,
): ReviewDecision | undefined {
  if (!rule?.whenStale) return undefined;
  const reviewAt = new Date(now.getTime() + rule.days * DAY_MS);
  if (confirmedAt && confirmedAt > since) return { action: "refreshed", reviewAt };
  if (rule.whenStale !== "downgrade") return leaving(rule.whenStale, reviewAt);
  const { factor = DOWNGRADE.factor, floor = DOWNGRADE.floor } = rule;
  // Confidence is kept in single precision.
  if (confidence <= Math.fround(floor)) {
    return rule.atFloor ? leaving(rule.atFloor, reviewAt) : { action: "refreshed", reviewAt };
  }
  return {
    action: "downgraded",
    reviewAt,
    confidence: Math.min(confidence, Math.max(floor, confidence * factor)),
  };
}

function leaving(how: "archive" | "remove", reviewAt: Date): ReviewDecision {
  return how === "archive" ? { action: "archived", reviewAt } : { action: "removed" };
}
