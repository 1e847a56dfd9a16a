import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cipher, createCipher } from "@mneme/core/encryption/cipher.ts";
import type { KeyStore } from "@mneme/core/encryption/key-store.ts";
import { createLocalKeyProviders } from "@mneme/core/encryption/local-key-provider.ts";
import pg from "pg";
import type { Database } from "../database.ts";
import { createKeyStore } from "../key-store.ts";
import { type DatabaseUrls, migrate, type RolePasswords, withDatabase } from "../migrate.ts";
import { createPool } from "../pool.ts";
import { type Provisioned, provisionTenant } from "../provision.ts";
import { copyTemplates } from "./templates.ts";

/** A record of its own on the real PostgreSQL, with one tenant in it; gone once disposed. */
export interface TestRecord extends AsyncDisposable {
  readonly urls: DatabaseUrls;
  /** What the stores take; connects as mneme_app. */
  readonly database: Database;
  /** The superuser in the record's database: sees all tenants. Name tables with their schema. */
  readonly admin: pg.Pool;
  /** The superuser in the key store's database. */
  readonly keysAdmin: pg.Pool;
  readonly cipher: Cipher;
  readonly keys: KeyStore;
  /** Hexadecimal master key that wraps the data keys. */
  readonly masterKeyFile: string;
  readonly tenant: Provisioned;
  /** One more tenant. */
  provision(name?: string): Promise<Provisioned>;
}

/** Roles belong to the server, so every suite on it must give them the same passwords. */
export const TEST_PASSWORDS: RolePasswords = { app: "app-test", relay: "relay-test", keys: "keys-test" };

/**
 * @param name begins the names of the databases.
 * @param adminUrl a superuser's; MNEME_POSTGRES_URL by default.
 * @throws Error without either.
 */
export async function openTestRecord(name = "test", adminUrl = superuserUrl()): Promise<TestRecord> {
  const suffix = `${name}_${randomBytes(6).toString("hex")}`;
  const record = `mneme_${suffix}`;
  const keyDatabase = `mneme_keys_${suffix}`;
  const folder = await mkdtemp(join(tmpdir(), "mneme-record-"));
  const masterKeyFile = join(folder, "master.key");
  await writeFile(masterKeyFile, randomBytes(32).toString("hex"), { mode: 0o600 });
  const databases = { adminUrl, record, keys: keyDatabase, passwords: TEST_PASSWORDS };
  await copyTemplates(databases);
  const urls = await migrate(databases);

  const pool = createPool({ url: urls.app, applicationName: "mneme test" });
  const keyPool = createPool({ url: urls.keys, schema: "public", applicationName: "mneme test", max: 4 });
  const admin = new pg.Pool({ connectionString: withDatabase(adminUrl, record), max: 4 });
  const keysAdmin = new pg.Pool({ connectionString: withDatabase(adminUrl, keyDatabase), max: 2 });
  const keys = createKeyStore(keyPool, await createLocalKeyProviders({ file: masterKeyFile }));
  const cipher = createCipher(keys);
  const provision = (tenant = "tenant") => provisionTenant({ pool: admin, keys, name: tenant });

  return {
    urls,
    database: { pool, cipher, keys },
    admin,
    keysAdmin,
    cipher,
    keys,
    masterKeyFile,
    tenant: await provision(),
    provision,
    async [Symbol.asyncDispose]() {
      await Promise.all([pool, keyPool, admin, keysAdmin].map((each) => each.end()));
      // Each drop asks for a checkpoint; at the same time, they share one.
      await Promise.all([record, keyDatabase].map((each) => dropDatabase(adminUrl, each)));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function dropDatabase(url: string, name: string): Promise<void> {
  const server = new pg.Client({ connectionString: url });
  await server.connect();
  try {
    const drop = `drop database if exists ${pg.escapeIdentifier(name)}`;
    // The server waits for closing connections by itself; what a failed test left open is cut.
    await server.query(drop).catch(() => server.query(`${drop} with (force)`));
  } finally {
    await server.end();
  }
}

/** MNEME_POSTGRES_URL. @throws Error without it. */
export function superuserUrl(): string {
  const url = process.env.MNEME_POSTGRES_URL;
  if (!url) {
    throw new Error(
      "These tests run on a real PostgreSQL: run them with `npm test`, or set MNEME_POSTGRES_URL to a superuser's URL.",
    );
  }
  return url;
}
