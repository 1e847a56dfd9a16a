import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createLocalKeyProviders } from "@mneme/core/encryption/local-key-provider.ts";
import type { EngineTls } from "@mneme/core/engine-tls.ts";
import { hashApiKey } from "@mneme/core/tenancy/trusted-keys.ts";
import { connectionOf } from "@mneme/postgres/connection.ts";
import { createKeyStore } from "@mneme/postgres/key-store.ts";
import { type DatabaseUrls, migrate, type RolePasswords } from "@mneme/postgres/migrate.ts";
import { type Provisioned, provisionTenant } from "@mneme/postgres/provision.ts";
import pg from "pg";

/** The record, ready for the processes: newest schema, secrets, one tenant to develop with. */
export interface PreparedRecord {
  readonly urls: DatabaseUrls;
  readonly masterKeyFile: string;
  readonly tenant: Provisioned;
}

/**
 * Migrates both databases and sees to the development tenant. Secrets are made once and kept in the data folder's
 * `secrets`, readable by its owner alone; a tenant whose database is gone is made anew.
 *
 * @param adminUrl a superuser's, of any database of the server.
 */
export async function prepareRecord(
  adminUrl: string,
  dataDir: string,
  tls?: EngineTls,
): Promise<PreparedRecord> {
  const secrets = join(dataDir, "secrets");
  mkdirSync(secrets, { recursive: true, mode: 0o700 });
  chmodSync(secrets, 0o700);
  const passwords = kept(join(secrets, "roles.json"), newPasswords);
  const masterKeyFile = join(secrets, "master.key");
  if (!existsSync(masterKeyFile)) writeSecret(masterKeyFile, randomBytes(32).toString("hex"));
  const urls = await migrate({ adminUrl, passwords, tls });
  const places = {
    record: connectionOf(onDatabaseOf(adminUrl, urls.app), tls),
    keys: connectionOf(urls.keys, tls),
  };
  const tenant = await developmentTenant(places, masterKeyFile, join(secrets, "tenant.json"));
  return { urls, masterKeyFile, tenant };
}

async function developmentTenant(
  places: Readonly<Record<"record" | "keys", pg.PoolConfig>>,
  masterKeyFile: string,
  file: string,
): Promise<Provisioned> {
  const pool = new pg.Pool({ ...places.record, max: 2 });
  const keyPool = new pg.Pool({ ...places.keys, max: 2 });
  try {
    if (existsSync(file)) {
      const known = readJson<Provisioned>(file);
      if (await isKnown(pool, known)) return known;
    }
    const keys = createKeyStore(keyPool, await createLocalKeyProviders({ file: masterKeyFile }));
    const made = await provisionTenant({ pool, keys, name: "development" });
    writeSecret(file, JSON.stringify(made));
    return made;
  } finally {
    await Promise.all([pool.end(), keyPool.end()]);
  }
}

async function isKnown(pool: pg.Pool, tenant: Provisioned): Promise<boolean> {
  const { rowCount } = await pool.query("select from mneme.api_keys where tenant_id = $1 and key_hash = $2", [
    tenant.tenantId,
    hashApiKey(tenant.apiKey),
  ]);
  return rowCount === 1;
}

/** The superuser's URL, with the database of another. */
export function onDatabaseOf(adminUrl: string, other: string): string {
  const changed = new URL(adminUrl);
  changed.pathname = new URL(other).pathname;
  return changed.href;
}

function newPasswords(): RolePasswords {
  const password = () => randomBytes(24).toString("base64url");
  return { app: password(), relay: password(), keys: password() };
}

function kept<T>(file: string, make: () => T): T {
  if (!existsSync(file)) writeSecret(file, JSON.stringify(make()));
  return readJson<T>(file);
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, "utf8")) as T;
}

/** Whole or not at all, readable by its owner alone. */
export function writeSecret(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
