import { randomUUID } from "node:crypto";
import { analyzeQuery } from "@mneme/core/search/analyze-query.ts";
import { fuse } from "@mneme/core/search/fuse.ts";
import type { IndexGeneration } from "@mneme/core/search/memory-index.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeCard } from "./card.ts";
import { createIndexClient } from "./client.ts";
import { documentId, documentJson } from "./document.ts";
import { createGenerations, currentOf } from "./generation.ts";
import { createMemoryIndex } from "./index.ts";
import { candidateQuery, DIMENSION, memory, openPool, type Pool, unitVector } from "./index-testing.ts";

let pool: Pool;
beforeAll(async () => {
  pool = await openPool();
});
afterAll(() => pool?.[Symbol.asyncDispose]());

async function found(query: ReturnType<typeof candidateQuery>) {
  const { candidates } = await pool.index.candidates(query);
  return candidates;
}

describe("writing", () => {
  it("finds what was written, with everything fusion needs", async () => {
    const tenantId = randomUUID();
    const written = memory({
      tenantId,
      vector: unitVector(0.3),
      kind: "episodic",
      origin: "inferred",
      confidence: 0.83,
      importance: 0.25,
      speaker: "zoë",
      role: "assistant",
      isQuestion: true,
      hasTime: true,
    });
    expect(await pool.index.write([written])).toEqual([]);
    await pool.index.refresh();
    const { candidates, tookMs } = await pool.index.candidates(candidateQuery(tenantId));
    expect(candidates).toEqual([
      {
        memoryId: written.memoryId,
        version: 1,
        cosine: expect.closeTo(Math.cos(0.3), 5),
        bm25: 0,
        entity: 0,
        rare: [],
        kind: "episodic",
        origin: "inferred",
        confidence: 0.83,
        importance: 0.25,
        speaker: "zoë",
        role: "assistant",
        isQuestion: true,
        hasTime: true,
        hasWindow: written.window !== written.text,
        saidAt: written.saidAt,
      },
    ]);
    expect(tookMs).toBeGreaterThanOrEqual(0);
  });

  it("ignores a replay and an older revision, and takes a newer one", async () => {
    const tenantId = randomUUID();
    const first = memory({ tenantId, revision: 5, importance: 0.5 });
    expect(await pool.index.write([first])).toEqual([]);
    expect(await pool.index.write([{ ...first, importance: 0.1 }])).toEqual([]);
    expect(await pool.index.write([{ ...first, revision: 4, importance: 0.2 }])).toEqual([]);
    await pool.index.refresh();
    expect(await found(candidateQuery(tenantId))).toMatchObject([{ importance: 0.5 }]);
    expect(await pool.index.write([{ ...first, revision: 6, importance: 0.9 }])).toEqual([]);
    await pool.index.refresh();
    expect(await found(candidateQuery(tenantId))).toMatchObject([{ importance: 0.9 }]);
    expect(await pool.index.count({ tenantId })).toMatchObject([{ generation: 1, documents: 1 }]);
  });

  it("keeps one document a version", async () => {
    const tenantId = randomUUID();
    const first = memory({ tenantId });
    await pool.index.write([first, { ...first, version: 2 }]);
    await pool.index.refresh();
    expect((await found(candidateQuery(tenantId))).map((each) => each.version).sort()).toEqual([1, 2]);
  });

  it("names a vector of another dimension as a permanent failure and writes the rest", async () => {
    const tenantId = randomUUID();
    const good = memory({ tenantId });
    const bad = memory({ tenantId, vector: new Float32Array(DIMENSION + 1).fill(0.1) });
    expect(await pool.index.write([bad, good])).toEqual([
      { memoryId: bad.memoryId, version: 1, type: "embedding_model_mismatch", retryable: false },
    ]);
    await pool.index.refresh();
    expect(await found(candidateQuery(tenantId))).toMatchObject([{ memoryId: good.memoryId }]);
  });

  it("names what the engine's mapping refuses as a permanent failure, without its words", async () => {
    const tenantId = randomUUID();
    const bad = memory({ tenantId, category: "x".repeat(40_000) });
    const [failure] = await pool.index.write([bad]);
    expect(failure).toEqual({
      memoryId: bad.memoryId,
      version: 1,
      type: "illegal_argument_exception",
      retryable: false,
    });
  });
});

