import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { analyzeQuery } from "./analyze-query.ts";
import { fuse } from "./fuse.ts";
import { type Candidate, RARE_HOLDERS } from "./memory-index.ts";
import { DECAY, DEFAULT_MULTIPLIERS, GENTLE_DECAY, LINEAR, multipliers } from "./multipliers.ts";
import { dateMatch, RECIPES, type RecipeName } from "./recipes.ts";
import { candidateOf } from "./search-testing.ts";

const now = new Date("2026-11-01T00:00:00Z");
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const candidate: fc.Arbitrary<Candidate> = fc.record({
  memoryId: fc.uuid(),
  version: fc.constant(1),
  cosine: fc.double({ min: -1, max: 1, noNaN: true }),
  bm25: fc.double({ min: 0, max: 60, noNaN: true }),
  entity: fc.double({ min: 0, max: 10, noNaN: true }),
  rare: fc.constantFrom([], ["rome"], ["k9"]),
  kind: fc.constantFrom("semantic" as const, "episodic" as const, "procedural" as const),
  origin: fc.constantFrom("stated" as const, "inferred" as const, "tool" as const),
  confidence: unit,
  importance: unit,
  speaker: fc.constantFrom(undefined, "ada", "ben"),
  role: fc.constantFrom(undefined, "user" as const, "assistant" as const),
  isQuestion: fc.boolean(),
  hasTime: fc.boolean(),
  saidAt: fc.date({ min: new Date("2020-01-01"), max: now, noInvalidDate: true }),
});
const candidates = fc.uniqueArray(candidate, { maxLength: 40, selector: (c) => c.memoryId });
const question = fc
  .constantFrom("When did Ada go to Rome?", "What do I like?", "Who met Ben and Ada in May 2024?", "?", "tea")
  .map((text) => analyzeQuery(text, { participants: ["Ada", "Ben"] }));
const recipe = fc.constantFrom(...(Object.keys(RECIPES) as RecipeName[]));
const rules = fc
  .constantFrom({ rule: "off" as const }, DECAY, GENTLE_DECAY, LINEAR)
  .map((recency) => ({ ...DEFAULT_MULTIPLIERS, recency }));

