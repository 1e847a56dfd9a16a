import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { migrate, type RolePasswords } from "../migrate.ts";

export interface CopyOptions {
  /** A superuser's. */
  readonly adminUrl: string;
  /** Names of the databases, which must not be there yet. */
  readonly record: string;
  readonly keys: string;
  readonly passwords: RolePasswords;
}

const SQL = fileURLToPath(new URL("../sql", import.meta.url));
const PREFIX = "mneme_template_";

/**
 * Makes both databases as copies of two that `migrate` made on this server before, of the migrations as they stand:
 * a copy takes a tenth of the time. Whom they admit is not copied: `migrate` them all the same.
 */
export async function copyTemplates(options: CopyOptions): Promise<void> {
  const { adminUrl, record, keys, passwords } = options;
  const sum = await sumOfMigrations();
  const made = { record: `${PREFIX}record_${sum}`, keys: `${PREFIX}keys_${sum}` };
  const server = new pg.Client({ connectionString: adminUrl });
  await server.connect();
  try {
    // One suite at a time: a template is neither copied half made nor dropped under a copy.
    await server.query("select pg_advisory_lock(hashtext('mneme templates'))");
    await provide(server, { adminUrl, passwords, ...made });
    await copy(server, made.record, record);
    await copy(server, made.keys, keys);
  } finally {
    await server.end();
  }
}

/** Another text of a migration is another template. */
async function sumOfMigrations(): Promise<string> {
  const sum = createHash("sha256");
  const files = (await readdir(SQL, { recursive: true })).filter((file) => file.endsWith(".sql"));
  for (const file of files.sort()) sum.update(`\0${file}\0`).update(await readFile(`${SQL}/${file}`));
  return sum.digest("hex").slice(0, 12);
}

/** One that is cut off leaves a template whose copies have more to migrate. */
async function provide(server: pg.Client, { adminUrl, record, keys, passwords }: CopyOptions): Promise<void> {
  const { rows } = await server.query<{ datname: string }>(
    "select datname from pg_database where starts_with(datname, $1)",
    [PREFIX],
  );
  const there = rows.map(({ datname }) => datname);
  if ([record, keys].every((name) => there.includes(name))) return;
  for (const name of there) await server.query(`drop database ${pg.escapeIdentifier(name)}`);
  await migrate({ adminUrl, record, keys, passwords });
}

async function copy(server: pg.Client, template: string, name: string): Promise<void> {
  const [from, to] = [template, name].map((each) => pg.escapeIdentifier(each));
  await server.query(`create database ${to} template ${from} owner mneme_owner`);
}
