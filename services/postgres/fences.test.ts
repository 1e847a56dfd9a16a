import { randomUUID } from "node:crypto";
import { asTenant } from "@mneme/core/tenancy/credential-tenant.ts";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAuditAnchors } from "./audit-anchors.ts";
import { createPool, withTenant } from "./pool.ts";
import type { Provisioned } from "./provision.ts";
import { createTenantKeyStore } from "./tenant-key-store.ts";
import { seedMemories } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

interface Table {
  readonly name: string;
  readonly columns: readonly string[];
}

/** A database with what is walked of it. */
interface Walked {
  /** The superuser's. */
  readonly admin: pg.Pool;
  /** The application's. */
  readonly pool: pg.Pool;
  readonly tables: readonly Table[];
}

/** Tables that belong to no tenant, each with why. */
const DEPLOYMENTS: Readonly<Record<string, string>> = {
  signing_keys: "the deployment signs with them, for whichever tenant",
};

const RECORD = {
  name: "record",
  schema: "mneme",
  role: "mneme_app",
  least: 25,
  filled: ["memories", "memory_versions", "messages", "api_keys", "subjects"],
  given: ["memories", "messages", "subjects", "projects"],
} as const;
const KEYS = {
  name: "key store",
  schema: "public",
  role: "mneme_keys",
  least: 4,
  filled: ["data_keys", "tenant_keys", "key_requests", "audit_anchors", "key_events"],
  given: ["audit_anchors"],
} as const;

let record: TestRecord;
let ours: Provisioned;
let theirs: Provisioned;
let keyPool: pg.Pool;
const walked: Partial<Record<"mneme" | "public", Walked>> = {};

beforeAll(async () => {
  record = await openTestRecord("fences");
  keyPool = createPool({ url: record.urls.keys, schema: "public", applicationName: "fences test", max: 4 });
  ours = record.tenant;
  theirs = await record.provision("theirs");
  await seedMemories(record, ours, { userId: "ada", agentId: "guide" }, ["Ada keeps bees."]);
  await seedMemories(record, theirs, { userId: "bob", agentId: "guide" }, ["Bob keeps bees."]);
  for (const { tenantId } of [ours, theirs]) await fillKeyStore(tenantId);
  walked.mneme = await walk(record.admin, record.database.pool, "mneme");
  walked.public = await walk(record.keysAdmin, keyPool, "public");
});
afterAll(async () => {
  await keyPool?.end();
  await record?.[Symbol.asyncDispose]();
});

/** A row in each table that no provisioning fills. */
async function fillKeyStore(tenantId: string): Promise<void> {
  for (const text of [
    "insert into key_requests (tenant_id, rpc, request_hash, body_hash) values ($1, 'RotateTenantKey', '', '')",
    "insert into key_events (tenant_id, event_id, event) values ($1, gen_random_uuid(), '{}')",
    "insert into audit_anchors values ($1, 0, '', '', 0, '', '', false, now())",
  ]) {
    await record.keysAdmin.query(text, [tenantId]);
  }
}

async function walk(admin: pg.Pool, pool: pg.Pool, schema: string): Promise<Walked> {
  const { rows } = await admin.query<Table>(
    `select c.relname as name, array_agg(a.attname::text) as columns
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p') group by c.relname order by 1`,
    [schema],
  );
  return { admin, pool, tables: rows.filter(({ name }) => DEPLOYMENTS[name] === undefined) };
}

const tenantColumn = (name: string) => (name === "tenants" ? "id" : "tenant_id");

/** Runs statements in one transaction of ours, as the application. @returns how many rows the last one met. */
const asApp = (pool: pg.Pool, ...statements: readonly string[]) =>
  withTenant(pool, ours.tenantId, async (client) => {
    let met: number | null = 0;
    for (const statement of statements) met = (await client.query(statement)).rowCount;
    return met;
  });

