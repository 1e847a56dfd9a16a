import { describe, expect, test } from "vitest";
import type { Rating } from "../feedback/feedback.ts";
import type { Opinions } from "../feedback/feedback-factor.ts";
import { searchMemories } from "./search-memories.ts";
import { candidateOf, commandOf, depsOf, TENANCY, type World, worldOf } from "./search-testing.ts";

const TEXTS = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`m${i}`, `Ada has hobby ${i}.`]));

const said = (rating: Rating): Opinions => ({
  own: { rating, weight: 1 },
  application: undefined,
  others: { positive: 0, negative: 0, very_negative: 0 },
});
const worldWhere = (opinions: Record<string, Rating>, members: Partial<World> = {}) =>
  worldOf(TEXTS, {
    opinions: new Map(Object.entries(opinions).map(([id, rating]) => [id, said(rating)])),
    candidates: Object.keys(TEXTS).map((id, place) => candidateOf(id, 0.9 - place / 400)),
    ...members,
  });
const search = async (world: World, members: Parameters<typeof commandOf>[1] = { limit: 5 }) => {
  const result = await searchMemories(depsOf(world), TENANCY, commandOf("hobbies", members));
  return { ...result, ids: result.hits.map(({ memory }) => memory.id) };
};

describe("what was said of a memory", () => {
  test("moves it, and shows among the factors", async () => {
    const { ids, hits } = await search(worldWhere({ m0: "very_negative", m3: "positive" }));
    expect(ids).toEqual(["m3", "m1", "m2", "m4", "m5"]);
    expect(hits[0]?.parts.factors.feedback).toBeCloseTo(1.2, 12);
    expect(hits[1]?.parts.factors.feedback).toBe(1);
  });

  test("lifts one that would not have been read without it, and no other is read for that", async () => {
    const world = worldWhere({ m20: "positive" });
    const { ids } = await search(world);
    expect(ids).toEqual(["m20", "m0", "m1", "m2", "m3"]);
    const [ahead, ...later] = world.asked.hydrated;
    expect(ahead).toHaveLength(11);
    expect(later).toEqual([["m20"]]);
  });

  test("costs no second read where it moves nothing out of what was read ahead", async () => {
    const world = worldWhere({ m0: "negative" });
    const { ids } = await search(world);
    expect(ids).toEqual(["m1", "m2", "m3", "m4", "m5"]);
    expect(world.asked.hydrated).toHaveLength(1);
    expect(world.asked.opinions).toHaveLength(1);
  });

  test("is not asked for where nothing is said in the whole project, and changes no score", async () => {
    const world = worldWhere({});
    const { hits } = await search(world);
    expect(world.asked.opinions).toEqual([]);
    const { hits: neutral } = await search(worldWhere({ m29: "very_negative" }), { limit: 3 });
    expect(neutral.map(({ score }) => score)).toEqual(hits.slice(0, 3).map(({ score }) => score));
  });

  test("counts for min_score", async () => {
    const world = worldWhere({ m0: "very_negative" });
    const { hits } = await search(world, { limit: 1 });
    const minScore = hits[0]?.score ?? 0;
    const { leftOut } = await search(worldWhere({ m0: "very_negative" }), { limit: 5, minScore });
    expect(leftOut.find(({ memoryId }) => memoryId === "m0")?.reason).toBe("score");
  });

  test("weighs a reranker's score as well, and is read before that", async () => {
    const world = worldWhere({ m1: "very_negative" });
    const rerank = async (_: string, texts: readonly string[]) => texts.map((_text, i) => 1 - i / 100);
    const reranking = { reranker: { model: "test", rerank }, timeoutMs: 10_000, candidates: 50 };
    const command = commandOf("hobbies", { limit: 3, ranking: { rerank: true } });
    const { hits } = await searchMemories({ ...depsOf(world), reranking }, TENANCY, command);
    expect(hits.map(({ memory }) => memory.id)).toEqual(["m0", "m2", "m3"]);
  });
});
