import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KeyStore } from "@mneme/core/encryption/key-store.ts";
import { createLocalKeyProviders } from "@mneme/core/encryption/local-key-provider.ts";
import type { EngineTls } from "@mneme/core/engine-tls.ts";
import { hashApiKey } from "@mneme/core/tenancy/trusted-keys.ts";
import { connectionOf } from "@mneme/postgres/connection.ts";
import { createKeyStore } from "@mneme/postgres/key-store.ts";
import { type DatabaseUrls, migrate, type RolePasswords } from "@mneme/postgres/migrate.ts";
import { createPool } from "@mneme/postgres/pool.ts";
import {
  type Provisioned,
  provisionKey,
  provisionOperator,
  provisionTenant,
} from "@mneme/postgres/provision.ts";
import pg from "pg";

/** The record, ready for the processes: newest schema, secrets, one tenant to develop with, and a key of the operator. */
export interface PreparedRecord {
  readonly urls: DatabaseUrls;
  readonly masterKeyFile: string;
  readonly tenant: Provisioned;
  /** The key that was kept before works no more, or not for the whole tenant. */
  readonly isKeyNew: boolean;
  /** Of who runs the deployment: whoever develops. */
  readonly operatorApiKey: string;
}

/**
 * Migrates both databases and sees to the development tenant and the operator's key. Secrets are made once and kept in the data folder's
 * `secrets`, readable by its owner alone; a tenant whose database is gone is made anew, and so is a key of it that does not
 * work for all of it.
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
  const pool = new pg.Pool({ ...connectionOf(onDatabaseOf(adminUrl, urls.app), tls), max: 2 });
  const applicationName = "mneme local";
  const keyPool = createPool({ url: urls.keys, tls, schema: "public", applicationName, max: 2 });
  try {
    const keys = createKeyStore(keyPool, await createLocalKeyProviders({ file: masterKeyFile }));
    const development = await developmentTenant(pool, keys, join(secrets, "tenant.json"));
    const operatorApiKey = await operatorKey(pool, keys, join(secrets, "operator.json"));
    return { urls, masterKeyFile, ...development, operatorApiKey };
  } finally {
    await Promise.all([pool.end(), keyPool.end()]);
  }
}

async function developmentTenant(
  pool: pg.Pool,
  keys: KeyStore,
  file: string,
): Promise<Pick<PreparedRecord, "tenant" | "isKeyNew">> {
  const known = existsSync(file) ? readJson<Provisioned>(file) : undefined;
  if (known && (await isAdmin(pool, known))) return { tenant: known, isKeyNew: false };
  const isThere = known && (await pool.query(TENANT, [known.tenantId])).rowCount;
  const tenant = isThere
    ? { ...known, apiKey: await provisionKey({ pool }, known.tenantId) }
    : await provisionTenant({ pool, keys, name: "development" });
  writeSecret(file, JSON.stringify(tenant));
  return { tenant, isKeyNew: known !== undefined };
}

const TENANT = "select from mneme.tenants where id = $1";

/** Versions before the administration gave the tenant a key of its one project. */
async function isAdmin(pool: pg.Pool, { tenantId, apiKey }: Provisioned): Promise<boolean> {
  const { rowCount } = await pool.query(
    `select from mneme.api_keys
     where tenant_id = $1 and key_hash = $2 and project_id is null and 'admin' = any (roles) and ${WORKS}`,
    [tenantId, hashApiKey(apiKey)],
  );
  return Boolean(rowCount);
}

const WORKS = "revoked_at is null and (expires_at is null or expires_at > now())";

/** A key that was revoked, or has expired, is made anew: whoever has the data folder runs the deployment. */
async function operatorKey(pool: pg.Pool, keys: KeyStore, file: string): Promise<string> {
  if (existsSync(file)) {
    const { apiKey } = readJson<{ readonly apiKey: string }>(file);
    const text = `select from mneme.api_keys where key_hash = $1 and ${WORKS}`;
    const { rowCount } = await pool.query(text, [hashApiKey(apiKey)]);
    if (rowCount) return apiKey;
  }
  const apiKey = await provisionOperator({ pool, keys });
  writeSecret(file, JSON.stringify({ apiKey }));
  return apiKey;
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
