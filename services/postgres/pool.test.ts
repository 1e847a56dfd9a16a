import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

let record: TestRecord;
beforeAll(async () => {
  record = await openTestRecord("plans");
});
afterAll(() => record[Symbol.asyncDispose]());

it("plans for a tenant that the statistics do not know as for any other", async () => {
  await record.admin.query(
    `insert into mneme.tombstones (tenant_id, stream_id, text_mac)
     select t.id, gen_random_uuid(), '\\x00'
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
