import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestRecord, type TestRecord } from "./record.ts";

let record: TestRecord;
beforeAll(async () => {
  record = await openTestRecord("fences");
});
afterAll(() => record[Symbol.asyncDispose]());

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

it("shows nothing where no tenant is set", async () => {
  const { rows } = await record.database.pool.query<{ count: string }>("select count(*) from projects");
  expect(rows[0]?.count).toBe("0");
  const all = await record.admin.query<{ count: string }>("select count(*) from mneme.projects");
  expect(all.rows[0]?.count).toBe("1");
});