describe("searching", () => {
  it("finds a small tenant's memories among many that lie nearer", async () => {
    const [large, small] = [randomUUID(), randomUUID()];
    await pool.index.write(
      Array.from({ length: 3_000 }, (_, i) => memory({ tenantId: large, vector: unitVector(i / 1e5) })),
    );
    const few = Array.from({ length: 7 }, (_, i) =>
      memory({ tenantId: small, vector: unitVector(1 + i / 10) }),
    );
    await pool.index.write(few);
    await pool.index.refresh();
    const hits = await found(candidateQuery(small, { pool: 10 }));
    expect(new Set(hits.map((each) => each.memoryId))).toEqual(new Set(few.map((each) => each.memoryId)));
  });

  it("joins the arms and gives keyword and entity hits their exact cosine", async () => {
    const tenantId = randomUUID();
    const near = Array.from({ length: 5 }, (_, i) => memory({ tenantId, vector: unitVector(0.01 * i) }));
    const worded = memory({ tenantId, vector: unitVector(2), window: "The violins were tuned twice" });
    const named = memory({ tenantId, vector: unitVector(1.5), entities: ["tel aviv", "noa"] });
    await pool.index.write([...near, worded, named]);
    await pool.index.refresh();
    const hits = await found(
      candidateQuery(tenantId, { pool: 5, keywords: "violin tuning", entities: ["noa", "tel aviv", "x"] }),
    );
    expect(hits).toHaveLength(7);
    const byWord = hits.find((each) => each.memoryId === worded.memoryId);
    expect(byWord?.bm25).toBeGreaterThan(0);
    expect(Math.abs((byWord?.cosine ?? 0) - Math.cos(2))).toBeLessThan(0.005);
    const byName = hits.find((each) => each.memoryId === named.memoryId);
    expect(byName).toMatchObject({ bm25: 0, entity: 2 });
    expect(Math.abs((byName?.cosine ?? 0) - Math.cos(1.5))).toBeLessThan(0.005);
  });

  it("goes without the arms that are not asked for", async () => {
    const tenantId = randomUUID();
    const written = memory({ tenantId });
    await pool.index.write([written]);
    await pool.index.refresh();
    const worded = await found(candidateQuery(tenantId, { vector: undefined, keywords: "bees" }));
    expect(worded).toMatchObject([{ memoryId: written.memoryId, cosine: 0 }]);
    expect(await found(candidateQuery(tenantId, { vector: undefined }))).toEqual([]);
  });

  it("gives the newest by when they were said last, inside the filter", async () => {
    const tenantId = randomUUID();
    const at = (day: number) => new Date(Date.UTC(2026, 2, day));
    const early = memory({ tenantId, saidAt: at(1) });
    const again = memory({ tenantId, saidAt: at(2), saidAgainAt: [at(9), at(4)] });
    const late = memory({ tenantId, saidAt: at(7), kind: "episodic" });
    const ended = memory({ tenantId, saidAt: at(8), validTo: at(8) });
    await pool.index.write([early, again, late, ended, memory({ tenantId: randomUUID(), saidAt: at(10) })]);
    await pool.index.refresh();
    const newest = async (count: number, filter = {}) =>
      (await found(candidateQuery(tenantId, { vector: undefined, newest: count }, filter))).map(
        ({ memoryId, lastSaidAt }) => [memoryId, lastSaidAt],
      );
    expect(await newest(2)).toEqual([
      [again.memoryId, at(9)],
      [late.memoryId, at(7)],
    ]);
    expect(await newest(5)).toHaveLength(3);
    expect(await newest(5, { kinds: ["episodic"] })).toEqual([[late.memoryId, at(7)]]);
  });

  it("searches the text instead of the window when asked", async () => {
    const tenantId = randomUUID();
    const written = memory({ tenantId, text: "She sails.", window: "Where is she? She sails." });
    const other = memory({ tenantId, text: "Where is she?", window: "Where is she? She sails." });
    await pool.index.write([written, other]);
    await pool.index.refresh();
    const hits = await found(candidateQuery(tenantId, { keywords: "sailing", keywordField: "text" }));
    expect(hits.filter((each) => each.bm25 > 0)).toMatchObject([{ memoryId: written.memoryId }]);
    const wide = await found(candidateQuery(tenantId, { keywords: "sailing" }));
    expect(wide.filter((each) => each.bm25 > 0)).toHaveLength(2);
  });

  it("tells who holds a rare word from those around it, though it lies outside the other arms", async () => {
    const tenantId = randomUUID();
    const around = Array.from({ length: 5 }, () =>
      memory({
        tenantId,
        vector: unitVector(0.9),
        text: "It went out.",
        window: "K-100095 went out. K-100095.",
      }),
    );
    const holder = memory({
      tenantId,
      text: "Parcel K-100095 went out in May, with much else of which we say much.",
      window: `K-100095 ${"much else ".repeat(40)}`,
      vector: unitVector(1.5),
    });
    const part = memory({ tenantId, text: "100095 is a number.", vector: unitVector(1.5) });
    await pool.index.write([...around, holder, part]);
    await pool.index.refresh();
    const query = analyzeQuery("What became of k-100095?", { participants: [] });
    const { keywords, rare } = query;
    const hits = await found(candidateQuery(tenantId, { keywords, rare, pool: 4 }));
    const [first, ...others] = fuse(hits, query, { now: new Date() });
    expect(first?.candidate).toMatchObject({ memoryId: holder.memoryId, rare: ["k-100095"] });
    expect(first?.candidate.cosine).toBeCloseTo(Math.cos(1.5), 2);
    expect(others.flatMap(({ candidate }) => candidate.rare)).toEqual([]);
    const without = fuse(await found(candidateQuery(tenantId, { keywords, pool: 4 })), query, {
      now: new Date(),
    });
    expect(without[0]?.candidate.memoryId).not.toBe(holder.memoryId);
  });

  it("treats query words as words, whatever signs they hold", async () => {
    const tenantId = randomUUID();
    await pool.index.write([memory({ tenantId })]);
    await pool.index.refresh();
    const hits = await found(
      candidateQuery(tenantId, {
        keywords: '* AND roof~9 window:/.*/ {"match_all":{}}\n"',
        entities: ["*"],
        rare: ['*"', "-"],
      }),
    );
    expect(hits).toMatchObject([{ entity: 0, bm25: expect.any(Number) }]);
    const many = Array.from({ length: 3_000 }, (_, i) => `word${i}`).join(" ");
    expect(await found(candidateQuery(tenantId, { keywords: many }))).toHaveLength(1);
  });

  it("finds each vector's neighbours, best first", async () => {
    const tenantId = randomUUID();
    const ring = Array.from({ length: 6 }, (_, i) => memory({ tenantId, vector: unitVector(i) }));
    await pool.index.write(ring);
    await pool.index.refresh();
    const { filter } = candidateQuery(tenantId);
    const lists = await pool.index.nearest([2.1, 4].map((at) => ({ filter, vector: unitVector(at), k: 2 })));
    expect(lists.map((list) => list.map((each) => each.memoryId))).toEqual([
      [ring[2]?.memoryId, ring[3]?.memoryId],
      [ring[4]?.memoryId, expect.any(String)],
    ]);
    expect(lists[0]?.[0]?.cosine).toBeCloseTo(Math.cos(0.1), 5);
    expect(await pool.index.nearest([])).toEqual([]);
  });
});

