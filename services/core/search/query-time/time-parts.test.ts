import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { analyzeQuery } from "../analyze-query.ts";
import { fuse } from "../fuse.ts";
import type { Candidate } from "../memory-index.ts";
import { S1_WEIGHTS } from "../recipes.ts";
import { candidateOf } from "../search-testing.ts";
import { anchoredSpan } from "./choose-anchor.ts";
import { type AnchoredTime, mayBeMeant, readQueryTime } from "./read-query-time.ts";
import { timeParts } from "./time-parts.ts";

const NOW = new Date("2026-11-22T14:00:00Z");
const day = (text: string) => new Date(`${text}T12:00:00Z`);

/** Since when, until when, and as what kind it is kept: as the rules read "I live in Leeds." and "I moved to York.". */
const LIFE = {
  bath: ["2019-03-01", "2022-04-01", "semantic"],
  leeds: ["2022-04-01", "2025-06-02", "semantic"],
  york: ["2025-06-02", undefined, "episodic"],
  livesInYork: ["2025-06-20", undefined, "semantic"],
  nurse: ["2024-02-11", "2025-09-01", "semantic"],
  library: ["2025-09-01", undefined, "episodic"],
  toyota: ["2021-03-05", "2024-02-02", "semantic"],
  volvo: ["2024-02-02", undefined, "episodic"],
  mia: ["2021-05-05", "2023-08-08", "semantic"],
  wedding: ["2025-01-18", undefined, "episodic"],
  cello: ["2024-03-05", undefined, "semantic"],
  dog: ["2024-05-01", undefined, "semantic"],
  vegetarian: ["2025-01-07", undefined, "semantic"],
  restaurant: ["2025-07-18", undefined, "semantic"],
} as const;
type Told = keyof typeof LIFE;
/** By cosine, and by how much of the best keyword score their windows have. */
type Found = Partial<Record<Told, readonly [cosine: number, keyword: number]>>;

function candidatesOf(found: Found): Candidate[] {
  return (Object.keys(found) as Told[]).map((id) => {
    const [from, to, kind] = LIFE[id];
    const [cosine = 0, bm25 = 0] = found[id] ?? [];
    const valid = { from: day(from), to: to === undefined ? undefined : day(to) };
    return candidateOf(id, cosine, { bm25, kind, saidAt: valid.from, valid });
  });
}

function timeOf(query: string, event?: Told): AnchoredTime {
  const time = readQueryTime(query, NOW);
  if (!time) throw new Error("names no time");
  if (!event || !time.anchor) return time;
  const [from, to] = LIFE[event];
  const told = { text: "", validFrom: day(from), validTo: to === undefined ? undefined : day(to) };
  return { ...time, span: anchoredSpan(time.anchor, told), anchorMemoryId: event };
}

/** As a search ranks them. */
function ranked(query: string, found: Found, event?: Told): string[] {
  const time = timeOf(query, event);
  const analysis = { ...analyzeQuery(query, { participants: [], now: NOW, time }), time };
  const meant = candidatesOf(found).filter(({ valid }) => mayBeMeant(valid, time, NOW));
  return fuse(meant, analysis, { now: NOW }).map(({ candidate }) => candidate.memoryId);
}

// Cosines of the built-in model; keywords of windows that hold neighbouring messages.
const BEFORE_THE_MOVE: Found = {
  york: [0.7, 1],
  leeds: [0.31, 0.12],
  cello: [0.04, 1],
  nurse: [0.1, 0.55],
  dog: [-0.02, 0.5],
};
const IN_A_YEAR: Found = {
  york: [0.28, 0.95],
  leeds: [0.16, 1],
  cello: [-0.04, 0.98],
  library: [0.17, 0],
  nurse: [-0.01, 0],
};
const JOB: Found = {
  library: [0.35, 1],
  nurse: [0.16, 0],
  dog: [0.04, 0.9],
  leeds: [0.04, 0],
  vegetarian: [0.03, 0.6],
};

