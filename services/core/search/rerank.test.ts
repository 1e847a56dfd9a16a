import { describe, expect, test } from "vitest";
import { MnemeError } from "../errors.ts";
import type { Reranking } from "./rerank.ts";
import type { Reranker } from "./reranker.ts";
import { searchMemories } from "./search-memories.ts";
import { candidateOf, commandOf, depsOf, memoryOf, TENANCY, type World, worldOf } from "./search-testing.ts";

const TEXTS = { a: "Ada keeps bees.", b: "Ada sails.", c: "Ada lives in Lisbon." };
const BEST_LAST = { "Ada keeps bees.": 0.1, "Ada sails.": 0.2, "Ada lives in Lisbon.": 0.9 };

interface Asked {
  readonly query: string;
  readonly texts: readonly string[];
}

/** A reranker that scores by a table, and what it was asked. */
function scoring(table: Readonly<Record<string, number>>, members: Partial<Reranking> = {}) {
  const asked: Asked[] = [];
  const reranker: Reranker = {
    model: "test",
    rerank: async (query, texts, options) => {
      asked.push({ query, texts });
      options?.onTokens?.({ input: 11, cachedInput: 0, output: 0 });
      return texts.map((text) => table[text] ?? 0);
    },
  };
  return { asked, reranking: { reranker, timeoutMs: 10_000, candidates: 50, ...members } };
}

async function search(world: World, reranking?: Reranking, ranking: object = { rerank: true }) {
  const command = commandOf("Where does Ada live?", { ranking });
  const result = await searchMemories({ ...depsOf(world), reranking }, TENANCY, command);
  return { ...result, ids: result.hits.map(({ memory }) => memory.id) };
}

test("orders the best anew, and shows score, places and time", async () => {
  const { asked, reranking } = scoring(BEST_LAST);
  const { ids, hits, degraded, timings } = await search(worldOf(TEXTS), reranking);
  expect(asked).toEqual([{ query: "Where does Ada live?", texts: Object.values(TEXTS) }]);
  expect(ids).toEqual(["c", "b", "a"]);
  const latencyMs = hits[0]?.parts.rerank?.latencyMs ?? 0;
  expect(latencyMs).toBeGreaterThan(0);
  expect(latencyMs).toBeLessThanOrEqual(timings.rerank + 1);
  expect(hits.map(({ parts }) => parts.rerank)).toEqual([
    { score: 0.9, before: 3, after: 1, latencyMs },
    { score: 0.2, before: 2, after: 2, latencyMs },
    { score: 0.1, before: 1, after: 3, latencyMs },
  ]);
  expect(hits[0]?.parts.fused).toBeLessThan(hits[2]?.parts.fused ?? 0);
  expect(degraded).toEqual([]);
  expect(timings.rerank).toBeGreaterThan(0);
});

test("a memory's worth still counts: the factors weigh the reranker's score", async () => {
  const world = worldOf(TEXTS, {
    candidates: [candidateOf("a", 0.9), candidateOf("b", 0.8, { importance: 0 }), candidateOf("c", 0.7)],
  });
  const { reranking } = scoring({ "Ada keeps bees.": 0.5, "Ada sails.": 0.51, "Ada lives in Lisbon.": -2 });
  const { ids, hits } = await search(world, reranking);
  expect(ids).toEqual(["a", "b", "c"]);
  expect(hits[1]?.score).toBeCloseTo(0.51 * 0.85, 10);
  expect(hits[2]?.score).toBe(-2);
});

describe("is not asked", () => {
  test.each([
    ["where nobody wants it", {}],
    ["where the request does not", { rerank: false }],
  ])("%s", async (_, ranking) => {
    const { asked, reranking } = scoring(BEST_LAST);
    const world = worldOf(TEXTS, { settings: { ranking: { rerank: "rerank" in ranking } } });
    const { ids, hits, timings, degraded } = await search(world, reranking, ranking);
    expect(asked).toEqual([]);
    expect(ids).toEqual(["a", "b", "c"]);
    expect(hits[0]?.parts.rerank).toBeUndefined();
    expect(timings.rerank).toBe(0);
    expect(degraded).toEqual([]);
  });

  test("about what the record does not show", async () => {
    const world = worldOf(TEXTS);
    const { asked, reranking } = scoring(BEST_LAST);
    await search({ ...world, memories: world.memories.slice(1) }, reranking);
    expect(asked.map(({ texts }) => texts)).toEqual([["Ada sails.", "Ada lives in Lisbon."]]);
    await search({ ...world, memories: world.memories.slice(2) }, reranking);
    expect(asked).toHaveLength(1);
  });

  test("where the deployment has none, and that is said", async () => {
    const { ids, degraded } = await search(worldOf(TEXTS));
    expect(ids).toEqual(["a", "b", "c"]);
    expect(degraded).toEqual([{ part: "reranker", effect: "ranked without it: this deployment has none" }]);
  });
});

describe("reads as many as are set", () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`m${i}`, `Ada has hobby ${i}.`]));
  const last = { "Ada has hobby 11.": 1, "Ada has hobby 12.": 2 };

  test.each([
    ["the deployment's number", {}, 12],
    ["the project's or the request's", { rerankCandidates: 13 }, 13],
    ["never fewer than are wanted", { rerankCandidates: 2 }, 10],
  ])("%s", async (_, ranking, expected) => {
    const { asked, reranking } = scoring(last, { candidates: 12 });
    const { ids } = await search(worldOf(many), reranking, { rerank: true, ...ranking });
    expect(asked[0]?.texts).toHaveLength(expected);
    expect(ids[0]).toBe({ 12: "m11", 13: "m12", 10: "m0" }[expected]);
  });
});

