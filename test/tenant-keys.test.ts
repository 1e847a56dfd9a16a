import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { DOUBT_MS, HOLD_MS, OUTAGE_MS } from "@mneme/core/encryption/key-leases.ts";
import {
  bringKey,
  describeKey,
  returnKey,
  rotateTenantKey,
} from "@mneme/core/encryption/manage-tenant-key.ts";
import { renewTenantKeys, rewrapDataKeys } from "@mneme/core/encryption/rewrap-keys.ts";
import type { KeyConfig } from "@mneme/core/key-settings.ts";
import { createSigningKeys } from "@mneme/core/signing/signing-keys.ts";
import { openKeyProviders } from "@mneme/keys/providers.ts";
import { startTransitServer, type TransitServer } from "@mneme/keys/testing/transit-server.ts";
import { createKeyStore, type PostgresKeyStore } from "@mneme/postgres/key-store.ts";
import { createPool } from "@mneme/postgres/pool.ts";
import { createSigningKeyStore } from "@mneme/postgres/signing-key-store.ts";
import { openTestRecord, type TestRecord } from "@mneme/postgres/testing/record.ts";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

let record: TestRecord;
let pool: pg.Pool;
let server: TransitServer;
let resources: AsyncDisposableStack;
/** What the leases of every store here take for the time. */
let now = 0;

beforeAll(async () => {
  record = await openTestRecord("tenantkeys");
});
afterAll(() => record?.[Symbol.asyncDispose]());

beforeEach(async () => {
  resources = new AsyncDisposableStack();
  pool = createPool({ url: record.urls.keys, applicationName: "tenant keys test", schema: "public" });
  resources.defer(() => pool.end());
  server = resources.use(await startTransitServer());
  for (const key of ["mneme", "acme", "other"]) server.ask("POST", `keys/${key}`);
});
afterEach(() => resources.disposeAsync());

/** A process of some settings. */
async function openStore(change: Partial<KeyConfig> = {}): Promise<PostgresKeyStore> {
  const config = { masterKeyFile: record.masterKeyFile, previousMasterKeyFile: undefined, anyAddress: true };
  const providers = await openKeyProviders({ ...config, standard: "local", transit: undefined, ...change });
  resources.use(providers);
  return createKeyStore(pool, providers, { now: () => now });
}

async function deployedTransit(token = server.issue("mneme")): Promise<Partial<KeyConfig>> {
  const tokenFile = `${record.masterKeyFile}.token`;
  await writeFile(tokenFile, token);
  const { url, mount } = server;
  return {
    standard: "transit",
    transit: { url, mount, key: "mneme", namespace: "", tokenFile, caFile: undefined },
  };
}

const administrator = (tenantId: string, isOfTenant = true) => ({
  tenantId,
  projectId: "",
  isOfTenant,
  apiKeyId: "",
  permissions: new Set<string>(),
});
const request = (rpc: string, requestId = uuidv7()) => ({ rpc, requestId, body: Buffer.from(rpc) });
const reference = (key = "acme") => ({ url: server.url, mount: server.mount, key, namespace: "" });
const revoked = { kind: "permission_denied", reason: "TENANT_KEY_REVOKED" };
const away = (dependency: string) => ({
  kind: "unavailable",
  reason: "DEPENDENCY_UNAVAILABLE",
  metadata: { dependency },
});

/** A tenant that has brought a key of its own, and one data key of its. */
async function bringOne(store: PostgresKeyStore) {
  const tenantId = uuidv7();
  const keyId = await store.create(tenantId, "subject");
  const key = await store.get(tenantId, keyId);
  const token = server.issue("acme");
  const bring = (command = { reference: reference(), token }, requestId?: string) =>
    bringKey(store.custody, administrator(tenantId), command, request("BringTenantKey", requestId));
  await bring();
  await rewrapDataKeys(store.custody, tenantId);
  return { tenantId, keyId, key, token, bring };
}

