import { randomUUID } from "node:crypto";
import type { IndexedMemory } from "@mneme/core/search/memory-index.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGenerations, currentOf } from "./generation.ts";
import { createMemoryIndex } from "./index.ts";
import { candidateQuery, DIMENSION, memory, openPool, type Pool, unitVector } from "./index-testing.ts";

let pool: Pool;
beforeAll(async () => {
  pool = await openPool();
});
afterAll(() => pool?.[Symbol.asyncDispose]());

/** As another process would see the same pool: with memories of its own. */
function otherProcess() {
  const generations = createGenerations({ client: pool.client, pool: pool.generations.pool, cacheMs: 200 });
  return createMemoryIndex({ client: pool.client, generations, model: pool.model.model });
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
      expect(await pool.index.count({ tenantId })).toEqual([{ generation: 2, documents: known.size }]);
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

  it("of another model are not written by processes of this one, and refuse them once current", async () => {
    const tenantId = randomUUID();
    const old = currentOf(await pool.generations.list());
    const next = await pool.generations.build({ model: "other/1", dimension: DIMENSION * 2 });
    const written = memory({ tenantId });
    expect(await pool.index.write([written])).toEqual([]);
    await pool.index.refresh();
    expect(await pool.index.count({ tenantId })).toEqual([
      { generation: old?.generation, documents: 1 },
      { generation: next.generation, documents: 0 },
    ]);
    const vector = new Float32Array(DIMENSION * 2).fill(0.25);
    expect(await pool.index.writeTo(next, [{ ...written, vector }])).toEqual([]);
    await pool.generations.promote(next.generation);
    await expect(pool.index.write([written])).rejects.toMatchObject({
      reason: "EMBEDDING_DIMENSION_MISMATCH",
    });
    const { candidates } = await pool.index.candidates(candidateQuery(tenantId, { vector }));
    expect(candidates).toMatchObject([{ memoryId: written.memoryId, cosine: expect.closeTo(1, 2) }]);
    await pool.generations.promote(old?.generation as number);
    await pool.generations.retire(next.generation);
  });
});