/** The move's own words, without what is asked of the time before it. */
const OF_THE_MOVE = new Map(Object.entries({ leeds: 0.35, nurse: 0.17, cello: 0.14 }));

describe("what answers a question about the past comes first", () => {
  test.each<[string, Found, Told | undefined, readonly Told[]]>([
    ["Where did I live before I moved to York?", BEFORE_THE_MOVE, "york", ["leeds"]],
    ["Where did I live until I moved to York?", BEFORE_THE_MOVE, "york", ["leeds"]],
    // It was told twice that she lives there.
    [
      "Where did I live before I moved to York?",
      { ...BEFORE_THE_MOVE, livesInYork: [0.55, 1] },
      "york",
      ["leeds"],
    ],
    // The last home before the homes before it.
    [
      "Where did I live before York?",
      { york: [0.62, 0.7], leeds: [0.33, 0.3], bath: [0.19, 0.75], restaurant: [0.37, 0.6] },
      "york",
      ["leeds", "bath"],
    ],
    [
      "Where did I live before Leeds?",
      { leeds: [0.73, 1], bath: [0.14, 1], mia: [0.01, 0] },
      "leeds",
      ["bath"],
    ],
    [
      "Where did I live after Leeds?",
      { leeds: [0.75, 1], york: [0.38, 0.1], bath: [0.15, 1], cello: [-0.13, 0.9] },
      "leeds",
      ["york"],
    ],
    // Nothing answers but the event itself.
    [
      "Where did I live after I moved to York?",
      { york: [0.71, 1], restaurant: [0.37, 0.5] },
      "york",
      ["york"],
    ],
    [
      "What restaurant did I like after I moved to York?",
      { york: [0.5, 1], restaurant: [0.6, 0.9], cello: [0.07, 0.5] },
      "york",
      ["restaurant", "york"],
    ],
    // What still is so answers too, whatever else has ended.
    [
      "Which instrument did I play before I moved to York?",
      { york: [0.46, 1], cello: [0.44, 0.9], nurse: [0.11, 0.95], leeds: [0.23, 0.35] },
      "york",
      ["cello"],
    ],
    [
      "Which car did I drive before I bought the Volvo?",
      { volvo: [0.69, 1], toyota: [0.39, 0.5], mia: [0.08, 0.95], leeds: [0.09, 0] },
      "volvo",
      ["toyota"],
    ],
    // It lasted beyond the border.
    [
      "Where did I work before I moved to York?",
      { york: [0.65, 1], nurse: [0.23, 0.45], leeds: [0.26, 0], dog: [-0.01, 0.95] },
      "york",
      ["nurse"],
    ],
    // It ended long before.
    [
      "Who was I with before I got married?",
      { wedding: [0.38, 1], mia: [0.15, 0], leeds: [0.02, 0] },
      "wedding",
      ["mia"],
    ],
    ["Where did I live in 2024?", IN_A_YEAR, undefined, ["leeds"]],
    ["Where did I live before June 2025?", IN_A_YEAR, undefined, ["leeds"]],
    // Both were so in it.
    [
      "Where did I live last year?",
      { york: [0.37, 0.9], leeds: [0.3, 1], library: [0.19, 0], cello: [-0.05, 0.98] },
      undefined,
      ["leeds", "york"],
    ],
    ["Where did I live before?", IN_A_YEAR, undefined, ["leeds"]],
    ["What was my job in 2024?", JOB, undefined, ["nurse"]],
    [
      "What car did I have in 2022?",
      { toyota: [0.32, 0], volvo: [0.4, 0.3], mia: [0.16, 0] },
      undefined,
      ["toyota"],
    ],
    // What began then, before what ended on that day.
    [
      "Which car did I buy in February 2024?",
      { toyota: [0.35, 0.6], volvo: [0.5, 1], nurse: [0.05, 0] },
      undefined,
      ["volvo"],
    ],
  ])("%s", (query, found, event, first) => {
    expect(ranked(query, found, event).slice(0, first.length)).toEqual(first);
  });

  test("so it does where no cosines are known", () => {
    const found: Found = { york: [0, 1], leeds: [0, 0.5], cello: [0, 0.5] };
    expect(ranked("Where did I live before I moved to York?", found, "york")[0]).toBe("leeds");
  });
});