describe.each([RECORD, KEYS])("every table of the $name", ({ schema, role, least, filled, given }) => {
  const walkedOf = () => walked[schema] as Walked;
  const granted = grantedTo(schema, role);

  it("has row-level security, forced on its owner too, and a tenant", async () => {
    const { admin, tables } = walkedOf();
    const { rows } = await admin.query<{ name: string }>(
      `select c.relname as name from pg_class c
       where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p')
         and not (c.relrowsecurity and c.relforcerowsecurity)`,
      [schema],
    );
    expect(rows.filter(({ name }) => DEPLOYMENTS[name] === undefined)).toEqual([]);
    expect(tables.length).toBeGreaterThan(least);
    expect(tables.filter(({ name, columns }) => !columns.includes(tenantColumn(name)))).toEqual([]);
  });

  it("lets the application see its tenant's rows by one policy, which nothing widens", async () => {
    const { admin, tables } = walkedOf();
    const { rows } = await admin.query<{ name: string; policy: string; condition: string }>(
      `select c.relname as name, p.polname as policy, pg_get_expr(p.polqual, p.polrelid) as condition
       from pg_policy p join pg_class c on c.oid = p.polrelid
       where c.relnamespace = $1::regnamespace and p.polpermissive
         and (p.polroles = '{0}' or $2::regrole = any (p.polroles))`,
      [schema, role],
    );
    const widening = rows.filter(
      ({ name, condition }) =>
        !new RegExp(`^\\(${tenantColumn(name)} = (mneme\\.)?current_tenant\\(\\)\\)$`).test(condition),
    );
    expect(widening).toEqual([]);
    expect(rows.map(({ name }) => name).sort()).toEqual(tables.map(({ name }) => name));
  });

  it("shows nothing of another tenant, and takes nothing for it", async () => {
    const { admin, pool, tables } = walkedOf();
    const seen: string[] = [];
    for (const { name } of tables) {
      const its = `${tenantColumn(name)} = '${theirs.tenantId}'`;
      const { rowCount } = await admin.query(`select from ${schema}.${name} where ${its}`);
      if (rowCount) seen.push(name);
      const may = await granted(name);
      const [changed] = may.update;
      for (const statement of [
        may.select && `select from ${name} where ${its}`,
        may.select && changed && `update ${name} set ${changed} = ${changed} where ${its}`,
        may.delete && `delete from ${name} where ${its}`,
      ]) {
        if (statement) expect([statement, await asApp(pool, statement)]).toEqual([statement, 0]);
      }
    }
    // The other tenant had rows to be hidden.
    expect(seen).toEqual(expect.arrayContaining([...filled]));
  });

  it("refuses a row that is given to another tenant", async () => {
    for (const name of given) {
      const give = `update ${name} set ${tenantColumn(name)} = '${theirs.tenantId}'`;
      await expect(asApp(walkedOf().pool, give)).rejects.toThrow(/row-level security|foreign key/);
    }
  });
});

/** What a role may do to a table; of updates, which columns. */
function grantedTo(schema: "mneme" | "public", role: string) {
  return async (name: string) => {
    const { rows } = await (walked[schema] as Walked).admin.query<{
      select: boolean;
      delete: boolean;
      update: string[];
    }>(
      `select has_table_privilege($1, $2, 'SELECT') as select, has_table_privilege($1, $2, 'DELETE') as delete,
         array(select a.attname::text from pg_attribute a where a.attrelid = $2::regclass and a.attnum > 0
           and not a.attisdropped and has_column_privilege($1, $2, a.attname, 'UPDATE')
           order by a.attnum) as update`,
      [role, `${schema}.${name}`],
    );
    return rows[0] as (typeof rows)[number];
  };
}

describe("a table of the record", () => {
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
    const open = (walked.mneme as Walked).tables.filter(
      ({ name, columns }) => columns.includes(column) && !fenced.has(name) && !EXEMPT[policy]?.includes(name),
    );
    expect(open.map(({ name }) => name)).toEqual([]);
  });
});

describe("rows that belong to a memory or a stream", () => {
  it.each(["memory_archivings", "consolidation_episodes", "consolidation_looks", "deleted_sources"])(
    "of %s are seen by whoever sees that, and by nobody else",
    async (name) => {
      const { tenantId, projectId } = ours;
      const { rows } = await record.admin.query<{ id: string; stream_id: string; subject_id: string }>(
        "select id, stream_id, subject_id from mneme.memories where tenant_id = $1 limit 1",
        [tenantId],
      );
      const [memory] = rows;
      if (!memory) throw new Error("we have no memory");
      const consolidation = randomUUID();
      const inserts = {
        memory_archivings: `insert into mneme.memory_archivings values ('${tenantId}', '${memory.id}', now(), 'by_hand')`,
        consolidation_episodes: `with made as (insert into mneme.consolidations
            (tenant_id, id, project_id, stream_id, audience, subject_id, summary_id, extractor, extractor_version, rule)
            values ('${tenantId}', '${consolidation}', '${projectId}', '${memory.stream_id}', gen_random_uuid(),
              '${memory.subject_id}', gen_random_uuid(), 'test', '1', 'rules') returning id)
          insert into mneme.consolidation_episodes select '${tenantId}', id, '${memory.id}' from made`,
        consolidation_looks: `insert into mneme.consolidation_looks values ('${tenantId}', '${memory.stream_id}', 'rules', 'any')`,
        deleted_sources: `insert into mneme.deleted_sources values ('${tenantId}', '${memory.stream_id}', gen_random_uuid(), 0, 1)`,
      };
      await record.admin.query(inserts[name as keyof typeof inserts]);
      const count = (...settings: string[]) =>
        asApp(
          record.database.pool,
          ...settings.map((one) => `set local mneme.${one}`),
          `select from ${name}`,
        );
      expect(await count()).toBe(1);
      expect(await count(`project_id = '${projectId}'`, `subject_id = '${memory.subject_id}'`)).toBe(1);
      expect(await count(`project_id = '${randomUUID()}'`)).toBe(0);
      expect(await count(`subject_id = '${randomUUID()}'`)).toBe(0);
    },
  );
});

