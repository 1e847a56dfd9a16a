import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { candidateQuery, memory, openPool, type Pool } from "./index-testing.ts";

let pool: Pool;
beforeAll(async () => {
  pool = await openPool();
});
afterAll(() => pool?.[Symbol.asyncDispose]());

/** For good. */
const idOf = ({ memoryId }: { readonly memoryId: string }) => ({ memoryId });

describe("removing", () => {
  it("removes every version in every generation, and no late write brings one back", async () => {
    const tenantId = randomUUID();
    const next = await pool.generations.build(pool.model);
    const doomed = memory({ tenantId });
    const versions = [1, 2, 3].map((version) => ({ ...doomed, version, revision: version }));
    const kept = memory({ tenantId });
    // Not refreshed: what was written a moment ago must be found and removed as well.
    await pool.index.write([...versions, kept]);
    await pool.index.remove(tenantId, [idOf(doomed), idOf(doomed)]);

    // A copy that read the record before the deletion, a writer's retry, and a version still on its way.
    const late = [...versions, { ...doomed, version: 4, revision: 9 }, { ...doomed, revision: 1_000 }];
    expect(await pool.index.write(late)).toEqual([]);
    expect(await pool.index.writeTo(next, late)).toEqual([]);
    await pool.index.refresh();
    const left = await pool.index.count({ tenantId });
    expect(left).toMatchObject([
      { generation: 1, documents: 1 },
      { generation: next.generation, documents: 1 },
    ]);
    expect(
      (await pool.index.count({ tenantId, memoryIds: [doomed.memoryId] })).map((e) => e.documents),
    ).toEqual([0, 0]);
    const { candidates } = await pool.index.candidates(candidateQuery(tenantId));
    expect(candidates).toMatchObject([{ memoryId: kept.memoryId }]);
  });

  it("holds a memory back that was removed before it was ever written", async () => {
    const tenantId = randomUUID();
    const never = memory({ tenantId });
    await pool.index.remove(tenantId, [idOf(never)]);
    expect(await pool.index.write([never])).toEqual([]);
    await pool.index.refresh();
    expect((await pool.index.candidates(candidateQuery(tenantId))).candidates).toEqual([]);
  });

  it("takes back what may return, once it is written with a later revision", async () => {
    const tenantId = randomUUID();
    const archived = memory({ tenantId, revision: 5 });
    await pool.index.write([archived]);
    await pool.index.remove(tenantId, [{ memoryId: archived.memoryId, revision: 7 }]);
    const found = async () => {
      await pool.index.refresh();
      return (await pool.index.candidates(candidateQuery(tenantId))).candidates.length;
    };
    await pool.index.write([{ ...archived, revision: 6 }]);
    expect(await found()).toBe(0);
    await pool.index.write([{ ...archived, revision: 8 }]);
    expect(await found()).toBe(1);
    // The same removal again, of a worker that was slow.
    await pool.index.remove(tenantId, [{ memoryId: archived.memoryId, revision: 7 }]);
    expect(await found()).toBe(1);
  });

  it("leaves another tenant's memory of the same id alone", async () => {
    const [mine, theirs] = [randomUUID(), randomUUID()];
    const written = memory({ tenantId: theirs });
    await pool.index.write([written]);
    await pool.index.remove(mine, [idOf(written)]);
    await pool.index.refresh();
    expect((await pool.index.candidates(candidateQuery(theirs))).candidates).toHaveLength(1);
  });

  it("removes thousands at once", async () => {
    const tenantId = randomUUID();
    const many = Array.from({ length: 2_500 }, () => memory({ tenantId }));
    await pool.index.write(many);
    await pool.index.remove(tenantId, many.map(idOf));
    await pool.index.remove(tenantId, []);
    await pool.index.refresh();
    expect((await pool.index.count({ tenantId })).map((each) => each.documents)).toEqual([0, 0]);
  });
});
