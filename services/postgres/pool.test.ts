import { once } from "node:events";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPool, withTenant } from "./pool.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

let record: TestRecord;
beforeAll(async () => {
  record = await openTestRecord("plans");
});
afterAll(() => record[Symbol.asyncDispose]());

it("plans for a tenant that the statistics do not know as for any other", async () => {
  await record.admin.query(
    `insert into mneme.tombstones (tenant_id, stream_id, audience, text_mac)
     select t.id, gen_random_uuid(), t.id, '\\x00'
     from (select gen_random_uuid() as id from generate_series(1, 10)) t, generate_series(1, 500)`,
  );
  await record.admin.query("analyze mneme.tombstones");
  const client = await record.database.pool.connect();
  try {
    const estimate = async (tenantId: string) => {
      await client.query("prepare p (uuid) as select from tombstones where tenant_id = $1");
      const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: { "Plan Rows": number } }] }>(
        `explain (format json) execute p ('${tenantId}')`,
      );
      await client.query("deallocate p");
      return rows[0]?.["QUERY PLAN"][0].Plan["Plan Rows"];
    };
    const unknown = await estimate("0190a000-0000-7000-8000-00000000000a");
    const { rows } = await record.admin.query<{ id: string }>(
      "select tenant_id as id from mneme.tombstones limit 1",
    );
    // 500 each, less what the fence is taken to hold back.
    expect(unknown).toBeGreaterThan(1);
    expect(await estimate(rows[0]?.id ?? "")).toBe(unknown);
  } finally {
    client.release();
  }
});

it("runs a transaction again that a deadlock ended, and gives up on one that meets it for ever", async () => {
  const { tenantId } = record.tenant;
  const [one, other] = ["\\x01", "\\x02"];
  for (const mac of [one, other])
    await record.admin.query(
      `insert into mneme.tombstones (tenant_id, stream_id, audience, text_mac) values ($1, $1, $1, '${mac}')`,
      [tenantId],
    );
  const touch = (client: pg.PoolClient, mac: string | undefined) =>
    client.query("update tombstones set created_at = now() where tenant_id = $1 and text_mac = $2", [
      tenantId,
      Buffer.from((mac ?? "").slice(2), "hex"),
    ]);
  const tries = [0, 0];
  const both = Promise.withResolvers<void>();
  const crossing = (side: 0 | 1) =>
    withTenant(record.database.pool, tenantId, async (client) => {
      await touch(client, side === 0 ? one : other);
      tries[side] = (tries[side] ?? 0) + 1;
      // Only the first time each waits until the other has its first row.
      if (tries.every((n) => n > 0)) both.resolve();
      await both.promise;
      await touch(client, side === 0 ? other : one);
      return side;
    });
  expect(await Promise.all([crossing(0), crossing(1)])).toEqual([0, 1]);
  expect(tries.toSorted()).toEqual([1, 2]);

  let told = 0;
  const lost = withTenant(record.database.pool, tenantId, async (client) => {
    told += 1;
    await client.query("do $$ begin raise exception using errcode = '40P01'; end $$");
  });
  await expect(lost).rejects.toMatchObject({ reason: "DEPENDENCY_UNAVAILABLE" });
  expect(told).toBe(3);
});

it("lets no client hold a transaction open that does nothing with it", async () => {
  const { app: url } = record.urls;
  const pool = createPool({ url, applicationName: "idle", max: 1, idleInTransactionMs: 100 });
  try {
    const idle = withTenant(pool, record.tenant.tenantId, (client) =>
      expect(once(client, "end")).resolves.toEqual([]),
    );
    await expect(idle).rejects.toMatchObject({ reason: "DEPENDENCY_UNAVAILABLE" });
    const { rows } = await pool.query("select 1 as works");
    expect(rows).toEqual([{ works: 1 }]);
  } finally {
    await pool.end();
  }
  const { rows } = await record.database.pool.query("show idle_in_transaction_session_timeout");
  expect(rows).toEqual([{ idle_in_transaction_session_timeout: "1min" }]);
});

interface Plan {
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly Plans?: readonly Plan[];
}

/** Names of the indexes by which a plan reads a table; undefined for a scan of all of it. */
function indexesOf(plan: Plan, table: string): (string | undefined)[] {
  const own = plan["Relation Name"] === table && !("Operation" in plan) ? [plan["Index Name"]] : [];
  return [...own, ...(plan.Plans ?? []).flatMap((inner) => indexesOf(inner, table))];
}

describe("where one tenant is large and most are tiny", () => {
  beforeAll(async () => {
    const admin = await record.admin.connect();
    try {
      await admin.query("begin");
      // No stream and no tenant stand behind them: what counts is their number.
      await admin.query("set local session_replication_role = replica");
      await admin.query(
        `insert into mneme.memories (tenant_id, id, project_id, stream_id, audience, subject_id, bucket,
           current_version)
         select t, gen_random_uuid(), t, t, t, gen_random_uuid(), 0, 1
         from (select gen_random_uuid() as t, case n when 1 then 8000 else 2 end as size
               from generate_series(1, 4000) as n) tenants, generate_series(1, size)`,
      );
      await admin.query(
        `insert into mneme.memory_sessions (tenant_id, session_id, memory_id)
         select tenant_id, subject_id, id from mneme.memories`,
      );
      await admin.query("commit");
      await admin.query("analyze mneme.memories, mneme.memory_sessions");
    } finally {
      admin.release();
    }
  });

  const TENANCY = "tenant_id = $1::uuid and project_id = $2::uuid";
  it.each([
    ["one", `select from memories where ${TENANCY} and id = ($3::uuid[])[1]`],
    ["several", `select from memories where ${TENANCY} and id = any ($3::uuid[]) for update`],
    [
      "joined",
      `select from unnest($3::uuid[]) as r (id) join memories m on m.tenant_id = $1::uuid and m.id = r.id
       where m.project_id = $2::uuid`,
    ],
    [
      "changed",
      `update memories m set current_version = 2 from unnest($3::uuid[]) as r (id)
       where m.tenant_id = $1::uuid and m.project_id = $2::uuid and m.id = r.id`,
    ],
    [
      "of_session",
      `select from memories m where m.tenant_id = $1::uuid and m.project_id = $2::uuid and exists (
         select from memory_sessions i where i.tenant_id = m.tenant_id and i.session_id = ($3::uuid[])[1]
         and i.memory_id = m.id) order by m.id desc limit 50`,
    ],
  ])("looks rows up by their ids and never through a tenant: %s", async (name, text) => {
    const { tenantId, projectId } = record.tenant;
    const client = await record.database.pool.connect();
    try {
      await client.query(`prepare ${name} as ${text}`);
      const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: Plan }] }>(
        `explain (format json) execute ${name} ('${tenantId}', '${projectId}', '{}')`,
      );
      const plan = rows[0]?.["QUERY PLAN"][0].Plan as Plan;
      expect(indexesOf(plan, "memories")).toEqual(["memories_pkey"]);
    } finally {
      client.release();
    }
  });
});

it("says of every table that its tenants are large, or that it has one row of each", async () => {
  const { rows } = await record.admin.query<{ relname: string }>(
    `select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
     where c.relnamespace = 'mneme'::regnamespace and c.relkind in ('r', 'p')
       and not coalesce(a.attoptions, '{}') && array['n_distinct=10', 'n_distinct=-1']`,
  );
  expect(rows).toEqual([]);
});
