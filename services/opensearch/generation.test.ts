import { randomUUID } from "node:crypto";
import type { IndexedMemory, IndexGeneration } from "@mneme/core/search/memory-index.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGenerations, currentOf } from "./generation.ts";
import { createMemoryIndex } from "./index.ts";
import {
  candidateQuery,
  DIMENSION,
  memory,
  openPool,
  type Pool,
  rebrand,
  unitVector,
} from "./index-testing.ts";
import { SCHEMA_VERSION } from "./template.ts";

let pool: Pool;
beforeAll(async () => {
  pool = await openPool();
});
afterAll(() => pool?.[Symbol.asyncDispose]());

/** As another process would see the same pool: with memories of its own. */
function otherProcess({ model } = pool.model) {
  const generations = createGenerations({ client: pool.client, pool: pool.generations.pool, cacheMs: 200 });
  return createMemoryIndex({ client: pool.client, generations, model });
}

describe("generations", () => {
  it("are found again by every process, and made once", async () => {
    const other = createGenerations({ client: pool.client, pool: pool.generations.pool });
    const both = await Promise.all([other.ensure(pool.model), pool.generations.ensure(pool.model)]);
    expect(both.map((each) => each.generation)).toEqual([1, 1]);
    expect(await other.list()).toMatchObject([
      { generation: 1, state: "current", ...pool.model, schema: expect.any(Number) },
    ]);
  });

  it("are built, promoted and retired under writes and searches that miss nothing", async () => {
    const writer = otherProcess();
    const tenants = Array.from({ length: 3 }, () => randomUUID());
    /** What PostgreSQL would hold: committed before it is written to the index. */
    const record: IndexedMemory[] = [];
    /** What has been made searchable: no search may miss any of it from then on. */
    const searchable = new Map<string, Set<string>>();
    const add = async (index: typeof writer, count: number, tenantId: string) => {
      const added = Array.from({ length: count }, () =>
        memory({ tenantId, vector: unitVector(Math.random()) }),
      );
      record.push(...added);
      expect(await index.write(added)).toEqual([]);
      await index.refresh();
      const known = searchable.get(tenantId) ?? new Set();
      searchable.set(tenantId, known);
      for (const each of added) known.add(each.memoryId);
    };
    for (const tenantId of tenants) await add(writer, 60, tenantId);

    let done = false;
    const counts = { searches: 0, writes: 0, tenants: 0 };
    const searching = async () => {
      while (!done) {
        for (const [tenantId, known] of [...searchable]) {
          const expected = [...known];
          const { candidates } = await pool.index.candidates(candidateQuery(tenantId, { pool: 500 }));
          const found = new Set(candidates.map((each) => each.memoryId));
          expect(expected.filter((id) => !found.has(id))).toEqual([]);
          expect(found.size).toBe(candidates.length);
          counts.searches++;
        }
      }
    };
    const writing = async () => {
      while (!done) {
        await add(writer, 1, tenants[counts.writes++ % tenants.length] as string);
        // Tenants that come while the aliases are on their way.
        if (counts.writes % 10 === 0 && counts.tenants++ < 20) await add(otherProcess(), 1, randomUUID());
      }
    };
    const rebuilding = async () => {
      const next = await pool.generations.build(pool.model);
      expect(next).toMatchObject({ generation: 2, state: "building" });
      const copied = [...record];
      for (let from = 0; from < copied.length; from += 50) {
        expect(await pool.index.writeTo(next, copied.slice(from, from + 50))).toEqual([]);
      }
      await pool.generations.promote(2);
      expect(currentOf(await pool.generations.list())?.generation).toBe(2);
      await expect(pool.generations.retire(2)).rejects.toMatchObject({ kind: "failed_precondition" });
      await pool.generations.retire(1);
      await add(writer, 1, tenants[0] as string);
    };
    await Promise.all([searching(), writing(), rebuilding().finally(() => (done = true))]);

    expect(counts.searches).toBeGreaterThan(20);
    expect(counts.writes).toBeGreaterThan(5);
    // A write whose list still had the retired generation did not bring it back.
    expect((await pool.generations.list()).map((each) => each.generation)).toEqual([2]);
    for (const [tenantId, known] of searchable) {
      expect(await pool.index.count({ tenantId })).toMatchObject([{ generation: 2, documents: known.size }]);
    }
  }, 60_000);

  it("may be given up, or promoted twice", async () => {
    const { generation } = currentOf(await pool.generations.list()) as { generation: number };
    const next = await pool.generations.build(pool.model);
    await pool.generations.retire(next.generation);
    await pool.generations.promote(generation);
    expect(await pool.generations.list()).toMatchObject([{ generation, state: "current" }]);
    await expect(pool.generations.promote(next.generation)).rejects.toMatchObject({ kind: "not_found" });
  });

  it.each([DIMENSION, 2 * DIMENSION])(
    "of another model of %i dimensions keep vectors apart",
    async (dimension) => {
      const tenantId = randomUUID();
      const old = currentOf(await pool.generations.list());
      const theirs = { model: `other/${dimension}`, dimension };
      const other = otherProcess(theirs);
      const next = await pool.generations.build(theirs);
      const written = memory({ tenantId, text: "Ada keeps bees." });
      const vector = new Float32Array(dimension).fill(1 / Math.sqrt(dimension));
      const embedded = { ...written, vector, embeddingModel: theirs.model };
      const mismatch = { reason: "EMBEDDING_DIMENSION_MISMATCH" };
      const query = candidateQuery(tenantId, { keywords: "bees" });
      const { filter } = query;
      expect(await pool.index.write([written])).toEqual([]);
      await pool.index.refresh();
      expect(await pool.index.count({ tenantId })).toMatchObject([
        { generation: old?.generation, documents: 1 },
        { generation: next.generation, documents: 0 },
      ]);
      expect(await pool.index.candidates(query)).toMatchObject({ candidates: [{ cosine: 1 }] });
      await expect(other.requireModel(randomUUID())).rejects.toMatchObject(mismatch);
      await expect(other.candidates({ ...query, vector })).rejects.toMatchObject(mismatch);
      await expect(other.nearest([{ filter, vector, k: 1 }])).rejects.toMatchObject(mismatch);
      expect(await other.candidates({ ...query, vector: undefined })).toMatchObject({
        candidates: [{ memoryId: written.memoryId, cosine: 0 }],
      });
      expect(await pool.index.writeTo(next, [embedded, written])).toMatchObject([
        { memoryId: written.memoryId, type: "embedding_model_mismatch" },
      ]);
      await pool.generations.promote(next.generation);
      await expect(pool.index.write([written])).rejects.toMatchObject(mismatch);
      await expect(pool.index.candidates(query)).rejects.toMatchObject(mismatch);
      const { candidates } = await other.candidates({ ...query, vector });
      expect(candidates).toMatchObject([{ memoryId: written.memoryId, cosine: expect.closeTo(1, 2) }]);
      await pool.generations.promote(old?.generation as number);
      await pool.generations.retire(next.generation);
    },
  );

  it("about to be read are written by everybody who can, and nobody else writes", async () => {
    const written = memory({ tenantId: randomUUID() });
    const refused = { kind: "unavailable", reason: "DEPENDENCY_UNAVAILABLE" };
    const next = await pool.generations.build({ model: "other/1", dimension: DIMENSION });
    expect(await pool.index.write([written])).toEqual([]);
    await pool.generations.announce(next.generation);
    await expect(otherProcess().write([written])).rejects.toMatchObject(refused);
    await expect(pool.index.write([written])).rejects.toMatchObject(refused);
    await pool.generations.retire(next.generation);
    expect(await pool.index.write([written])).toEqual([]);
    const same = await pool.generations.build(pool.model);
    await pool.generations.announce(same.generation);
    expect(await pool.index.write([written])).toEqual([]);
    await pool.generations.retire(same.generation);
  });

  it.each([
    ["older", -1, "npm run reindex"],
    ["newer", 1, "replace this process"],
  ])(
    "of an %s mapping are read and not written, so that nothing is refused for good",
    async (_, by, todo) => {
      const tenantId = randomUUID();
      const written = memory({ tenantId });
      const current = currentOf(await pool.generations.list()) as IndexGeneration;
      expect(await pool.index.write([written])).toEqual([]);
      await pool.index.refresh();
      await rebrand(pool.client, current, SCHEMA_VERSION + by);
      const process = otherProcess();
      const refused = {
        kind: "unavailable",
        reason: "DEPENDENCY_UNAVAILABLE",
        message: expect.stringContaining(todo),
      };
      await expect(process.requireModel(randomUUID())).rejects.toMatchObject(refused);
      await expect(process.write([memory({ tenantId })])).rejects.toMatchObject(refused);
      expect((await process.candidates(candidateQuery(tenantId))).candidates).toHaveLength(1);
      await rebrand(pool.client, current, SCHEMA_VERSION);
      expect(await otherProcess().write([memory({ tenantId })])).toEqual([]);
    },
  );
});
