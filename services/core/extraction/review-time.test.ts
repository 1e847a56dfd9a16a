import { describe, expect, test } from "vitest";
import type { ReviewRule } from "../tenancy/settings.ts";
import { contentOf } from "./content-testing.ts";
import { createEmbeddedExtractor } from "./embedded/extractor.ts";
import { reviewTimeOf } from "./review-time.ts";

const NOW = new Date("2026-05-01T09:00:00Z");
const day = (iso: string) => new Date(`${iso}T00:00:00Z`);
const judged = (members: object = {}) => ({ ...contentOf("Ada rows.", "m").statement, ...members });
const RULES: readonly ReviewRule[] = [
  { category: "Plans", days: 1 },
  { kind: "episodic", category: "health", days: 30 },
  { category: "health", days: 180 },
];

describe("when a memory is to be looked at again", () => {
  test("is so many days behind its being told, by the first rule that fits it", () => {
    const health = judged({ category: "health" });
    expect(reviewTimeOf(health, RULES, NOW)).toEqual(new Date("2026-10-28T09:00:00Z"));
    expect(reviewTimeOf({ ...health, kind: "episodic" }, RULES, NOW)).toEqual(
      new Date("2026-05-31T09:00:00Z"),
    );
  });

  test("is behind the day that it tells of, where that lies ahead", () => {
    const plan = judged({ category: "plans", passesAt: day("2026-11-01") });
    expect(reviewTimeOf(plan, RULES, NOW)).toEqual(day("2026-11-02"));
    expect(reviewTimeOf(plan, undefined, NOW)).toEqual(day("2026-11-01"));
    expect(reviewTimeOf(judged({ valid: { from: day("2027-01-01"), to: undefined } }), [], NOW)).toEqual(
      day("2027-01-01"),
    );
    expect(reviewTimeOf({ ...plan, passesAt: day("2026-04-01") }, RULES, NOW)).toEqual(
      new Date("2026-05-02T09:00:00Z"),
    );
  });

  test("is never without a rule or a day ahead", () => {
    expect(reviewTimeOf(judged(), RULES, NOW)).toBeUndefined();
    expect(reviewTimeOf(judged({ passesAt: day("2026-04-01") }), undefined, NOW)).toBeUndefined();
  });

  test.each([
    ["We're going to Japan in October 2026.", "2026-11-01"],
    ["I'm moving to Copenhagen on 3 June 2026.", "2026-06-04"],
    ["I moved to Copenhagen on 3 June 2024.", undefined],
    ["I live in Oslo.", undefined],
  ])("is read by the embedded rules: %s", async (text, expected) => {
    const turn = {
      messageId: "m",
      sessionId: undefined,
      role: "user",
      name: "Ada",
      text,
      sentAt: NOW,
    } as const;
    const { statements } = await createEmbeddedExtractor().extract({
      turns: [turn],
      context: [],
      summary: "",
      nearest: [],
    });
    expect(statements.map(({ passesAt }) => passesAt)).toEqual([expected && day(expected)]);
  });
});
