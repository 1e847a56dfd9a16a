import { describe, expect, it } from "vitest";
import { searchMemories } from "./search-memories.ts";
import type { SearchCommand } from "./search-request.ts";
import { candidateOf, commandOf, depsOf, memoryOf, TENANCY, worldOf } from "./search-testing.ts";

const THEN = { knownAt: new Date("2026-03-02T00:00:00Z") };
const bees = memoryOf("bees", "Ada keeps bees.");
const tea = memoryOf("tea", "Ada drinks tea.", { kind: "episodic" });
const archived = [
  { memory: bees, vector: new Float32Array([1, 0]) },
  { memory: tea, vector: new Float32Array([0, 1]) },
];

async function search(
  more: Partial<SearchCommand> = THEN,
  world: Partial<Parameters<typeof worldOf>[1]> = {},
) {
  const deps = depsOf(worldOf({}, { memories: [bees, tea], archived, ...world }));
  const { hits, degraded } = await searchMemories(deps, TENANCY, commandOf("Does Ada keep bees?", more));
  return { found: hits.map(({ memory }) => memory.id), hits, degraded };
}

describe("what was archived since the time that is asked for", () => {
  it("is found by its vector and by words, and not by a search of today", async () => {
    const { found, hits } = await search();
    expect(found).toEqual(["bees"]);
    expect(hits[0]?.parts).toMatchObject({ similarity: 1, bm25: expect.closeTo(1, 0) });
    expect((await search({})).found).toEqual([]);
  });

  it.each([
    ["knn", { similarity: 1, bm25: 0 }],
    ["bm25", { similarity: 0, bm25: expect.any(Number) }],
  ] as const)("is compared as the recipe %s compares", async (recipe, parts) => {
    const { found, hits } = await search({ ...THEN, ranking: { recipe } });
    expect(found).toEqual(["bees"]);
    expect(hits[0]?.parts).toMatchObject(parts);
  });

  it("stands once where the index has not dropped it yet", async () => {
    expect((await search(THEN, { candidates: [candidateOf("bees", 0.8)] })).found).toEqual(["bees"]);
  });

  it("passes the search's filter", async () => {
    expect((await search({ ...THEN, filter: { kinds: ["episodic"] } })).found).toEqual([]);
  });

  it("is of the model of the query's vector, or found by words alone", async () => {
    const memory = { ...bees, embeddingModel: "other" };
    const { hits } = await search(THEN, { archived: [{ memory, vector: new Float32Array([1, 0]) }] });
    expect(hits[0]?.parts.similarity).toBe(0);
  });

  it("says so where there may be more than were looked through", async () => {
    expect((await search()).degraded).toEqual([]);
    const { degraded } = await search(THEN, { archived: Array(500).fill(archived[1]) });
    expect(degraded).toEqual([{ part: "archive", effect: expect.stringContaining("newest 500") }]);
  });
});