describe("documents of another layout", () => {
  it("are left out, and it is said: in the answer each time, to the process once", async () => {
    const tenantId = randomUUID();
    let told = 0;
    const index = createMemoryIndex({
      client: pool.client,
      generations: pool.generations,
      model: pool.model.model,
      onUnreadable: () => {
        told += 1;
      },
    });
    const readable = memory({ tenantId });
    const older = memory({ tenantId });
    await index.write([readable, older]);
    await index.refresh();
    expect(await index.candidates(candidateQuery(tenantId))).toMatchObject({ hasUnreadable: false });
    const card = encodeCard(older);
    card.writeUInt8(1, 0);
    const { index: name } = currentOf(await pool.generations.list()) as IndexGeneration;
    const written = await pool.client.send({
      method: "PUT",
      path: `/${name}/_doc/${documentId(tenantId, older.memoryId, 1)}`,
      query: { routing: tenantId, refresh: "true" },
      body: { ...JSON.parse(documentJson(older)), card: card.toString("base64") },
    });
    expect(written.status).toBe(200);
    const query = candidateQuery(tenantId, { keywords: "bees" });
    for (const asked of [query, { ...query, vector: undefined }]) {
      const { candidates, hasUnreadable } = await index.candidates(asked);
      expect(candidates.map(({ memoryId }) => memoryId)).toEqual([readable.memoryId]);
      expect(hasUnreadable).toBe(true);
    }
    expect(await index.nearest([{ filter: query.filter, vector: unitVector(0), k: 2 }])).toHaveLength(1);
    expect(told).toBe(1);
  });
});