test("a memory that is deleted while it is read is not shown", async () => {
  const world = worldOf(TEXTS);
  const { reranking } = scoring(BEST_LAST);
  const reranker: Reranker = {
    model: "test",
    rerank: async (query, texts) => {
      world.memories = world.memories.filter(({ id }) => id !== "c");
      return reranking.reranker.rerank(query, texts);
    },
  };
  const { ids, leftOut } = await search(world, { ...reranking, reranker });
  expect(ids).toEqual(["b", "a"]);
  expect(leftOut).toMatchObject([{ memoryId: "c", reason: "not_current" }]);
});

test("what is too unlike the query is not read, and stands among what was left out", async () => {
  const world = worldOf(TEXTS);
  const { asked, reranking } = scoring(BEST_LAST);
  const command = commandOf("q", { ranking: { rerank: true }, minSimilarity: 0.885 });
  const { leftOut } = await searchMemories({ ...depsOf(world), reranking }, TENANCY, command);
  expect(asked[0]?.texts).toEqual(["Ada keeps bees.", "Ada sails."]);
  expect(leftOut).toMatchObject([{ memoryId: "c", reason: "similarity" }]);
});

test("reads also what is found without the index", async () => {
  const down = new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", "down");
  const { reranking } = scoring(BEST_LAST);
  const { ids, degraded } = await search(
    worldOf(TEXTS, {
      candidates: down,
      recent: Object.entries(TEXTS).map(([id, text]) => memoryOf(id, text)),
    }),
    reranking,
  );
  expect(ids).toEqual(["c", "b", "a"]);
  expect(degraded.map(({ part }) => part)).toEqual(["index"]);
});

describe("falls back to the order that was, and says so", () => {
  const failing = (rerank: Reranker["rerank"], timeoutMs = 10_000): Reranking => ({
    reranker: { model: "test", rerank },
    timeoutMs,
    candidates: 50,
  });
  const untilAborted = (signal: AbortSignal | undefined) =>
    new Promise<never>((_, reject) =>
      signal?.addEventListener("abort", () =>
        reject(new MnemeError("deadline_exceeded", "MODEL_TIMEOUT", "late")),
      ),
    );

  test("where it does not answer in time", async () => {
    const late = failing((_, __, options) => untilAborted(options?.signal), 20);
    const { ids, hits, degraded } = await search(worldOf(TEXTS), late);
    expect(ids).toEqual(["a", "b", "c"]);
    expect(hits[0]?.parts.rerank).toBeUndefined();
    expect(degraded).toEqual([{ part: "reranker", effect: "ranked without it: it did not answer in time" }]);
  });

  test("before the call's own time is over", async () => {
    const late = failing((_, __, options) => untilAborted(options?.signal), 60_000);
    const command = commandOf("q", { ranking: { rerank: true }, deadline: new Date(Date.now() + 200) });
    const { degraded } = await searchMemories(
      { ...depsOf(worldOf(TEXTS)), reranking: late },
      TENANCY,
      command,
    );
    expect(degraded.map(({ part }) => part)).toEqual(["reranker"]);
  });

  test.each(["MODEL_OUTPUT_INVALID", "MODEL_CREDENTIALS_REFUSED", "DEPENDENCY_UNAVAILABLE"] as const)(
    "where it fails with %s",
    async (reason) => {
      const failed = failing(async () => Promise.reject(new MnemeError("unavailable", reason, "no")));
      const { ids, degraded } = await search(worldOf(TEXTS), failed);
      expect(ids).toEqual(["a", "b", "c"]);
      expect(degraded).toEqual([{ part: "reranker", effect: "ranked without it: it failed" }]);
    },
  );

  test("but not where the caller has gone, or the fault is ours", async () => {
    const stop = new AbortController();
    const gone = failing((_, __, options) => {
      stop.abort();
      return options?.signal?.aborted
        ? Promise.reject(new MnemeError("cancelled", "DEPENDENCY_UNAVAILABLE", "gone"))
        : Promise.resolve([]);
    });
    const command = commandOf("q", { ranking: { rerank: true } });
    const deps = depsOf(worldOf(TEXTS));
    const call = searchMemories({ ...deps, reranking: gone }, TENANCY, command, stop.signal);
    await expect(call).rejects.toMatchObject({ kind: "cancelled" });
    const ours = failing(() => Promise.reject(new TypeError("a bug")));
    await expect(search(worldOf(TEXTS), ours)).rejects.toThrow("a bug");
  });
});

test("what it takes is counted for the project and the key that asked", async () => {
  const told: unknown[] = [];
  const { reranking } = scoring(BEST_LAST, { spending: { note: (...call) => told.push(call) } });
  const tenancy = { ...TENANCY, apiKeyId: "second", firstKeyId: "first" };
  const command = commandOf("q", { ranking: { rerank: true } });
  await searchMemories({ ...depsOf(worldOf(TEXTS)), reranking }, tenancy, command);
  const shares = [{ projectId: "p", apiKeyId: "first", text: "q" }];
  expect(told).toEqual([
    [
      { tenantId: "t", model: "test", purpose: "rerank", shares },
      { input: 11, cachedInput: 0, output: 0 },
    ],
  ]);
});