const told = fc.subarray(Object.keys(LIFE) as Told[], { minLength: 1 });
const cosines = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
  minLength: Object.keys(LIFE).length,
  maxLength: Object.keys(LIFE).length,
});
const candidates = fc
  .tuple(told, cosines)
  .map(([ids, values]) => candidatesOf(Object.fromEntries(ids.map((id, i) => [id, [values[i] ?? 0, 0]]))));
const times = fc
  .constantFrom<[string, Told?]>(
    ["Where did I live before I moved to York?", "york"],
    ["Who did I know after I left Leeds?", "leeds"],
    ["What pet did I have when I lived in Leeds?", "leeds"],
    ["Where did I live in 2024?"],
    ["What did I do last spring?"],
    ["Where did I live before?"],
    ["What have I read since 2022?"],
  )
  .map(([query, event]) => ({ ...analyzeQuery(query, { participants: [] }), time: timeOf(query, event) }));

test("an end is lifted by what is asked, not by what the event's own words bring", () => {
  const time = timeOf("Where did I work before I moved to York?", "york");
  const query = { ...analyzeQuery("Where did I work before I moved to York?", { participants: [] }), time };
  const found = candidatesOf({ leeds: [0.26, 0], library: [0.23, 0], nurse: [0.23, 0] });
  const endedOf = (eventCosines?: ReadonlyMap<string, number>) =>
    timeParts(found, { ...query, time: { ...time, eventCosines } }, S1_WEIGHTS).map(({ ended }) => ended);
  expect(endedOf()[0]).toBeCloseTo(0.3);
  const [leeds, , nurse] = endedOf(OF_THE_MOVE);
  expect(leeds).toBeLessThan(0.05);
  expect(nurse).toBeCloseTo(0.3);
});

test("a part lies between nothing and its weight", () => {
  fc.assert(
    fc.property(candidates, times, (found, query) => {
      for (const { when, ended, outside } of timeParts(found, query, S1_WEIGHTS)) {
        expect(when).toBeGreaterThanOrEqual(0);
        expect(when).toBeLessThanOrEqual(S1_WEIGHTS.when);
        expect(ended).toBeGreaterThanOrEqual(0);
        expect(ended).toBeLessThanOrEqual(S1_WEIGHTS.ended);
        expect(outside).toBeLessThanOrEqual(0);
        expect(outside).toBeGreaterThanOrEqual(S1_WEIGHTS.outside);
      }
    }),
  );
});

test("what comes nearer to the query never loses a place by it", () => {
  fc.assert(
    fc.property(
      candidates,
      times,
      fc.nat(),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (found, query, pick, more) => {
        const target = found[pick % found.length] as Candidate;
        const lifted = found.map((one) => (one === target ? { ...one, cosine: one.cosine + more } : one));
        const placeOf = (list: readonly Candidate[]) =>
          fuse(list, query, { now: NOW }).findIndex(
            ({ candidate }) => candidate.memoryId === target.memoryId,
          );
        expect(placeOf(lifted)).toBeLessThanOrEqual(placeOf(found));
      },
    ),
  );
});

test("without a time there are none", () => {
  const query = analyzeQuery("Where do I live?", { participants: [] });
  expect(timeParts(candidatesOf(IN_A_YEAR), query, S1_WEIGHTS)).toEqual(
    Array(5).fill({ when: 0, ended: 0, outside: 0 }),
  );
});
