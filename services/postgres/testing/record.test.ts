import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DatabaseUrls, migrate, withDatabase } from "../migrate.ts";
import { openTestRecord, superuserUrl, TEST_PASSWORDS, type TestRecord } from "./record.ts";

let record: TestRecord;
beforeAll(async () => {
  record = await openTestRecord("fences");
});
afterAll(() => record[Symbol.asyncDispose]());

const databaseOf = (at: keyof DatabaseUrls) => new URL(record.urls[at]).pathname.slice(1);

it("forces row-level security on every table", async () => {
  const { rows } = await record.admin.query<{ relname: string; forced: boolean; policies: string }>(
    `select c.relname, c.relrowsecurity and c.relforcerowsecurity as forced,
       (select count(*) from pg_policy p where p.polrelid = c.oid) as policies
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'mneme' and c.relkind in ('r', 'p')`,
  );
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.filter((row) => !row.forced || Number(row.policies) === 0)).toEqual([]);
});

it("gives the application's roles nothing to own and no way around", async () => {
  const { rows } = await record.admin.query(
    `select rolname from pg_roles r where rolname in ('mneme_app', 'mneme_relay', 'mneme_keys')
       and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb
            or exists (select from pg_class c where c.relowner = r.oid))`,
  );
  expect(rows).toEqual([]);
});

describe.each([
  { role: "app", admitted: "app" },
  { role: "relay", admitted: "app" },
  { role: "keys", admitted: "keys" },
] as const)("the $role role", ({ role, admitted }) => {
  /** Under the role's own account, in any database that `urls` names. */
  const query = async (at: keyof DatabaseUrls, text: string) => {
    const client = new pg.Client({ connectionString: withDatabase(record.urls[role], databaseOf(at)) });
    try {
      await client.connect();
      return await client.query(text);
    } finally {
      await client.end();
    }
  };

  it("can connect where it must, and nowhere else", async () => {
    const other = admitted === "keys" ? "app" : "keys";
    expect((await query(admitted, "select")).rowCount).toBe(1);
    await expect(query(other, "select")).rejects.toThrow("permission denied for database");
  });

  it("can make no temporary table", async () => {
    await expect(query(admitted, "create temporary table outbox (id bigint)")).rejects.toThrow(
      "permission denied to create temporary tables",
    );
  });
});

it("migrates to the same fences once more", async () => {
  const databases = { record: databaseOf("app"), keys: databaseOf("keys") };
  const fences = async () =>
    (
      await record.admin.query(
        `select datname, array(select unnest(datacl)::text order by 1) as admitted
         from pg_database where datname = any ($1::text[]) order by datname`,
        [Object.values(databases)],
      )
    ).rows;
  const before = await fences();
  await record.admin.query(`grant connect, temporary on database "${databases.keys}" to public, mneme_app`);
  await migrate({ adminUrl: superuserUrl(), ...databases, passwords: TEST_PASSWORDS });
  expect(await fences()).toEqual(before);
});

describe("a database with a migration", () => {
  const again = () =>
    migrate({
      adminUrl: superuserUrl(),
      record: databaseOf("app"),
      keys: databaseOf("keys"),
      passwords: TEST_PASSWORDS,
    });
  const refusal = (part: "app" | "keys", name: string) => ({
    // What people read of it: no stack.
    name: "Error",
    message: expect.stringMatching(
      `^The database ${databaseOf(part)} was made by another text of the migration ${name}: .*remove the data folder`,
    ),
  });

  it.each([
    ["edited", "app", "000002_memory", "update mneme_migrations.sums set sha256 = 'other'"],
    ["applied before sums were kept", "app", "000002_memory", "delete from mneme_migrations.sums"],
    ["edited, of the keys", "keys", "000001_data_keys", "update mneme_migrations.sums set sha256 = 'other'"],
  ] as const)("%s is refused until it is put back", async (_, part, name, edit) => {
    const admin = part === "app" ? record.admin : record.keysAdmin;
    const sums = "select sha256 from mneme_migrations.sums where name = $1";
    const { rows } = await admin.query<{ sha256: string }>(sums, [name]);
    await admin.query(`${edit} where name = $1`, [name]);
    await expect(again()).rejects.toMatchObject(refusal(part, name));
    await admin.query(
      `insert into mneme_migrations.sums (name, sha256) values ($1, $2)
       on conflict (name) do update set sha256 = excluded.sha256`,
      [name, rows[0]?.sha256],
    );
    await again();
  });

  it("not applied yet is applied, whatever a start that was cut off kept of it", async () => {
    const open = `mneme_cut_off_${process.pid}`;
    const options = { adminUrl: superuserUrl(), record: open, keys: databaseOf("keys") };
    await record.admin.query(`create database ${open} owner mneme_owner`);
    const cutOff = new pg.Pool({ connectionString: withDatabase(superuserUrl(), open) });
    try {
      await cutOff.query(`set role mneme_owner; create schema mneme_migrations;
        create table mneme_migrations.sums (name text primary key, sha256 text not null);
        insert into mneme_migrations.sums values ('000002_memory', 'other')`);
      for (const _ of ["from empty", "once more"]) await migrate({ ...options, passwords: TEST_PASSWORDS });
      const { rows } = await cutOff.query(
        "select from mneme_migrations.applied join mneme_migrations.sums using (name)",
      );
      expect(rows.length).toBeGreaterThanOrEqual(8);
    } finally {
      await cutOff.end();
      await record.admin.query(`drop database ${open}`);
    }
  });
});

it("lets no function that runs as its owner look at a caller's temporary tables first", async () => {
  const definers = async (pool: pg.Pool) =>
    (
      await pool.query<{ name: string; path: string | null }>(
        `select p.oid::regprocedure as name, setting as path from pg_proc p
         left join lateral unnest(p.proconfig) as setting on setting like 'search_path=%'
         where p.prosecdef and p.pronamespace <> 'pg_catalog'::regnamespace`,
      )
    ).rows;
  const all = [...(await definers(record.admin)), ...(await definers(record.keysAdmin))];
  expect(all.length).toBeGreaterThanOrEqual(5);
  expect(all.filter(({ path }) => !path?.endsWith(", pg_temp"))).toEqual([]);
});

it("takes no tenant without a default project of its own", async () => {
  const insert = (project: string) =>
    record.admin.query(
      `insert into mneme.tenants (id, name, mac_key_id, default_project_id)
       values (gen_random_uuid(), 'bare', gen_random_uuid(), ${project})`,
    );
  await expect(insert("null")).rejects.toThrow("not-null constraint");
  await expect(insert(`'${record.tenant.projectId}'`)).rejects.toThrow("foreign key constraint");
});

it("shows nothing where no tenant is set", async () => {
  const { rows } = await record.database.pool.query<{ count: string }>("select count(*) from projects");
  expect(rows[0]?.count).toBe("0");
  const all = await record.admin.query<{ count: string }>("select count(*) from mneme.projects");
  expect(all.rows[0]?.count).toBe("1");
});
