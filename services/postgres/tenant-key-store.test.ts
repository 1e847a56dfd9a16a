import { randomBytes } from "node:crypto";
import { createLocalKeyProviders } from "@mneme/core/encryption/local-key-provider.ts";
import { rotateTenantKey } from "@mneme/core/encryption/manage-tenant-key.ts";
import { rewrapDataKeys } from "@mneme/core/encryption/rewrap-keys.ts";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKeyStore, type PostgresKeyStore } from "./key-store.ts";
import { createPool, withTenant } from "./pool.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

let record: TestRecord;
let pool: pg.Pool;
let keys: PostgresKeyStore;

beforeAll(async () => {
  record = await openTestRecord("rewraps");
  pool = createPool({ url: record.urls.keys, applicationName: "rewraps test", schema: "public" });
  keys = createKeyStore(pool, await createLocalKeyProviders({ file: record.masterKeyFile }));
});
afterAll(async () => {
  await pool?.end();
  await record?.[Symbol.asyncDispose]();
});

/** A tenant with data keys. @returns their ids in their order. */
async function newTenant(count: number) {
  const tenantId = uuidv7();
  const made = [await keys.create(tenantId, "subject")];
  const more = Array.from({ length: count - 1 }, () => keys.create(tenantId, "subject"));
  made.push(...(await Promise.all(more)));
  return { tenantId, keyIds: made.toSorted() };
}

async function rotate(tenantId: string): Promise<void> {
  const administrator = { tenantId, projectId: "", isOfTenant: true, apiKeyId: "" };
  const request = { rpc: "RotateTenantKey", requestId: uuidv7(), body: Buffer.from("") };
  await rotateTenantKey(keys.custody, { ...administrator, permissions: new Set<string>() }, request);
}

async function countOf(tenantId: string, condition: string): Promise<number> {
  const counted = `select from data_keys where tenant_id = $1 and ${condition}`;
  return (await record.keysAdmin.query(counted, [tenantId])).rowCount ?? 0;
}

describe("data keys that are to be wrapped anew", () => {
  it("are, whatever lies before them that does not open", async () => {
    const { tenantId, keyIds } = await newTenant(502);
    await record.keysAdmin.query(
      "update data_keys set wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1) where key_id = any ($1)",
      [keyIds.slice(0, 500)],
    );
    await rotate(tenantId);
    expect(await rewrapDataKeys(keys.custody, tenantId)).toEqual({ wrapped: 2, left: 500 });
    expect(await rewrapDataKeys(keys.custody, tenantId)).toEqual({ wrapped: 0, left: 500 });
    // What wraps the damaged ones stays: who repairs them needs it.
    expect(await keys.custody.store.rotating(1_000)).toContain(tenantId);
    expect(await countOf(tenantId, "tenant_key_version = 2")).toBe(2);
  });

  it("are, and then a master key that opens some no more is told as an outage", async () => {
    const { tenantId } = await newTenant(3);
    await record.keysAdmin.query(
      "insert into data_keys (key_id, tenant_id, wrapped, purpose) values ($1, $2, $3, 'subject')",
      [uuidv7(), tenantId, randomBytes(60)],
    );
    await rotate(tenantId);
    await expect(rewrapDataKeys(keys.custody, tenantId)).rejects.toMatchObject({
      reason: "DEPENDENCY_UNAVAILABLE",
      metadata: { dependency: "key_provider" },
    });
    expect(await countOf(tenantId, "tenant_key_version = 2")).toBe(3);
  });

  it("are found page by page, those that the master key itself wrapped the last", async () => {
    const { tenantId, keyIds } = await newTenant(7);
    await record.keysAdmin.query("update data_keys set tenant_key_version = null where key_id = any ($1)", [
      keyIds.slice(0, 3),
    ]);
    await rotate(tenantId);
    const { store } = keys.custody;
    expect(await store.facts(tenantId)).toMatchObject({ toRewrap: 7 });
    const found: string[] = [];
    let page = await store.toRewrap(tenantId, 2, undefined, 2);
    for (; page.length > 0; page = await store.toRewrap(tenantId, 2, page.at(-1), 2)) {
      found.push(...page.map(({ keyId }) => keyId));
    }
    expect(found).toEqual([...keyIds.slice(3), ...keyIds.slice(0, 3)]);
  });

  it("are found without a look at those that are done", async () => {
    const { tenantId } = await newTenant(1_000);
    await record.keysAdmin.query("analyze data_keys");
    const url = record.urls.keys;
    const one = createPool({ url, applicationName: "rewraps plan test", schema: "public", max: 1 });
    try {
      const { store } = createKeyStore(one, keys.custody.providers).custody;
      expect(await store.toRewrap(tenantId, 1, undefined, 500)).toEqual([]);
      const nil = "00000000-0000-0000-0000-000000000000";
      // The connection knows the statement by its name.
      const { rows } = await withTenant(one, tenantId, (client) =>
        client.query<{ "QUERY PLAN": string }>(
          `explain (analyze, costs off, timing off)
           execute data_keys_to_rewrap ('${tenantId}', 1, 0, '${nil}', '${nil}', 500)`,
        ),
      );
      const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
      expect(plan).toContain("data_keys_version");
      expect(plan).not.toMatch(/Seq Scan|Rows Removed/);
    } finally {
      await one.end();
    }
  });

  it("are wrapped by two at once, who do not wait for each other both", async () => {
    const { tenantId } = await newTenant(3);
    await rotate(tenantId);
    const { store } = keys.custody;
    const page = await store.toRewrap(tenantId, 2, undefined, 10);
    const anew = page.map(({ keyId, bytes }) => ({ keyId, from: bytes, to: randomBytes(60) }));
    const holder = await record.keysAdmin.connect();
    try {
      await holder.query("begin");
      await holder.query("select from data_keys where key_id = $1 for update", [anew[1]?.keyId]);
      const work = Promise.all([anew, anew.toReversed()].map((list) => store.rewrapped(tenantId, 2, list)));
      const waiting = async () =>
        (
          await record.keysAdmin.query(
            "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
          )
        ).rowCount;
      await expect.poll(waiting, { timeout: 10_000 }).toBe(2);
      await holder.query("commit");
      expect((await work).toSorted()).toEqual([0, 3]);
    } finally {
      holder.release();
    }
  });
});
