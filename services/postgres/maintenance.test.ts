import { randomUUID } from "node:crypto";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createMaintenance, type Maintenance } from "./maintenance.ts";
import { acceptDrafts, seedMemories, targetOf, workBucketOf } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

let record: TestRecord;
let maintenance: Maintenance;
let tenants: { tenantId: string; projectId: string }[];

beforeAll(async () => {
  record = await openTestRecord("maintenance");
  maintenance = createMaintenance(record.database.pool);
  tenants = [record.tenant, await record.provision("other")];
});
afterAll(() => record?.[Symbol.asyncDispose]());

/** Rows that `table` has, of all tenants. */
async function count(table: string): Promise<number> {
  const { rows } = await record.admin.query<{ count: string }>(`select count(*) from mneme.${table}`);
  return Number(rows[0]?.count);
}

it("removes expired session windows of all tenants with their turns, and no others", async () => {
  for (const { tenantId, projectId } of tenants) {
    for (const expiry of ["-1 second", "-2 days", "1 hour"]) {
      const sessionId = randomUUID();
      await record.admin.query(
        `insert into mneme.session_windows (tenant_id, session_id, project_id, expires_at)
         values ($1, $2, $3, now() + $4::interval)`,
        [tenantId, sessionId, projectId, expiry],
      );
      await record.admin.query(
        "insert into mneme.session_turns (tenant_id, project_id, session_id, position, body_ct) values ($1, $2, $3, 1, '\\x00')",
        [tenantId, projectId, sessionId],
      );
    }
  }
  expect(await maintenance.removeSessionWindows(3)).toBe(3);
  expect(await maintenance.removeSessionWindows(3)).toBe(1);
  expect(await maintenance.removeSessionWindows(3)).toBe(0);
  expect(await count("session_windows")).toBe(2);
  expect(await count("session_turns")).toBe(2);
});

it("removes idempotency records after 24 hours", async () => {
  for (const { tenantId } of tenants) {
    for (const age of ["25 hours", "23 hours"]) {
      await record.admin.query(
        `insert into mneme.idempotency (tenant_id, rpc, request_mac, body_mac, result, created_at)
         values ($1, 'Add', $2, '\\x00', '{}', now() - $3::interval)`,
        [tenantId, Buffer.from(age), age],
      );
    }
  }
  expect(await maintenance.removeRequests(1_000)).toBe(2);
  expect(await count("idempotency")).toBe(2);
});

it("deletes old counts of messages, whoever's they are", async () => {
  for (const tenantId of [record.tenant.tenantId, crypto.randomUUID()]) {
    await record.admin.query(
      `insert into mneme.message_counts (tenant_id, scope_id, day, taken)
       select $1, $1, current_date - age, 7 from unnest(array[0, 35, 36, 400]) as age`,
      [tenantId],
    );
  }
  expect(await maintenance.removeMessageCounts(1_000)).toBe(4);
  expect(await count("message_counts")).toBe(4);
});

it("wakes ingest where something has waited to be worked or indexed, and only there", async () => {
  const idleMs = 60_000;
  const { tenantId } = record.tenant;
  const age = (table: string, column: string) =>
    record.admin.query(`update mneme.${table} set ${column} = ${column} - interval '2 minutes'`);
  const woken = async () => {
    const { rows } = await record.admin.query<{ tenant_id: string; key: string }>(
      "delete from mneme.outbox returning tenant_id, key",
    );
    return rows;
  };
  const [seeded] = await seedMemories(record, record.tenant, { userId: "done" }, ["Nothing waits here."]);
  const id = await acceptDrafts(record, record.tenant, { userId: "forgotten" }, [draftOf("This waits.")]);
  await woken();
  expect(await maintenance.wakeForgotten(idleMs, 10)).toBe(0);
  await age("messages", "received_at");
  await age("memory_versions", "recorded_from");
  expect(await maintenance.wakeForgotten(idleMs, 10)).toBe(1);
  expect(await maintenance.wakeForgotten(idleMs, 10)).toBe(0);
  const { bucket } = await targetOf(record, tenantId, id);
  expect(await woken()).toEqual([{ tenant_id: tenantId, key: String(bucket) }]);
  await workBucketOf(record, tenantId, id);
  expect(await maintenance.wakeForgotten(idleMs, 10)).toBe(0);
  await record.admin.query(
    "update mneme.memory_versions set revision = nextval('mneme.index_revision') where memory_id = $1",
    [seeded?.id],
  );
  expect(await maintenance.wakeForgotten(idleMs, 10)).toBe(1);
});

it("lists tenants page by page", async () => {
  const all = tenants.map(({ tenantId }) => tenantId).sort();
  const { rows } = await record.database.pool.query("select list_tenants(null, 1) as id");
  expect(rows).toEqual([{ id: all[0] }]);
  const next = await record.database.pool.query("select list_tenants($1, 10) as id", [all[0]]);
  expect(next.rows).toEqual([{ id: all[1] }]);
});

it("opens no other way around the fence", async () => {
  const { rows } = await record.database.pool.query("select count(*) from session_windows");
  expect(rows).toEqual([{ count: "0" }]);
  await expect(record.database.pool.query("select id from tenants")).resolves.toMatchObject({ rows: [] });
});