describe("a grant of wide memory", () => {
  const grant = (kind: string, of: string) =>
    record.admin.query(
      `insert into mneme.grants (tenant_id, id, team_id, grantee_kind, grantee_id, access, wide_kind, wide_of)
       values ($1, gen_random_uuid(), mneme.wide_scope($3::uuid), 'agent', gen_random_uuid(), 'read', $2, $3::uuid)`,
      [ours.tenantId, kind, of],
    );

  it("is of a project that is there, or of its own tenant", async () => {
    await expect(grant("project", randomUUID())).rejects.toThrow("foreign key");
    await expect(grant("tenant", theirs.tenantId)).rejects.toThrow("grants_wide_tenant");
  });
});

describe("the key store, asked for another tenant's with our credentials,", () => {
  it("has neither their keys nor the end of their trail", async () => {
    const keys = createTenantKeyStore(keyPool);
    const anchors = createAuditAnchors(keyPool);
    const read = () =>
      Promise.all([
        keys.live(theirs.tenantId),
        keys.toRewrap(theirs.tenantId, 2, undefined, 10),
        anchors.read(theirs.tenantId),
      ]);
    const [[live], dataKeys, anchor] = await read();
    expect([live?.version, dataKeys.length > 1, anchor?.end.sequence]).toEqual([1, true, 0]);
    expect(await asTenant(ours.tenantId, read)).toEqual([[], [], undefined]);
  });

  it("takes no key for them", async () => {
    const keys = createTenantKeyStore(keyPool);
    const [newest] = await keys.live(theirs.tenantId);
    if (!newest) throw new Error("they have no key");
    const next = { ...newest, version: 2 };
    await expect(asTenant(ours.tenantId, () => keys.add(next))).rejects.toThrow("row-level security");
    const replaced = asTenant(ours.tenantId, () => keys.replace([{ from: newest, to: newest }]));
    expect(await replaced).toBe(false);
    expect(await keys.live(theirs.tenantId)).toEqual([newest]);
  });

  it("names whose work waits by id alone, to nobody but the application", async () => {
    const { rows } = await record.keysAdmin.query<{ name: string; open: boolean; result: string }>(
      `select p.proname as name, has_function_privilege('public', p.oid, 'execute') as open,
         pg_get_function_result(p.oid) as result
       from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef order by 1`,
    );
    expect(rows).toEqual([
      { name: "list_key_events", open: false, result: "SETOF uuid" },
      { name: "list_rotating_tenants", open: false, result: "SETOF uuid" },
      { name: "list_tenant_keys", open: false, result: "TABLE(tenant_id uuid, version integer)" },
      { name: "list_unconfirmed_audit_ends", open: false, result: "SETOF uuid" },
      { name: "remove_old_key_requests", open: false, result: "integer" },
    ]);
  });
});

describe.each([
  { ...RECORD, table: "memories" },
  { ...KEYS, table: "data_keys" },
])("the role $role", ({ schema, role, table }) => {
  const poolOf = () => (walked[schema] as Walked).pool;

  it.each([
    `alter table ${table} disable row level security`,
    `alter table ${table} no force row level security`,
    `drop policy tenant on ${table}`,
    `create policy all_of_it on ${table} using (true)`,
    `truncate ${table} cascade`,
    `drop table ${table}`,
    "set role mneme_owner",
    "set session authorization mneme_owner",
    `alter role ${role} bypassrls`,
    `alter function current_tenant() owner to ${role}`,
    "create or replace function current_tenant() returns uuid language sql as 'select null::uuid'",
    `create table ${schema}.copied (id uuid)`,
    "create table public.copied (id uuid)",
    "create temporary table copied (id uuid)",
    `copy ${table} to program 'true'`,
    "select pg_read_file('postgresql.conf')",
  ])("can't %s", async (statement) => {
    await expect(asApp(poolOf(), statement)).rejects.toThrow(
      /must be owner|permission denied|must be able to|must be superuser|Only roles with/i,
    );
  });

  it("can't switch the fence off: what would be filtered is an error then", async () => {
    await expect(asApp(poolOf(), "set local row_security = off", `select from ${table}`)).rejects.toThrow(
      /row-level security/,
    );
  });

  it("sees through a tenant that is set to nothing or to rubbish no more than nothing", async () => {
    expect(await asApp(poolOf(), `select from ${table}`)).toBeGreaterThan(0);
    expect(await asApp(poolOf(), "set local mneme.tenant_id = ''", `select from ${table}`)).toBe(0);
    await expect(asApp(poolOf(), "set local mneme.tenant_id = '%'", `select from ${table}`)).rejects.toThrow(
      "invalid input syntax for type uuid",
    );
  });
});