describe("when there is nothing or nobody to answer", () => {
  it("finds nothing for a tenant that has never written", async () => {
    expect(await found(candidateQuery(randomUUID()))).toEqual([]);
    const { filter } = candidateQuery(randomUUID());
    expect(await pool.index.nearest([{ filter, vector: unitVector(0), k: 2 }])).toEqual([[]]);
  });

  it("is unavailable without any generation, or without an engine", async () => {
    const generations = createGenerations({ client: pool.client, pool: "testneverbuilt" });
    const empty = createMemoryIndex({ client: pool.client, generations, model: "m" });
    const unavailable = { kind: "unavailable", reason: "DEPENDENCY_UNAVAILABLE" };
    await expect(empty.candidates(candidateQuery(randomUUID()))).rejects.toMatchObject(unavailable);
    await expect(empty.write([memory({ tenantId: randomUUID() })])).rejects.toMatchObject(unavailable);
    expect(await empty.health()).toEqual({ status: "red", generations: [] });

    await using client = createIndexClient({ node: "http://127.0.0.1:9", retries: 0 });
    const nobody = createMemoryIndex({ client, generations: createGenerations({ client }), model: "m" });
    await expect(nobody.candidates(candidateQuery(randomUUID()))).rejects.toMatchObject(unavailable);
  });

  it("stops when the caller does", async () => {
    const gone = AbortSignal.abort();
    await expect(pool.index.candidates(candidateQuery(randomUUID()), gone)).rejects.toMatchObject({
      kind: "cancelled",
    });
    const leaving = new AbortController();
    const search = pool.index.candidates(candidateQuery(randomUUID()), leaving.signal);
    leaving.abort();
    await expect(search).rejects.toMatchObject({ kind: "cancelled" });
  });

  it("refuses a query vector of another dimension as a mismatch of models", async () => {
    const tenantId = randomUUID();
    await pool.index.write([memory({ tenantId })]);
    const query = candidateQuery(tenantId, { vector: new Float32Array(3).fill(0.5) });
    await expect(pool.index.candidates(query)).rejects.toMatchObject({
      reason: "EMBEDDING_DIMENSION_MISMATCH",
    });
  });

  it("reports its health", async () => {
    const health = await pool.index.health();
    expect(health.status).toMatch(/green|yellow/);
    expect(health.generations).toMatchObject([{ generation: 1, state: "current", dimension: DIMENSION }]);
  });
});
