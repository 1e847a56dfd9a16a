import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withTenant } from "./pool.ts";
import type { Provisioned } from "./provision.ts";
import { seedMemories } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

let record: TestRecord;
let ours: Provisioned;
let theirs: Provisioned;
let tables: readonly { readonly name: string; readonly columns: readonly string[] }[];

beforeAll(async () => {
  record = await openTestRecord("fences");
  ours = record.tenant;
  theirs = await record.provision("theirs");
  await seedMemories(record, ours, { userId: "ada", agentId: "guide" }, ["Ada keeps bees."]);
  await seedMemories(record, theirs, { userId: "bob", agentId: "guide" }, ["Bob keeps bees."]);
  const { rows } = await record.admin.query<{ name: string; columns: string[] }>(
    `select c.relname as name, array_agg(a.attname::text) as columns
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'mneme'::regnamespace and c.relkind in ('r', 'p') group by c.relname order by 1`,
  );
  tables = rows;
});
afterAll(() => record?.[Symbol.asyncDispose]());

const tenantColumn = (name: string) => (name === "tenants" ? "id" : "tenant_id");
/** Runs statements in one transaction of ours, as the application. @returns how many rows the last one met. */
const asApp = (...statements: readonly string[]) =>
  withTenant(record.database.pool, ours.tenantId, async (client) => {
    let met: number | null = 0;
    for (const statement of statements) met = (await client.query(statement)).rowCount;
    return met;
  });

describe("every table", () => {
  it("has row-level security, forced on its owner too, and a tenant", async () => {
    const { rows } = await record.admin.query<{ name: string }>(
      `select c.relname as name from pg_class c
       where c.relnamespace = 'mneme'::regnamespace and c.relkind in ('r', 'p')
         and not (c.relrowsecurity and c.relforcerowsecurity)`,
    );
    expect(rows).toEqual([]);
    expect(tables.length).toBeGreaterThan(25);
    expect(tables.filter(({ name, columns }) => !columns.includes(tenantColumn(name)))).toEqual([]);
  });

  it("lets the application see its tenant's rows by one policy, which nothing widens", async () => {
    const { rows } = await record.admin.query<{ name: string; policy: string; condition: string }>(
      `select c.relname as name, p.polname as policy, pg_get_expr(p.polqual, p.polrelid) as condition
       from pg_policy p join pg_class c on c.oid = p.polrelid
       where c.relnamespace = 'mneme'::regnamespace and p.polpermissive
         and (p.polroles = '{0}' or 'mneme_app'::regrole = any (p.polroles))`,
    );
    const widening = rows.filter(
      ({ name, condition }) =>
        !new RegExp(`^\\(${tenantColumn(name)} = (mneme\\.)?current_tenant\\(\\)\\)$`).test(condition),
    );
    expect(widening).toEqual([]);
    expect(rows.map(({ name }) => name).sort()).toEqual(tables.map(({ name }) => name));
  });

  /** Tables with the column and without a policy for it, each with why. */
  const EXEMPT: Readonly<Record<string, readonly string[]>> = {
    project: [],
    person: [],
    // They are what decides who reaches a team.
    team: ["grants"],
  };

  it.each([
    { policy: "project", column: "project_id" },
    { policy: "person", column: "subject_id" },
    { policy: "team", column: "team_id" },
  ])("with $column narrows it by a restrictive policy", async ({ policy, column }) => {
    const { rows } = await record.admin.query<{ name: string }>(
      `select c.relname as name from pg_policy p join pg_class c on c.oid = p.polrelid
       where c.relnamespace = 'mneme'::regnamespace and not p.polpermissive and p.polname = $1`,
      [policy],
    );
    const fenced = new Set(rows.map(({ name }) => name));
    const open = tables.filter(
      ({ name, columns }) => columns.includes(column) && !fenced.has(name) && !EXEMPT[policy]?.includes(name),
    );
    expect(open.map(({ name }) => name)).toEqual([]);
  });

  it("shows nothing of another tenant, and takes nothing for it", async () => {
    const seen: string[] = [];
    for (const { name, columns } of tables) {
      const column = tenantColumn(name);
      const { rows } = await record.admin.query<{ count: number }>(
        `select count(*)::integer as count from mneme.${name} where ${column} = $1`,
        [theirs.tenantId],
      );
      if (rows[0]?.count) seen.push(name);
      const verbs = await granted(name);
      if (verbs.has("SELECT")) {
        expect([name, await asApp(`select from ${name} where ${column} = '${theirs.tenantId}'`)]).toEqual([
          name,
          0,
        ]);
      }
      if (verbs.has("UPDATE") && verbs.has("SELECT") && columns.length > 0) {
        const change = `update ${name} set ${column} = ${column} where ${column} = '${theirs.tenantId}'`;
        expect([name, await asApp(change)]).toEqual([name, 0]);
      }
      if (verbs.has("DELETE")) {
        expect([name, await asApp(`delete from ${name} where ${column} = '${theirs.tenantId}'`)]).toEqual([
          name,
          0,
        ]);
      }
    }
    // The other tenant had rows to be hidden.
    expect(seen).toEqual(
      expect.arrayContaining(["memories", "memory_versions", "messages", "api_keys", "subjects"]),
    );
  });

  it("refuses a row that is given to another tenant", async () => {
    for (const name of ["memories", "messages", "subjects", "projects"]) {
      const give = `update ${name} set ${tenantColumn(name)} = '${theirs.tenantId}'`;
      await expect(asApp(give)).rejects.toThrow(/row-level security|foreign key/);
    }
  });
});

async function granted(name: string): Promise<Set<string>> {
  const { rows } = await record.admin.query<{ privilege: string }>(
    `select privilege_type as privilege from information_schema.role_table_grants
     where table_schema = 'mneme' and table_name = $1 and grantee = 'mneme_app'`,
    [name],
  );
  return new Set(rows.map(({ privilege }) => privilege));
}

describe("the application's role", () => {
  it.each([
    "alter table memories disable row level security",
    "alter table memories no force row level security",
    "drop policy tenant on memories",
    "create policy all_of_it on memories using (true)",
    "truncate memories cascade",
    "drop table memories",
    "set role mneme_owner",
    "set session authorization mneme_owner",
    "alter role mneme_app bypassrls",
    "alter function current_tenant() owner to mneme_app",
    "create or replace function current_tenant() returns uuid language sql as 'select null::uuid'",
    "create table mneme.copied (id uuid)",
    "create table public.copied (id uuid)",
    "copy memories to program 'true'",
    "select pg_read_file('postgresql.conf')",
  ])("can't %s", async (statement) => {
    await expect(asApp(statement)).rejects.toThrow(
      /must be owner|permission denied|must be able to|must be superuser|Only roles with/i,
    );
  });

  it("can't switch the fence off: what would be filtered is an error then", async () => {
    await expect(asApp("set local row_security = off", "select from memories")).rejects.toThrow(
      /row-level security/,
    );
  });

  it("sees through a tenant that is set to nothing or to rubbish no more than nothing", async () => {
    expect(await asApp("set local mneme.tenant_id = ''", "select from memories")).toBe(0);
    await expect(asApp("set local mneme.tenant_id = '%'", "select from memories")).rejects.toThrow(
      "invalid input syntax for type uuid",
    );
  });
});
