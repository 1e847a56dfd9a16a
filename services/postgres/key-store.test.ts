import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encrypt } from "@mneme/core/encryption/aes-gcm.ts";
import { checkProviders } from "@mneme/core/encryption/check-providers.ts";
import { DamagedKeyError } from "@mneme/core/encryption/data-key.ts";
import { createLocalKeyProviders } from "@mneme/core/encryption/local-key-provider.ts";
import { rotateTenantKey } from "@mneme/core/encryption/manage-tenant-key.ts";
import { renewTenantKeys, rewrapDataKeys } from "@mneme/core/encryption/rewrap-keys.ts";
import { ConfigError } from "@mneme/core/settings.ts";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKeyStore, type PostgresKeyStore } from "./key-store.ts";
import { createPool } from "./pool.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

let record: TestRecord;
let pool: pg.Pool;
let folder: string;

beforeAll(async () => {
  record = await openTestRecord("keys");
  pool = createPool({ url: record.urls.keys, applicationName: "key store test", schema: "public" });
  folder = await mkdtemp(join(tmpdir(), "mneme-key-store-"));
});
afterAll(async () => {
  await pool?.end();
  await record?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** As another process has it. */
async function openStore(file = record.masterKeyFile, previousFile?: string): Promise<PostgresKeyStore> {
  return createKeyStore(pool, await createLocalKeyProviders({ file, previousFile }));
}

async function newMasterKey(name: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, randomBytes(32).toString("hex"));
  return file;
}

const administrator = (tenantId: string) => ({
  tenantId,
  projectId: "",
  isOfTenant: true,
  apiKeyId: "",
  permissions: new Set<string>(),
});

const request = (requestId = uuidv7(), body = "") => ({
  rpc: "RotateTenantKey",
  requestId,
  body: Buffer.from(body),
});

async function versionsOf(tenantId: string) {
  const { rows } = await record.keysAdmin.query<{ version: number; state: string; wrapped: Buffer | null }>(
    "select version, state, wrapped from tenant_keys where tenant_id = $1 order by version",
    [tenantId],
  );
  return rows.map(({ version, state, wrapped }) => ({ version, state, isThere: wrapped !== null }));
}

async function wrappedWith(tenantId: string): Promise<(number | null)[]> {
  const { rows } = await record.keysAdmin.query<{ version: number | null }>(
    `select distinct tenant_key_version as version from data_keys
     where tenant_id = $1 and wrapped is not null order by 1`,
    [tenantId],
  );
  return rows.map(({ version }) => version);
}

describe("data keys", () => {
  it("open to their tenant, in every process, until they are destroyed", async () => {
    const [one, other] = [await openStore(), await openStore()];
    const tenantId = uuidv7();
    const keyId = await one.create(tenantId, "subject");
    const key = await one.get(tenantId, keyId);
    expect(key).toHaveLength(32);
    expect(await other.get(tenantId, keyId)).toEqual(key);
    await expect(other.get(uuidv7(), keyId)).rejects.toThrow("is not in the tenant's key store");
    await one.destroy(tenantId, keyId);
    expect(await one.get(tenantId, keyId)).toBeUndefined();
    expect(await (await openStore()).get(tenantId, keyId)).toBeUndefined();
  });

  it("share the one key of their tenant, whoever makes it first", async () => {
    const tenantId = uuidv7();
    const stores = await Promise.all([openStore(), openStore(), openStore()]);
    const made = await Promise.all(stores.map((store) => store.create(tenantId, "subject")));
    expect(await versionsOf(tenantId)).toEqual([{ version: 1, state: "active", isThere: true }]);
    const fresh = await openStore();
    for (const keyId of made) expect(await fresh.get(tenantId, keyId)).toHaveLength(32);
  });

  it("that the master key wrapped itself open, and are wrapped by their tenant's from then on", async () => {
    const tenantId = uuidv7();
    const keyId = uuidv7();
    const key = randomBytes(32);
    const master = Buffer.from(await readFile(record.masterKeyFile, "utf8"), "hex");
    await record.keysAdmin.query(
      "insert into data_keys (key_id, tenant_id, wrapped, purpose) values ($1, $2, $3, 'subject')",
      [keyId, tenantId, encrypt(master, `data-key/${tenantId}/${keyId}`, key)],
    );
    const store = await openStore();
    expect(await store.get(tenantId, keyId)).toEqual(key);
    expect(await store.custody.store.rotating(1_000)).toContain(tenantId);
    await rewrapDataKeys(store.custody, tenantId);
    expect(await wrappedWith(tenantId)).toEqual([1]);
    expect(await (await openStore()).get(tenantId, keyId)).toEqual(key);
    expect(await store.custody.store.rotating(1_000)).not.toContain(tenantId);
  });
});

it.each([
  ["cut short", "substring(wrapped for 27)", "is wrapped in 27 bytes, which no key is"],
  ["too long", "wrapped || '\\x00'", "is wrapped in 61 bytes, which no key is"],
  ["changed", "set_byte(wrapped, 20, get_byte(wrapped, 20) # 1)", "does not open under its tenant's key"],
])("a data key that is %s is told as damaged", async (_, damaged, message) => {
  const tenantId = uuidv7();
  const keyId = await (await openStore()).create(tenantId, "subject");
  await record.keysAdmin.query(`update data_keys set wrapped = ${damaged} where key_id = $1`, [keyId]);
  const reading = (await openStore()).get(tenantId, keyId);
  await expect(reading).rejects.toThrow(DamagedKeyError);
  await expect(reading).rejects.toThrow(message);
});

describe("rotation", () => {
  it("lets every process make and open keys all the while, and ends the old version", async () => {
    const tenantId = uuidv7();
    const [one, other, worker] = [await openStore(), await openStore(), await openStore()];
    const keys = new Map<string, Uint8Array>();
    const stop = new AbortController();
    const work = async (store: PostgresKeyStore, reader: PostgresKeyStore) => {
      while (!stop.signal.aborted) {
        const keyId = await store.create(tenantId, "subject");
        keys.set(keyId, (await store.get(tenantId, keyId)) ?? new Uint8Array());
        expect(await reader.get(tenantId, keyId)).toEqual(keys.get(keyId));
      }
    };
    const working = Promise.all([work(one, other), work(other, one), work(one, worker)]);
    for (let turn = 1; turn <= 5; turn += 1) {
      const before = keys.size;
      await rotateTenantKey(worker.custody, administrator(tenantId), request());
      await rewrapDataKeys(worker.custody, tenantId);
      while (keys.size < before + 20) await Promise.race([working, new Promise(setImmediate)]);
    }
    stop.abort();
    await working;
    await rewrapDataKeys(worker.custody, tenantId);
    const newest = (await versionsOf(tenantId)).at(-1)?.version ?? 0;
    expect(newest).toBeGreaterThan(5);
    expect(await wrappedWith(tenantId)).toEqual([newest]);
    expect((await versionsOf(tenantId)).map(({ isThere }) => isThere)).toEqual([
      ...Array(newest - 1).fill(false),
      true,
    ]);
    const fresh = await openStore();
    for (const [keyId, key] of keys) expect(await fresh.get(tenantId, keyId)).toEqual(key);
  });

  it("goes on where it was cut off", async () => {
    const store = await openStore();
    const tenantId = uuidv7();
    const made = [await store.create(tenantId, "subject")];
    const more = Array.from({ length: 1_099 }, () => store.create(tenantId, "subject"));
    made.push(...(await Promise.all(more)));
    await rotateTenantKey(store.custody, administrator(tenantId), request());
    const cut = new AbortController();
    const pages = { ...store.custody.store };
    const cutting = {
      ...store.custody,
      store: {
        ...pages,
        rewrapped: async (...args: Parameters<typeof pages.rewrapped>) => {
          const kept = await pages.rewrapped(...args);
          cut.abort();
          return kept;
        },
      },
    };
    await expect(rewrapDataKeys(cutting, tenantId, cut.signal)).rejects.toThrow();
    expect(await wrappedWith(tenantId)).toEqual([1, 2]);
    expect(await rewrapDataKeys(store.custody, tenantId)).toEqual({ wrapped: 600, left: 0 });
    expect(await wrappedWith(tenantId)).toEqual([2]);
    const fresh = await openStore();
    expect(await Promise.all(made.map((keyId) => fresh.get(tenantId, keyId)))).not.toContain(undefined);
  });

  it("is one rotation however often it is asked for by one id", async () => {
    const store = await openStore();
    const tenantId = uuidv7();
    await store.create(tenantId, "subject");
    const same = request("again");
    const asked = await Promise.allSettled(
      [1, 2, 3].map(() => rotateTenantKey(store.custody, administrator(tenantId), same)),
    );
    expect(asked.map(({ status }) => status)).toContain("fulfilled");
    expect(await rotateTenantKey(store.custody, administrator(tenantId), same)).toMatchObject({ version: 2 });
    expect(await versionsOf(tenantId)).toHaveLength(2);
    const another = rotateTenantKey(store.custody, administrator(tenantId), request("again", "other"));
    await expect(another).rejects.toMatchObject({ reason: "REQUEST_ID_REUSED" });
  });

  it("is another one by an id of more than a day ago, also while that is still kept", async () => {
    const store = await openStore();
    const tenantId = uuidv7();
    await store.create(tenantId, "subject");
    const rotate = (body = "") =>
      rotateTenantKey(store.custody, administrator(tenantId), request("of a timetable", body));
    const age = () =>
      record.keysAdmin.query(
        "update key_requests set created_at = now() - interval '25 hours' where tenant_id = $1",
        [tenantId],
      );
    expect(await rotate()).toMatchObject({ version: 2 });
    // So many older ones wait to be removed that it is not among those that a change removes.
    await record.keysAdmin.query(
      `insert into key_requests (tenant_id, rpc, request_hash, body_hash, created_at)
       select gen_random_uuid(), 'Older', '', '', now() - interval '30 hours' from generate_series(1, 250)`,
    );
    await age();
    expect(await rotate()).toMatchObject({ version: 3 });
    expect(await rotate()).toMatchObject({ version: 3 });
    await age();
    expect(await rotate("another")).toMatchObject({ version: 4 });
    await expect(rotate()).rejects.toMatchObject({ reason: "REQUEST_ID_REUSED" });
    const { rowCount } = await record.keysAdmin.query("delete from key_requests where rpc = 'Older'");
    expect(rowCount).toBeGreaterThan(0);
  });

  it("forgets ids of requests after a day, those of tenants that ask for nothing more as well", async () => {
    const store = await openStore();
    const [gone, asking] = [uuidv7(), uuidv7()];
    for (const tenantId of [gone, asking]) {
      await rotateTenantKey(store.custody, administrator(tenantId), request());
    }
    const kept = async () => {
      const { rows } = await record.keysAdmin.query<{ tenant_id: string }>(
        "select tenant_id from key_requests where tenant_id = any ($1)",
        [[gone, asking]],
      );
      return rows.map(({ tenant_id }) => tenant_id).toSorted();
    };
    expect(await kept()).toEqual([gone, asking].toSorted());
    await record.keysAdmin.query(
      "update key_requests set created_at = now() - interval '25 hours' where tenant_id = $1",
      [gone],
    );
    await rotateTenantKey(store.custody, administrator(asking), request());
    expect(await kept()).toEqual([asking, asking]);
  });
});

describe("the master key", () => {
  it("is changed for another: what the old one wrapped opens meanwhile, and then needs it no more", async () => {
    await using own = await openTestRecord("master");
    const keyPool = createPool({ url: own.urls.keys, applicationName: "master key test", schema: "public" });
    try {
      const file = await newMasterKey("next.key");
      const both = createKeyStore(
        keyPool,
        await createLocalKeyProviders({ file, previousFile: own.masterKeyFile }),
      );
      const keyId = await own.keys.create(own.tenant.tenantId, "subject");
      expect(await both.get(own.tenant.tenantId, keyId)).toHaveLength(32);
      const next = await createLocalKeyProviders({ file });
      await expect(checkProviders(both.custody.store, next)).rejects.toThrow(ConfigError);
      expect(await renewTenantKeys(both.custody)).toEqual({ renewed: 1, left: 0 });
      expect(await renewTenantKeys(both.custody)).toEqual({ renewed: 0, left: 0 });
      await checkProviders(both.custody.store, next);
      expect(await createKeyStore(keyPool, next).get(own.tenant.tenantId, keyId)).toHaveLength(32);
    } finally {
      await keyPool.end();
    }
  });

  it("that opens nothing is told in one sentence that names the settings", async () => {
    const { custody } = await openStore();
    const wrong = await createLocalKeyProviders({ file: await newMasterKey("wrong.key") });
    await expect(checkProviders(custody.store, wrong)).rejects.toThrow(
      /MNEME_MASTER_KEY_FILE does not open the keys .* MNEME_MASTER_KEY_PREVIOUS_FILE$/,
    );
  });
});
