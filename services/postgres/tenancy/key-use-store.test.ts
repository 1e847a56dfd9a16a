import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createPool } from "../pool.ts";
import { openTestRecord, type TestRecord } from "../testing/record.ts";
import { createKeyUseStore } from "./key-use-store.ts";

let record: TestRecord;
beforeAll(async () => {
  record = await openTestRecord("keyuses");
});
afterAll(() => record?.[Symbol.asyncDispose]());

const keyOf = async (tenantId: string) => {
  const { rows } = await record.admin.query<{ id: string; last_used_at: Date | null }>(
    "select id, last_used_at from mneme.api_keys where tenant_id = $1 order by created_at limit 1",
    [tenantId],
  );
  return rows[0] as { id: string; last_used_at: Date | null };
};

interface Explained {
  readonly "QUERY PLAN": readonly [{ readonly Plan: { readonly "Shared Hit Blocks": number } }];
}

it("notes the last use of each key, and looks at no other tenant's", async () => {
  const { tenantId } = record.tenant;
  const other = (await record.provision()).tenantId;
  await record.admin.query(
    `insert into mneme.api_keys (tenant_id, id, key_hash, prefix)
     select gen_random_uuid(), gen_random_uuid(), sha256(n::text::bytea), 'mneme_' from generate_series(1, 5000) n`,
  );
  await record.admin.query("analyze mneme.api_keys");
  const [{ id }, { id: othersId }] = [await keyOf(tenantId), await keyOf(other)];
  const usedAt = new Date("2026-03-01T10:00:00Z");
  // One connection: the second time it has its plans.
  await using pool = Object.assign(
    createPool({ url: record.urls.app, applicationName: "mneme test", max: 1 }),
    {
      [Symbol.asyncDispose]: () => pool.end(),
    },
  );
  const asked = vi.spyOn(pool, "query");
  const { note } = createKeyUseStore(pool);
  const uses = [
    [id, { tenantId, usedAt }],
    // Its own tenant's alone: whose it is said to be must be true.
    [othersId, { tenantId: randomUUID(), usedAt }],
  ] as const;
  await note(new Map(uses));
  await note(new Map([[id, { tenantId, usedAt: new Date("2026-02-01T10:00:00Z") }]]));
  const [text, values] = asked.mock.calls[0] as unknown as [string, unknown[]];
  asked.mockRestore();
  const { rows } = await pool.query<Explained>(`explain (analyze, buffers, format json) ${text}`, values);
  // Each found by its index; all keys' entries in it are 40 pages.
  expect(rows[0]?.["QUERY PLAN"][0].Plan["Shared Hit Blocks"]).toBeLessThan(20);
  expect((await keyOf(tenantId)).last_used_at).toEqual(usedAt);
  expect((await keyOf(other)).last_used_at).toBeNull();
});
