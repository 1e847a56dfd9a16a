import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashApiKey } from "@mneme/core/tenancy/trusted-keys.ts";
import { createApiKeys } from "@mneme/postgres/api-keys.ts";
import { createPool } from "@mneme/postgres/pool.ts";
import { makeOlderRecord } from "@mneme/postgres/testing/older-record.ts";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { engineAccount } from "./account.ts";
import { cacheDir } from "./cache.ts";
import { obtainPostgres, preparePostgres } from "./engines/postgres.ts";
import { freePort } from "./port.ts";
import { onDatabaseOf, type PreparedRecord, prepareRecord } from "./record.ts";
import { Supervisor } from "./supervise.ts";

/** A server of its own: what is prepared there are its roles, and databases of fixed names. */
let folder: string;
let supervisor: Supervisor;
let url: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "mneme-record-prepared-"));
  supervisor = await Supervisor.open(folder);
  const cluster = await preparePostgres(await obtainPostgres(cacheDir()), {
    folder: join(folder, "postgres"),
    logFile: join(folder, "logs/postgres.log"),
    port: await freePort(),
    account: engineAccount(),
  });
  url = cluster.url;
  await supervisor.child(cluster.spec).start();
}, 120_000);
afterAll(async () => {
  await supervisor?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** Who a key is, as the api finds it. */
async function callerOf({ urls }: Pick<PreparedRecord, "urls">, apiKey: string) {
  const pool = createPool({ url: urls.app, applicationName: "record test", max: 1 });
  try {
    const [found] = await createApiKeys(pool).find([
      { hash: hashApiKey(apiKey).toString("hex"), projectId: undefined },
    ]);
    return found?.caller;
  } finally {
    await pool.end();
  }
}

it("gives a folder from before the administration a key that works, and leaves what applications hold working", async () => {
  const older = await makeOlderRecord(url, "mneme", "000020");
  const secrets = join(folder, "secrets");
  mkdirSync(secrets);
  writeFileSync(join(secrets, "tenant.json"), JSON.stringify(older));

  const record = await prepareRecord(url, folder);
  const { tenantId, projectId } = older;
  expect(record).toMatchObject({ tenant: { tenantId, projectId }, isKeyNew: true });
  const caller = await callerOf(record, record.tenant.apiKey);
  expect(caller).toMatchObject({ tenantId, projectId, isOfTenant: true });
  expect(caller?.permissions).toContain("TENANCY_WRITE");
  expect(JSON.parse(readFileSync(join(secrets, "tenant.json"), "utf8"))).toEqual(record.tenant);

  const kept = await callerOf(record, older.apiKey);
  expect(kept).toMatchObject({ tenantId, projectId, isOfTenant: false });
  expect(kept?.permissions).toContain("MEMORY_WRITE");
  expect(kept?.permissions).not.toContain("TENANCY_WRITE");

  expect(await prepareRecord(url, folder)).toMatchObject({ tenant: record.tenant, isKeyNew: false });
});

it("makes a key that was revoked anew, of the same tenant", async () => {
  const before = await prepareRecord(url, folder);
  const admin = new pg.Client({ connectionString: onDatabaseOf(url, before.urls.app) });
  await admin.connect();
  await admin.query("update mneme.api_keys set revoked_at = now() where key_hash = $1", [
    hashApiKey(before.tenant.apiKey),
  ]);
  await admin.end();
  const { tenant, isKeyNew, urls } = await prepareRecord(url, folder);
  expect(isKeyNew).toBe(true);
  const { tenantId, projectId } = before.tenant;
  expect(tenant).toMatchObject({ tenantId, projectId });
  expect(await callerOf({ urls }, before.tenant.apiKey)).toBeUndefined();
  expect(await callerOf({ urls }, tenant.apiKey)).toMatchObject({ tenantId, projectId });
});
