import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, parse } from "node:path";
import type pg from "pg";

/** Where it is kept which migrations are applied, and what they said. */
export const MIGRATIONS_SCHEMA = "mneme_migrations";
export const APPLIED_TABLE = "applied";

/**
 * Applied migrations are told by their names alone, so one that was edited afterwards would go unnoticed until a
 * query misses what it should have made. Compares each with the sum of what was applied, and keeps the sums of
 * those that are about to be.
 *
 * @param client holds the migrations' lock until they are applied.
 * @throws Error, one sentence for people, where an applied migration has another sum or, made before there were
 *   sums, none.
 */
export async function checkSums(client: pg.Client, folder: string, database: string): Promise<void> {
  await client.query(`
    create schema if not exists ${MIGRATIONS_SCHEMA};
    create table if not exists ${MIGRATIONS_SCHEMA}.sums (name text primary key, sha256 text not null)`);
  const applied = await appliedSums(client);
  for (const { name, sha256 } of await sumsOf(folder)) {
    if (!applied.has(name)) await keepSum(client, name, sha256);
    else if (applied.get(name) !== sha256) throw edited(database, name);
  }
}

async function appliedSums(client: pg.Client): Promise<Map<string, string | null>> {
  const table = `${MIGRATIONS_SCHEMA}.${APPLIED_TABLE}`;
  const { rows: found } = await client.query("select from pg_class where oid = to_regclass($1)", [table]);
  if (found.length === 0) return new Map();
  const { rows } = await client.query<{ name: string; sha256: string | null }>(
    `select a.name, s.sha256 from ${table} a left join ${MIGRATIONS_SCHEMA}.sums s using (name)`,
  );
  return new Map(rows.map(({ name, sha256 }) => [name, sha256]));
}

async function sumsOf(folder: string): Promise<{ readonly name: string; readonly sha256: string }[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".sql"));
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(folder, file));
      return { name: parse(file).name, sha256: createHash("sha256").update(text).digest("hex") };
    }),
  );
}

/** Before it is applied, so that no applied one is ever without; a start that was cut off says it anew. */
async function keepSum(client: pg.Client, name: string, sha256: string): Promise<void> {
  await client.query(
    `insert into ${MIGRATIONS_SCHEMA}.sums (name, sha256) values ($1, $2)
     on conflict (name) do update set sha256 = excluded.sha256`,
    [name, sha256],
  );
}

function edited(database: string, name: string): Error {
  return new Error(
    `The database ${database} was made by another text of the migration ${name}: if its data is from before the first ` +
      "release, remove the data folder or drop the databases mneme and mneme_keys; otherwise put the migration back " +
      "as it was applied, for an applied one is never edited.",
  );
}