describe("fuse", () => {
  test("every score is finite, the order falls, and parts add up to the base", () => {
    fc.assert(
      fc.property(candidates, question, recipe, rules, (found, query, name, multipliers) => {
        const ranked = fuse(found, query, { recipe: name, multipliers, now });
        expect(ranked).toHaveLength(found.length);
        for (const [i, one] of ranked.entries()) {
          expect(Number.isFinite(one.score)).toBe(true);
          expect(Object.values(one.parts).reduce((a, b) => a + b, 0)).toBeCloseTo(one.base, 9);
          if (i > 0) expect(ranked[i - 1]?.score).toBeGreaterThanOrEqual(one.score);
        }
      }),
    );
  });

  test("the order of the input does not matter", () => {
    fc.assert(
      fc.property(candidates, question, recipe, fc.integer(), (found, query, name, seed) => {
        const shuffled = [...found].sort((a, b) => hash(a.memoryId, seed) - hash(b.memoryId, seed));
        const ids = (list: readonly Candidate[]) =>
          fuse(list, query, { recipe: name, now }).map((one) => one.candidate.memoryId);
        expect(ids(shuffled)).toEqual(ids(found));
      }),
    );
  });

  test("a higher cosine never lowers a candidate's rank", () => {
    fc.assert(
      fc.property(candidates, question, recipe, fc.nat(), unit, (found, query, name, pick, more) => {
        fc.pre(found.length > 0);
        const target = found[pick % found.length] as Candidate;
        const lifted = found.map((c) => (c === target ? { ...c, cosine: Math.min(1, c.cosine + more) } : c));
        expect(rankOf(lifted, target.memoryId, query, name)).toBeLessThanOrEqual(
          rankOf(found, target.memoryId, query, name),
        );
      }),
    );
  });

  test("factors stay above 0 and up to 1, and age never helps", () => {
    fc.assert(
      fc.property(candidate, rules, fc.integer({ min: 1, max: 4000 }), (one, options, days) => {
        const older = { ...one, saidAt: new Date(one.saidAt.getTime() - days * 86_400_000) };
        const young = multipliers(one, options, now);
        const old = multipliers(older, options, now);
        for (const factor of Object.values(young)) expect(factor).toBeGreaterThan(0);
        for (const factor of Object.values(young)) expect(factor).toBeLessThanOrEqual(1);
        expect(old.recency).toBeLessThanOrEqual(young.recency);
      }),
    );
  });

  test("of the statements of one message, the nearest alone has what their window scores", () => {
    const query = analyzeQuery("Where do I work?", { participants: [] });
    const saidAt = new Date("2026-04-21T18:32:00Z");
    const window = { bm25: 1, saidAt, hasWindow: true };
    const found = [
      candidateOf("rent", 0.12, window),
      candidateOf("move", 0.05, window),
      candidateOf("plants", 0.01, window),
      candidateOf("job", 0.15, { bm25: 0, saidAt: new Date("2026-01-13T09:12:00Z") }),
    ];
    const ranked = fuse(found, query, { now }).map(({ candidate }) => candidate.memoryId);
    expect(ranked).toEqual(["rent", "job", "move", "plants"]);
    const brought = found.map((one) => ({ ...one, hasWindow: false }));
    const alone = fuse(brought, query, { now }).map(({ candidate }) => candidate.memoryId);
    expect(alone).toEqual(["rent", "move", "plants", "job"]);
  });

  describe("a rare word", () => {
    const query = analyzeQuery("Which box is k100095 in?", { participants: [] });
    const holder = candidateOf("holder", 0.1, { bm25: 4, rare: ["k100095"] });
    const beside = ["a", "b", "c"].map((id) => candidateOf(id, 0.6, { bm25: 5, hasTime: true }));
    const first = (found: readonly Candidate[]) => fuse(found, query, { now })[0]?.candidate.memoryId;

    test("puts the statement that holds it before those that only have it in their window", () => {
      expect(first([...beside, { ...holder, rare: [] }])).toBe("a");
      expect(first([...beside, holder])).toBe("holder");
    });

    test("counts for nothing where many statements hold it", () => {
      const common = Array.from({ length: RARE_HOLDERS }, (_, i) => ({ ...holder, memoryId: `h${i}` }));
      expect(first([...beside, ...common])).toBe("h0");
      expect(first([...beside, ...common, holder])).toBe("a");
    });
  });

  test("the measured recipe's parts are its weights", () => {
    const query = analyzeQuery("When did Ada go to Rome in May 2024?", { participants: ["Ada", "Ben"] });
    const base: Candidate = {
      memoryId: "a",
      version: 1,
      cosine: 0.5,
      bm25: 8,
      entity: 0,
      rare: [],
      kind: "episodic",
      origin: "stated",
      confidence: 1,
      importance: 1,
      speaker: "ada",
      role: "user",
      isQuestion: false,
      hasTime: true,
      saidAt: new Date("2024-05-20T10:00:00Z"),
    };
    const other = { ...base, memoryId: "b", bm25: 4, speaker: "ben", isQuestion: true, hasTime: false };
    const [first, second] = fuse([other, { ...base }], query, { now });
    expect(first?.candidate.memoryId).toBe("a");
    expect(first?.parts).toEqual({
      cosine: 0.5,
      keyword: 0.4,
      rare: 0,
      speaker: 0.35,
      question: 0,
      time: 0.15,
      date: 0.35,
      when: 0,
      ended: 0,
      outside: 0,
    });
    expect(second?.parts).toEqual({
      cosine: 0.5,
      keyword: 0.2,
      rare: 0,
      speaker: 0,
      question: -0.09,
      time: 0,
      date: 0.35,
      when: 0,
      ended: 0,
      outside: 0,
    });
  });
});

describe("dateMatch", () => {
  const day = new Date("2024-05-20T10:00:00Z");
  test.each([
    [{ year: 2024, month: 5, day: 20 }, 2],
    [{ year: 2024, month: 5, day: undefined }, 1],
    [{ year: undefined, month: 5, day: undefined }, 1],
    [{ year: 2024, month: undefined, day: undefined }, 0.3],
    [{ year: 2023, month: 5, day: 20 }, 0],
    [{ year: 2024, month: 6, day: 20 }, 0],
  ])("%o gives %d", (date, expected) => {
    expect(dateMatch(day, [date])).toBe(expected);
  });

  test("the best of several dates counts, none gives 0", () => {
    expect(dateMatch(day, [])).toBe(0);
    const dates = [
      { year: 2023, month: undefined, day: undefined },
      { year: 2024, month: 5, day: 1 },
    ];
    expect(dateMatch(day, dates)).toBe(1);
  });
});

function rankOf(
  found: readonly Candidate[],
  id: string,
  query: ReturnType<typeof analyzeQuery>,
  name: RecipeName,
): number {
  return fuse(found, query, { recipe: name, now }).findIndex((one) => one.candidate.memoryId === id);
}

function hash(text: string, seed: number): number {
  let value = seed | 0;
  for (const char of text) value = (Math.imul(value, 31) + char.charCodeAt(0)) | 0;
  return value;
}
