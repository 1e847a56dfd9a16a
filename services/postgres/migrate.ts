import { fileURLToPath } from "node:url";
import type { EngineTls } from "@mneme/core/engine-tls.ts";
import { runner } from "node-pg-migrate";
import pg from "pg";
import { connectionOf } from "./connection.ts";
import { APPLIED_TABLE, checkSums, MIGRATIONS_SCHEMA } from "./migration-sums.ts";

export interface MigrateOptions {
  /** A superuser's (or CREATEROLE, CREATEDB) URL of any database of the server. */
  readonly adminUrl: string;
  readonly tls?: EngineTls | undefined;
  /** Database names; `mneme` and `mneme_keys` by default. */
  readonly record?: string;
  readonly keys?: string;
  /** Passwords of the three login roles. */
  readonly passwords: RolePasswords;
}

export interface RolePasswords {
  /** mneme_app: api and worker. */
  readonly app: string;
  /** mneme_relay: reads the outbox of all tenants and nothing else. */
  readonly relay: string;
  /** mneme_keys: the key store's only user. */
  readonly keys: string;
}

export interface DatabaseUrls {
  readonly app: string;
  readonly relay: string;
  readonly keys: string;
}

const ROLES = { app: "mneme_app", relay: "mneme_relay", keys: "mneme_keys" } as const;
const OWNER = "mneme_owner";

/**
 * Brings both databases to the newest schema, from empty or from any earlier one; safe to run at the
 * same time from several places. Forward only.
 *
 * @returns the URLs under which the roles reach their database.
 * @throws Error, one sentence for people, where a migration was edited after it was applied.
 */
export async function migrate(options: MigrateOptions): Promise<DatabaseUrls> {
  const record = options.record ?? "mneme";
  const keys = options.keys ?? "mneme_keys";
  const { tls } = options;
  await withClient(options.adminUrl, tls, async (admin) => {
    // Roles and databases belong to the server: one starter at a time.
    await admin.query("select pg_advisory_lock(hashtext('mneme migrate'))");
    await createRoles(admin, options.passwords);
    await provideDatabase(admin, record, [ROLES.app, ROLES.relay]);
    await provideDatabase(admin, keys, [ROLES.keys]);
  });
  await migrateDatabase(withDatabase(options.adminUrl, record), "record", "mneme", tls);
  await migrateDatabase(withDatabase(options.adminUrl, keys), "keys", "public", tls);
  return {
    app: roleUrl(options.adminUrl, record, ROLES.app, options.passwords.app),
    relay: roleUrl(options.adminUrl, record, ROLES.relay, options.passwords.relay),
    keys: roleUrl(options.adminUrl, keys, ROLES.keys, options.passwords.keys),
  };
}

async function createRoles(admin: pg.Client, passwords: RolePasswords): Promise<void> {
  await createRole(admin, OWNER, "nologin");
  for (const part of ["app", "relay", "keys"] as const) {
    const password = pg.escapeLiteral(passwords[part]);
    await createRole(admin, ROLES[part], `login nosuperuser nocreatedb nocreaterole nobypassrls`);
    await admin.query(`alter role ${ROLES[part]} password ${password}`);
  }
}

async function createRole(admin: pg.Client, name: string, attributes: string): Promise<void> {
  const { rowCount } = await admin.query("select from pg_roles where rolname = $1", [name]);
  if (!rowCount) await admin.query(`create role ${name} ${attributes}`);
}

/** @param visitors the roles that may connect, and no more: a temporary table could stand in for one of ours. */
async function provideDatabase(admin: pg.Client, name: string, visitors: readonly string[]): Promise<void> {
  const { rowCount } = await admin.query("select from pg_database where datname = $1", [name]);
  const database = pg.escapeIdentifier(name);
  if (!rowCount) await admin.query(`create database ${database} owner ${OWNER}`);
  // In one transaction, so that nobody is shut out in between.
  await admin.query(
    `revoke connect, temporary on database ${database} from public, ${Object.values(ROLES).join(", ")};
     grant connect on database ${database} to ${visitors.join(", ")}`,
  );
}

async function migrateDatabase(
  url: string,
  folder: "record" | "keys",
  schema: string,
  tls: EngineTls | undefined,
): Promise<void> {
  const dir = fileURLToPath(new URL(`./sql/${folder}`, import.meta.url));
  await withClient(url, tls, async (client) => {
    await client.query("select pg_advisory_lock(hashtext('mneme migrate'))");
    await client.query(`set role ${OWNER}`);
    await checkSums(client, dir, new URL(url).pathname.slice(1));
    if (schema !== "public") await client.query(`create schema if not exists ${schema}`);
    await runner({
      dbClient: client,
      dir,
      direction: "up",
      // Outside the application's schema: no role of ours but the owner ever sees it.
      migrationsSchema: MIGRATIONS_SCHEMA,
      migrationsTable: APPLIED_TABLE,
      schema,
      singleTransaction: true,
      log: () => undefined,
    });
  });
}

async function withClient<T>(
  url: string,
  tls: EngineTls | undefined,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ ...connectionOf(url, tls), application_name: "mneme migrate" });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The same server and account, another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

function roleUrl(url: string, database: string, role: string, password: string): string {
  const changed = new URL(withDatabase(url, database));
  changed.username = role;
  changed.password = encodeURIComponent(password);
  return changed.href;
}