describe("a key that a tenant brought", () => {
  it("is asked for again in the background, and by no call in between", async () => {
    const store = await openStore();
    const { tenantId, keyId, key } = await bringOne(store);
    const fresh = await openStore();
    expect(await fresh.get(tenantId, keyId)).toEqual(key);
    const asked = server.calls.length;
    const queries = countQueries(pool);
    for (let call = 0; call < 1_000; call += 1) await fresh.get(tenantId, keyId);
    expect([server.calls.length, queries.count]).toEqual([asked, 0]);
  });

  it("revoked, opens nothing any more in any process once it is asked again", async () => {
    const [one, other] = [await openStore(), await openStore()];
    const { tenantId, keyId, key, token } = await bringOne(one);
    expect(await other.get(tenantId, keyId)).toEqual(key);
    server.revoke(token);
    now += HOLD_MS;
    for (const store of [one, other]) {
      await expect(store.get(tenantId, keyId)).rejects.toMatchObject(revoked);
      await expect(store.create(tenantId, "subject")).rejects.toMatchObject(revoked);
      await expect(store.admit(tenantId)).rejects.toMatchObject(revoked);
    }
    expect((await describeKey(one.custody, administrator(tenantId))).state).toBe("revoked");
    server.reinstate(token);
    now += DOUBT_MS;
    expect(await other.get(tenantId, keyId)).toEqual(key);
  });

  it("of a server that is away opens what was open for five minutes", async () => {
    const store = await openStore();
    const { tenantId, keyId, key } = await bringOne(store);
    await store.get(tenantId, keyId);
    server.sealed = true;
    for (const age of [HOLD_MS, OUTAGE_MS - HOLD_MS]) {
      now += age - 1;
      expect(await store.get(tenantId, keyId)).toEqual(key);
    }
    now += OUTAGE_MS;
    await expect(store.get(tenantId, keyId)).rejects.toMatchObject(away("tenant_key_provider"));
    server.sealed = false;
    now += DOUBT_MS;
    expect(await store.get(tenantId, keyId)).toEqual(key);
  });

  it("is changed for another, whose token alone opens from then on", async () => {
    const store = await openStore();
    const { tenantId, keyId, key, token, bring } = await bringOne(store);
    await bring({ reference: reference("other"), token: server.issue("other") });
    await rewrapDataKeys(store.custody, tenantId);
    server.revoke(token);
    expect(await (await openStore()).get(tenantId, keyId)).toEqual(key);
  });

  it("takes another token while the first is refused, of the same key alone", async () => {
    const store = await openStore();
    const { tenantId, keyId, key, token, bring } = await bringOne(store);
    server.revoke(token);
    const other = { reference: reference("other"), token: server.issue("other") };
    await expect(bring(other)).rejects.toMatchObject(revoked);
    const again = { reference: reference(), token: server.issue("acme") };
    expect(await bring(again, "again")).toMatchObject({ state: "active", version: 2 });
    expect(await bring(again, "again")).toMatchObject({ state: "active", version: 2 });
    expect(await (await openStore()).get(tenantId, keyId)).toEqual(key);
  });

  it("is changed for another, whose end waits for a token that was revoked too soon: another takes its place", async () => {
    const store = await openStore();
    const { tenantId, keyId, key, token, bring } = await bringOne(store);
    const later = { reference: reference("other"), token: server.issue("other") };
    await bring(later);
    server.revoke(token);
    await expect((await openStore()).get(tenantId, keyId)).rejects.toMatchObject(revoked);
    await expect(rewrapDataKeys(store.custody, tenantId)).rejects.toMatchObject(revoked);
    await expect(bring(later)).rejects.toMatchObject(revoked);
    const again = { reference: reference(), token: server.issue("acme") };
    expect(await bring(again)).toMatchObject({ state: "rotating", version: 3, transit: later.reference });
    expect(await (await openStore()).get(tenantId, keyId)).toEqual(key);
    await rewrapDataKeys(store.custody, tenantId);
    server.revoke(again.token);
    expect(await (await openStore()).get(tenantId, keyId)).toEqual(key);
  });

  it("is changed for another, whose token is lost before the end: its next one takes its place alone", async () => {
    const store = await openStore();
    const { tenantId, keyId, key, token, bring } = await bringOne(store);
    const lost = server.issue("other");
    await bring({ reference: reference("other"), token: lost });
    server.revoke(lost);
    const again = { reference: reference("other"), token: server.issue("other") };
    expect(await bring(again)).toMatchObject({ state: "rotating", version: 3 });
    expect(await (await openStore()).get(tenantId, keyId)).toEqual(key);
    await rewrapDataKeys(store.custody, tenantId);
    server.revoke(token);
    expect(await (await openStore()).get(tenantId, keyId)).toEqual(key);
  });

  it("can neither be returned nor rotated while it is refused: its data keys could not be opened", async () => {
    const store = await openStore();
    const { tenantId, token } = await bringOne(store);
    server.revoke(token);
    for (const change of [returnKey, rotateTenantKey]) {
      const changing = change(store.custody, administrator(tenantId), request(change.name));
      await expect(changing).rejects.toMatchObject(revoked);
    }
  });

  it("is not taken where it can't wrap and unwrap, nor from a project's own key", async () => {
    const store = await openStore();
    const { tenantId, bring } = await bringOne(store);
    const field = (name: string) => ({ reason: "FIELD_INVALID", metadata: { field: name } });
    await expect(bring({ reference: reference("other"), token: "none" })).rejects.toMatchObject(
      field("transit"),
    );
    const strict = await openStore({ anyAddress: false });
    for (const url of [server.url, "https://localhost:1"]) {
      const command = { reference: { ...reference(), url }, token: "any" };
      const bringing = bringKey(strict.custody, administrator(tenantId), command, request("BringTenantKey"));
      await expect(bringing).rejects.toMatchObject(field("transit.url"));
    }
    const asProject = rotateTenantKey(
      store.custody,
      administrator(tenantId, false),
      request("RotateTenantKey"),
    );
    await expect(asProject).rejects.toMatchObject({ reason: "PERMISSION_MISSING" });
  });

  it("is refused where its provider opens it to what is no key", async () => {
    const { tenantId, keyId } = await bringOne(await openStore());
    const { data } = server.ask("POST", "encrypt/acme", {
      plaintext: randomBytes(16).toString("base64"),
      associated_data: Buffer.from(`tenant-key/${tenantId}/2`).toString("base64"),
    });
    await record.keysAdmin.query("update tenant_keys set wrapped = $2 where tenant_id = $1 and version = 2", [
      tenantId,
      Buffer.from(String(data?.ciphertext)),
    ]);
    await expect((await openStore()).get(tenantId, keyId)).rejects.toMatchObject(revoked);
  });

  it("is not called any more where the deployment has come to allow public addresses alone", async () => {
    const { tenantId, keyId } = await bringOne(await openStore());
    const strict = await openStore({ anyAddress: false });
    await expect(strict.get(tenantId, keyId)).rejects.toMatchObject(revoked);
  });
});

