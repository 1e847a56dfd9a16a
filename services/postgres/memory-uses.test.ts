import { countUses, type UseStore } from "@mneme/core/search/uses.ts";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { removeMemories } from "./memory-removal.ts";
import { createUseStore } from "./memory-uses.ts";
import { withTenant } from "./pool.ts";
import { seedMemories } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

let record: TestRecord;
let store: UseStore;
let tenantId: string;
let ids: string[];

beforeAll(async () => {
  record = await openTestRecord("uses");
  store = createUseStore(record.database.pool);
});
afterAll(() => record?.[Symbol.asyncDispose]());
beforeEach(async () => {
  const tenant = await record.provision();
  tenantId = tenant.tenantId;
  const memories = await seedMemories(record, tenant, { userId: "ada" }, ["Ada sails.", "Ada rows."]);
  ids = memories.map(({ id }) => id);
});

/** Uses of the tenant's two memories. */
async function kept(): Promise<(number | undefined)[]> {
  const { rows } = await record.admin.query<{ memory_id: string; uses: string }>(
    "select memory_id, uses from mneme.memory_uses where tenant_id = $1",
    [tenantId],
  );
  const usesOf = new Map(rows.map((row) => [row.memory_id, Number(row.uses)]));
  return ids.map((id) => usesOf.get(id));
}

it("gathers what is returned, and keeps it after a while and at the end", async () => {
  const [sails, rows] = ids as [string, string];
  const counter = countUses(store, { gatherMs: 20 });
  counter.note(tenantId, [sails, rows]);
  counter.note(tenantId, [sails]);
  await expect.poll(kept).toEqual([2, 1]);
  counter.note(tenantId, [rows]);
  await counter[Symbol.asyncDispose]();
  expect(await kept()).toEqual([2, 2]);
});

it("changes nothing else: no version, no index entry, nothing for the index", async () => {
  const state = async () => {
    const tables = ["memories", "memory_versions", "index_removals"];
    const queries = tables.map((table) => `select xmin, * from mneme.${table} where tenant_id = $1`);
    return Promise.all(queries.map(async (query) => (await record.admin.query(query, [tenantId])).rows));
  };
  /** Updates that wrote no index entry, and whether those are all; the server tells some time later. */
  const inPlace = async () => {
    await record.database.pool.query("select pg_stat_force_next_flush()");
    const { rows } = await record.admin.query<{ enough: boolean; all: boolean }>(
      `select n_tup_hot_upd >= 18 as enough, n_tup_hot_upd = n_tup_upd as all from pg_stat_all_tables
       where schemaname = 'mneme' and relname = 'memory_uses'`,
    );
    return rows[0];
  };
  const before = await state();
  const uses = ids.map((memoryId) => ({ memoryId, uses: 1, lastUsedAt: new Date() }));
  for (let time = 0; time < 10; time += 1) await store.add(tenantId, uses);
  expect(await kept()).toEqual([10, 10]);
  expect(await state()).toEqual(before);
  await expect.poll(inPlace, { timeout: 30_000 }).toEqual({ enough: true, all: true });
});

it("tries again while the record is away, and counts no more than it has room for", async () => {
  const [sails, rows] = ids as [string, string];
  const failures: unknown[] = [];
  let away = true;
  const add: UseStore["add"] = async (...use) => {
    if (away) throw new Error("away");
    await store.add(...use);
  };
  await using counter = countUses(
    { add },
    { gatherMs: 5, most: 1, onFailure: (error) => failures.push(error) },
  );
  counter.note(tenantId, [sails, rows]);
  await expect.poll(() => failures.length).toBeGreaterThan(2);
  away = false;
  await expect.poll(kept).toEqual([1, undefined]);
});

it("belongs to its tenant, and goes with its memory", async () => {
  const [sails] = ids as [string, string];
  const use = (memoryId: string) => ({ memoryId, uses: 1, lastUsedAt: new Date() });
  const other = await record.provision();
  await store.add(other.tenantId, [use(sails)]);
  expect(await kept()).toEqual([undefined, undefined]);
  await store.add(tenantId, ids.map(use));
  await withTenant(record.database.pool, tenantId, (client) => removeMemories(client, tenantId, [sails]));
  expect(await kept()).toEqual([undefined, 1]);
  // Returned a moment before it was deleted: the others still count.
  await store.add(tenantId, ids.map(use));
  expect(await kept()).toEqual([undefined, 2]);
  expect((await record.database.pool.query("select from memory_uses")).rows).toEqual([]);
});

it("holds no count while it waits for a memory that is being deleted", async () => {
  const [first, last] = ids.toSorted() as [string, string];
  const at = new Date();
  await store.add(tenantId, [{ memoryId: first, uses: 1, lastUsedAt: at }]);
  const deleting = await record.admin.connect();
  try {
    await deleting.query("begin");
    await deleting.query("select from mneme.memories where id = $1 for update", [last]);
    const counted = store.add(
      tenantId,
      [first, last].map((memoryId) => ({ memoryId, uses: 1, lastUsedAt: at })),
    );
    await expect
      .poll(async () => {
        const { rows } = await record.admin.query(
          "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        );
        return rows.length;
      })
      .toBeGreaterThan(0);
    const { rowCount } = await deleting.query(
      "select from mneme.memory_uses where memory_id = $1 for update nowait",
      [first],
    );
    expect(rowCount).toBe(1);
    await deleting.query("commit");
    await counted;
    expect((await kept()).toSorted()).toEqual([1, 2]);
  } finally {
    deleting.release();
  }
});
