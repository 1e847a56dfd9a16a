import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { hashApiKey } from "@mneme/core/tenancy/trusted-keys.ts";
import { runner } from "node-pg-migrate";
import pg from "pg";
import { withDatabase } from "../migrate.ts";
import { APPLIED_TABLE, checkSums, MIGRATIONS_SCHEMA } from "../migration-sums.ts";
import type { Provisioned } from "../provision.ts";

const SQL = fileURLToPath(new URL("../sql/record", import.meta.url));

/**
 * Makes a record as versions before a migration left it, with a tenant as those before the administration made them:
 * no default project, and a key of its one project with permissions of its own.
 *
 * @param adminUrl a superuser's; `database` must not be there yet.
 */
export async function makeOlderRecord(
  adminUrl: string,
  database: string,
  before: string,
): Promise<Provisioned> {
  const server = new pg.Client({ connectionString: adminUrl });
  await server.connect();
  await server.query(
    "create role mneme_owner nologin; create role mneme_app login; create role mneme_relay login",
  );
  await server.query(`create database ${database} owner mneme_owner`);
  await server.end();
  const client = new pg.Client({ connectionString: withDatabase(adminUrl, database) });
  await client.connect();
  try {
    await bringOn(client, { database, from: "", before });
    return await insertOlderTenant(client);
  } finally {
    await client.end();
  }
}

/**
 * Brings a record on to what versions before a migration left.
 *
 * @param client a superuser's, in the record's `database`, which is mneme_owner's.
 */
export async function bringOn(
  client: pg.Client,
  { database, from, before }: { readonly database: string; readonly from: string; readonly before: string },
): Promise<void> {
  const migrations = (await readdir(SQL)).filter((file) => from <= file && file < before);
  await client.query("set role mneme_owner");
  await checkSums(client, SQL, database);
  await client.query("create schema if not exists mneme");
  await runner({
    dbClient: client,
    dir: SQL,
    direction: "up",
    count: migrations.length,
    migrationsSchema: MIGRATIONS_SCHEMA,
    migrationsTable: APPLIED_TABLE,
    schema: "mneme",
    log: () => undefined,
  });
  await client.query("reset role");
}

async function insertOlderTenant(client: pg.Client): Promise<Provisioned> {
  const [tenantId, projectId] = [randomUUID(), randomUUID()];
  const apiKey = `mneme_${randomUUID()}`;
  await client.query("insert into mneme.tenants (id, name, mac_key_id) values ($1, 'development', $2)", [
    tenantId,
    randomUUID(),
  ]);
  await client.query(
    "insert into mneme.projects (tenant_id, id, name, key_id) values ($1, $2, 'default', $3)",
    [tenantId, projectId, randomUUID()],
  );
  await client.query(
    `insert into mneme.api_keys (tenant_id, project_id, id, key_hash, prefix, permissions)
     values ($1, $2, $3, $4, $5, '{MEMORY_READ,MEMORY_WRITE}')`,
    [tenantId, projectId, randomUUID(), hashApiKey(apiKey), apiKey.slice(0, 12)],
  );
  return { tenantId, projectId, apiKey };
}
