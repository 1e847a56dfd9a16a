import { randomUUID } from "node:crypto";
import { type Reply, replies } from "@mneme/models/testing/replies.ts";
import { type MemoryScope, Mneme } from "@mneme/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OwnStack, startOwnStack } from "../harness/own-stack.ts";
import { ScriptedModel } from "../harness/scripted-model.ts";

const TOLD = [
  "I keep bees on the roof of my house.",
  "I sell honey of my bees on Saturdays.",
  "I read a book about bees and roofs.",
];

let model: ScriptedModel;
let stack: OwnStack;
let mneme: Mneme;
let user: MemoryScope;
/** In the order of the recipe. */
let recipe: string[];

beforeAll(async () => {
  model = await ScriptedModel.start();
  stack = await startOwnStack("reranker", {
    MNEME_RERANKER: "cohere",
    MNEME_RERANKER_URL: model.origin,
    MNEME_RERANKER_MODEL: "scripted-reranker",
    MNEME_RERANKER_TIMEOUT_MS: "1000",
  });
  mneme = new Mneme({ url: stack.processes.api.url, apiKey: stack.tenant.apiKey });
  user = mneme.user("ada");
  for (const text of TOLD) await user.add(text, { name: "Ada", waitFor: "searchable" });
  recipe = (await find("bees on the roof", {})).texts;
}, 240_000);
afterAll(async () => {
  await mneme?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
  await model?.[Symbol.asyncDispose]();
}, 120_000);

async function find(query: string, ranking: object = { rerank: true }) {
  const result = await user.search(query, { ranking });
  return { ...result, texts: result.hits.map(({ memory }) => memory.text) };
}

/** A question that the reranker answers so. */
function asking(answer: (texts: readonly string[]) => Reply): string {
  const word = `q${randomUUID().replaceAll("-", "")}`;
  model.misbehave(word, () => answer(model.requests("rerank", word).at(-1)?.body.documents));
  return `bees on the roof ${word}`;
}

const upsideDown = (texts: readonly string[]) => replies.reranked(texts.map((_, index) => index + 1));

describe("a reranker", () => {
  it("orders anew, and says what it gave, what it moved and how long it took", async () => {
    const query = asking(upsideDown);
    const { texts, hits, degraded, timings } = await find(query);
    expect(texts).toEqual(recipe.toReversed());
    expect(hits.map(({ parts }) => parts.rerank)).toEqual([
      { score: 3, rankBefore: 3, rankAfter: 1, latencyMs: expect.any(Number) },
      { score: 2, rankBefore: 2, rankAfter: 2, latencyMs: expect.any(Number) },
      { score: 1, rankBefore: 1, rankAfter: 3, latencyMs: expect.any(Number) },
    ]);
    expect(hits[0]?.score).toBeGreaterThan(hits[1]?.score ?? 0);
    expect(degraded).toEqual([]);
    expect(timings.rerankMs).toBeGreaterThan(0);
    expect(hits[0]?.parts.rerank?.latencyMs).toBeGreaterThan(0);
    const [request] = model.requests("rerank", query);
    expect(request?.body).toMatchObject({ model: "scripted-reranker", query, documents: recipe });
  });

  it("orders contexts as well", async () => {
    const query = asking((texts) => replies.reranked(texts.map((text) => (text.includes("honey") ? 1 : 0))));
    const { citations, degraded } = await user.context(query, { ranking: { rerank: true }, tokenBudget: 50 });
    expect(degraded).toEqual([]);
    expect(model.requests("rerank", query)).toHaveLength(1);
    const cited = await Promise.all(citations.map(({ memoryId = "" }) => mneme.memories.get(memoryId)));
    expect(cited.map(({ text }) => text)).toContainEqual(expect.stringContaining("honey"));
  });

  it.each<[string, () => Reply]>([
    ["does not answer in time", replies.hang],
    ["stops in the middle", replies.hangInBody],
    ["answers what is no ranking", () => replies.json({ results: [{ index: 0, relevance_score: 1 }] })],
    ["answers no numbers", () => replies.json({ results: [] })],
    ["answers a web page", replies.html],
    ["fails", () => replies.status(500)],
    ["refuses our key", () => replies.status(401)],
    ["breaks the connection", replies.closeSocket],
  ])("that %s leaves the order as it was, and the answer says so", async (_, reply) => {
    const { texts, hits, degraded } = await find(asking(reply));
    expect(texts).toEqual(recipe);
    expect(degraded).toMatchObject([{ part: "reranker" }]);
    expect(hits.every(({ parts }) => parts.rerank === undefined)).toBe(true);
  });

  it("is asked by nobody who does not want it", async () => {
    const query = asking(upsideDown);
    for (const ranking of [{}, { rerank: false }]) {
      const { texts, timings } = await find(query, ranking);
      expect(texts).toEqual(recipe);
      expect(timings.rerankMs).toBe(0);
    }
    expect(model.requests("rerank", query)).toEqual([]);
  });

  it("is told nothing of what was deleted, also while the index still knows it", async () => {
    const other = mneme.user("ben");
    for (const text of TOLD) await other.add(text, { name: "Ben", waitFor: "searchable" });
    const gone = (await other.list().toArray()).find(({ text }) => text.includes("honey"));
    await mneme.memories.delete(gone?.id ?? "");
    const query = asking(upsideDown);
    await other.search(query, { ranking: { rerank: true } });
    const [request] = model.requests("rerank", query);
    expect(request?.body.documents).toHaveLength(2);
    expect(JSON.stringify(request?.body)).not.toContain("honey");
  });

  it("is what the project sets, where a request does not say", async () => {
    await mneme.tenant.update({ settings: { ranking: { rerank: true, rerankCandidates: 2 } } });
    const query = asking(upsideDown);
    await expect
      .poll(async () => (await find(query, {})).timings.rerankMs, { timeout: 10_000 })
      .toBeGreaterThan(0);
    // As many as are wanted, though two are set.
    expect((await user.search(query, { limit: 2 })).hits.map(({ memory }) => memory.text)).toEqual(
      recipe.slice(0, 2).toReversed(),
    );
    expect((await find(query, { rerank: false })).timings.rerankMs).toBe(0);
    await mneme.tenant.update({ settings: { ranking: null } });
  });

  it("has its calls and tokens counted", async () => {
    const counted = async () => {
      const { rows } = await stack.record.admin.query<{ calls: string; tokens: string }>(
        `select calls, input_tokens as tokens from mneme.model_calls
         where purpose = 'rerank' and model = 'scripted-reranker'`,
      );
      return { calls: Number(rows[0]?.calls ?? 0), tokens: Number(rows[0]?.tokens ?? 0) };
    };
    const before = await counted();
    await find(asking(upsideDown));
    await expect.poll(async () => (await counted()).calls, { timeout: 20_000 }).toBeGreaterThan(before.calls);
    expect((await counted()).tokens).toBeGreaterThan(before.tokens);
  });
});