describe("the deployment's provider", () => {
  it("that refuses is an outage to all, who go on for five minutes, and no tenant's revocation", async () => {
    const token = server.issue("mneme");
    const deployed = await deployedTransit(token);
    const store = await openStore(deployed);
    const plain = uuidv7();
    const keyId = await store.create(plain, "subject");
    const brought = await bringOne(store);
    await store.get(plain, keyId);
    await store.get(brought.tenantId, brought.keyId);
    server.revoke(token);
    now += OUTAGE_MS - 1;
    expect(await store.get(plain, keyId)).toHaveLength(32);
    expect(await store.get(brought.tenantId, brought.keyId)).toEqual(brought.key);
    const fresh = await openStore(deployed);
    for (const [tenantId, id] of [
      [plain, keyId],
      // Its token lies sealed by the deployment's provider.
      [brought.tenantId, brought.keyId],
    ] as const) {
      await expect(fresh.get(tenantId, id)).rejects.toMatchObject(away("key_provider"));
      await expect(describeKey(fresh.custody, administrator(tenantId))).rejects.toMatchObject(
        away("key_provider"),
      );
    }
    await expect(fresh.create(uuidv7(), "subject")).rejects.toMatchObject(away("key_provider"));
    await expect(brought.bring()).rejects.toMatchObject(away("key_provider"));
    server.reinstate(token);
    now += DOUBT_MS;
    expect(await fresh.get(plain, keyId)).toHaveLength(32);
    // Back, so that the record's other tests find what they know.
    await renewTenantKeys((await openStore({ ...deployed, standard: "local" })).custody);
  });

  it("that refuses lets nothing be signed, and what signs signs again once it agrees", async () => {
    const token = server.issue("mneme");
    const deployed = await deployedTransit(token);
    const kid = async () => {
      const { providers } = (await openStore(deployed)).custody;
      return (await createSigningKeys(createSigningKeyStore(pool), providers).current()).kid;
    };
    const signing = await kid();
    server.revoke(token);
    await expect(kid()).rejects.toMatchObject(away("key_provider"));
    server.reinstate(token);
    expect(await kid()).toBe(signing);
  });

  it("that is not set any more has its keys left, and the others' are wrapped anew", async () => {
    const deployed = await deployedTransit();
    await (await openStore(deployed)).create(uuidv7(), "subject");
    const tenantId = uuidv7();
    const keyId = await (await openStore()).create(tenantId, "subject");
    const masterKeyFile = `${record.masterKeyFile}.next`;
    await writeFile(masterKeyFile, randomBytes(32).toString("hex"));
    const next = await openStore({ masterKeyFile, previousMasterKeyFile: record.masterKeyFile });
    expect((await renewTenantKeys(next.custody)).left).toBe(1);
    expect(await (await openStore({ masterKeyFile })).get(tenantId, keyId)).toHaveLength(32);
    // Back, so that the record's other tests find what they know.
    const back = await openStore({ ...deployed, standard: "local", previousMasterKeyFile: masterKeyFile });
    expect((await renewTenantKeys(back.custody)).left).toBe(0);
  });

  it("is changed from file to transit engine, and tokens that tenants brought go with it", async () => {
    const before = await openStore();
    const { tenantId, keyId, key } = await bringOne(before);
    const ownTenant = uuidv7();
    const ownKeyId = await before.create(ownTenant, "subject");
    const deployed = await deployedTransit();
    const after = await openStore(deployed);
    // Both are opened at once, whichever wrapped them.
    expect(await after.get(tenantId, keyId)).toEqual(key);
    expect(await after.get(ownTenant, ownKeyId)).toHaveLength(32);
    const { renewed } = await renewTenantKeys(after.custody);
    expect(renewed).toBeGreaterThanOrEqual(2);
    const { rows } = await record.keysAdmin.query<{ provider: string; token_provider: string | null }>(
      "select distinct provider, token_provider from tenant_keys where tenant_id = any ($1) and state = 'active' order by 1",
      [[tenantId, ownTenant]],
    );
    expect(rows).toEqual([
      { provider: "brought", token_provider: "transit" },
      { provider: "transit", token_provider: null },
    ]);
    // And its own key's rotation wraps them anew.
    server.ask("POST", "keys/mneme/rotate");
    expect((await renewTenantKeys(after.custody)).renewed).toBe(renewed);
    server.ask("POST", "keys/mneme/config", { min_decryption_version: 2 });
    const fresh = await openStore(deployed);
    expect(await fresh.get(tenantId, keyId)).toEqual(key);
    expect(await fresh.get(ownTenant, ownKeyId)).toHaveLength(32);
    // Back, so that the record's other tests find what they know.
    expect(
      (await renewTenantKeys((await openStore({ ...deployed, standard: "local" })).custody)).renewed,
    ).toBe(renewed);
  });
});

/** Counts what a pool is asked from now on. */
function countQueries(counted: pg.Pool): { count: number } {
  const tally = { count: 0 };
  const query = counted.query.bind(counted) as (...args: unknown[]) => unknown;
  counted.query = ((...args: unknown[]) => {
    tally.count += 1;
    return query(...args);
  }) as typeof counted.query;
  return tally;
}
