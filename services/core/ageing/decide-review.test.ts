import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ReviewRule } from "../tenancy/settings.ts";
import { DOWNGRADE, decideReview, type Reviewable } from "./decide-review.ts";

const NOW = new Date("2026-11-22T00:00:00Z");
const NEXT = new Date("2027-02-20T00:00:00Z");
const DUE: Reviewable = { confidence: 0.8, since: new Date("2026-05-01"), confirmedAt: undefined };
const rule = (members: Partial<ReviewRule> = {}): ReviewRule => ({ days: 90, ...members });
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe("a review that is due", () => {
  test.each<[string, Partial<Reviewable>, Partial<ReviewRule> | undefined, object | undefined]>([
    ["does nothing without a rule", {}, undefined, undefined],
    ["does nothing where the rule says only when", {}, {}, undefined],
    [
      "refreshes what was confirmed since it was told",
      { confirmedAt: new Date("2026-06-01") },
      { whenStale: "remove" },
      { action: "refreshed", reviewAt: NEXT },
    ],
    [
      "does not count what was confirmed before its last review",
      { confirmedAt: new Date("2026-04-01") },
      { whenStale: "archive" },
      { action: "archived", reviewAt: NEXT },
    ],
    ["removes", {}, { whenStale: "remove" }, { action: "removed" }],
    ["downgrades", {}, { whenStale: "downgrade" }, { action: "downgraded", reviewAt: NEXT, confidence: 0.4 }],
    [
      "downgrades by its own factor down to its own floor",
      {},
      { whenStale: "downgrade", factor: 0.9, floor: 0.75 },
      { action: "downgraded", reviewAt: NEXT, confidence: 0.75 },
    ],
    [
      "leaves what is at the floor there",
      { confidence: Math.fround(0.2) },
      { whenStale: "downgrade" },
      { action: "refreshed", reviewAt: NEXT },
    ],
    [
      "archives what is at the floor, if the rule says so",
      { confidence: Math.fround(0.2) },
      { whenStale: "downgrade", atFloor: "archive" },
      { action: "archived", reviewAt: NEXT },
    ],
  ])("%s", (_, memory, members, expected) => {
    expect(decideReview({ ...DUE, ...memory }, members && rule(members), NOW)).toEqual(expected);
  });

  test("never makes anything surer, nor less sure than the floor", () => {
    const factor = fc.double({ min: 0.01, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(share, factor, share, (confidence, by, floor) => {
        const downgrade = rule({ whenStale: "downgrade", factor: by, floor });
        const decision = decideReview({ ...DUE, confidence }, downgrade, NOW);
        if (decision?.action !== "downgraded") {
          expect(confidence).toBeLessThanOrEqual(Math.fround(floor));
          return;
        }
        expect(decision.confidence).toBeGreaterThanOrEqual(Math.min(floor, confidence));
        expect(decision.confidence).toBeLessThanOrEqual(confidence);
      }),
    );
  });

  test("comes to the floor in the end", () => {
    let confidence: number = Math.fround(1);
    for (let round = 0; round < 10; round += 1) {
      const decision = decideReview({ ...DUE, confidence }, rule({ whenStale: "downgrade" }), NOW);
      if (decision?.action === "downgraded") confidence = Math.fround(decision.confidence);
    }
    expect(confidence).toBe(Math.fround(DOWNGRADE.floor));
  });
});
