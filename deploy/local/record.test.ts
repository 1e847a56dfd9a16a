import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashApiKey } from "@mneme/core/tenancy/trusted-keys.ts";
import { createApiKeys } from "@mneme/postgres/api-keys.ts";
import { withDatabase } from "@mneme/postgres/migrate.ts";
import { createPool } from "@mneme/postgres/pool.ts";
import { bringOn, makeOlderRecord } from "@mneme/postgres/testing/older-record.ts";
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

it("takes keys that were rotated before use was counted by key, and what replaced them, for one", async () => {
  const database = "rotated";
  const server = new pg.Client({ connectionString: url });
  await server.connect();
  await server.query(`create database ${database} owner mneme_owner`);
  await server.end();
  const client = new pg.Client({ connectionString: withDatabase(url, database) });
  await client.connect();
  try {
    await bringOn(client, { database, from: "", before: "000031" });
    const [tenantId, projectId] = [randomUUID(), randomUUID()];
    const keys = Array.from({ length: 4 }, () => randomUUID());
    const [first, second, third] = keys;
    await client.query("begin");
    await client.query(
      "insert into mneme.tenants (id, name, mac_key_id, default_project_id) values ($1, 'older', $2, $3)",
      [tenantId, randomUUID(), projectId],
    );
    await client.query(
      "insert into mneme.projects (tenant_id, id, name, key_id) values ($1, $2, 'default', $3)",
      [tenantId, projectId, randomUUID()],
    );
    await client.query(
      `insert into mneme.api_keys (tenant_id, id, key_hash, prefix, replaced_by)
       select $1, u.id, u.id::text::bytea, '', u.replaced_by from unnest($2::uuid[], $3::uuid[]) as u (id, replaced_by)`,
      [tenantId, keys, [second, third, null, null]],
    );
    await client.query("commit");
    await bringOn(client, { database, from: "000031", before: "000032" });
    const { rows } = await client.query("select id, first_id from mneme.api_keys");
    expect(new Map(rows.map(({ id, first_id }) => [id, first_id]))).toEqual(
      new Map(keys.map((id) => [id, id === second || id === third ? first : null])),
    );
  } finally {
    await client.end();
  }
});
