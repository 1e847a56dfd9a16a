import { randomUUID } from "node:crypto";
import type { Memory } from "@mneme/core/memory/memory.ts";
import { placesOf, SHARED_LAYERS } from "@mneme/core/search/layers.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";
import { wideScope } from "@mneme/core/tenancy/wide-scope.ts";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createMemoryStore } from "./memory-store.ts";
import { withTenant } from "./pool.ts";
import { fenceOf } from "./reach.ts";
import { createSearchStore } from "./search-store.ts";
import { acceptDrafts, seedMemories } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

const KEY = randomUUID();

let record: TestRecord;
/** Background work: reaches all of the tenant. */
let all: Tenancy;
/** A call with an API key of the default project, of another project, and of a user's token. */
let key: Tenancy;
let other: Tenancy;
let token: Tenancy;
let shared: Memory[];

beforeAll(async () => {
  record = await openTestRecord("wide");
  const { tenantId, projectId } = record.tenant;
  all = { tenantId, projectId };
  key = { ...all, reach: { principals: [KEY, projectId] } };
  const { rows } = await record.admin.query<{ id: string }>(
    `insert into mneme.projects (tenant_id, id, name, key_id)
     select tenant_id, gen_random_uuid(), 'other', key_id from mneme.projects where id = $1 returning id`,
    [projectId],
  );
  const otherId = rows[0]?.id ?? "";
  other = { ...all, projectId: otherId, reach: { principals: [randomUUID(), otherId] } };
  await seedMemories(record, all, { userId: "ada" }, ["Ada sings."]);
  const found = await createSearchStore(record.database).resolve(all, { userId: "ada" });
  const subject = found?.ids.subject ?? { id: "", epoch: 0 };
  token = { ...all, reach: { principals: [subject.id], subject } };
  shared = [
    ...(await seedMemories(record, all, { sharedWith: "project" }, ["The project hums."])),
    ...(await seedMemories(record, all, { userId: "bob", sharedWith: "project" }, ["Bob hums along."])),
    ...(await seedMemories(record, all, { sharedWith: "tenant" }, ["The tenant hums."])),
  ];
});
afterAll(() => record?.[Symbol.asyncDispose]());
beforeEach(() => record.admin.query("delete from mneme.grants"));

const grant = (kind: "project" | "tenant", grantee: string | undefined, access = "read") =>
  record.admin.query(
    `insert into mneme.grants (tenant_id, id, team_id, grantee_kind, grantee_id, access, wide_kind, wide_of)
     values ($1, gen_random_uuid(), mneme.wide_scope($2), 'user', $3, $4, $5, $2)`,
    [all.tenantId, kind === "tenant" ? all.tenantId : all.projectId, grantee, access, kind],
  );
/** What row-level security alone lets a transaction do, whatever the statement asks for. */
const behindFence = <T>(tenancy: Tenancy, work: (client: pg.PoolClient) => Promise<T>) =>
  withTenant(record.database.pool, fenceOf(tenancy), work);
const WIDE = "id = any ($1::uuid[])";
const ids = () => shared.map(({ id }) => id);
const seen = async (tenancy: Tenancy) => {
  const rows = await behindFence(
    tenancy,
    async (client) =>
      (await client.query<{ id: string }>(`select id from memories where ${WIDE}`, [ids()])).rows,
  );
  return shared.filter(({ id }) => rows.some((row) => row.id === id)).map(({ text }) => text);
};
const changed = (tenancy: Tenancy, statement: string) =>
  behindFence(
    tenancy,
    async (client) => (await client.query(`${statement} where ${WIDE}`, [ids()])).rowCount,
  );

describe("the name of what is shared", () => {
  it("is the same in the record, and no id of anybody", async () => {
    const { rows } = await record.admin.query("select mneme.wide_scope($1) as id", [all.projectId]);
    expect(rows).toEqual([{ id: wideScope(all.projectId) }]);
    expect(wideScope(all.projectId)).not.toBe(all.projectId);
  });
});

describe("what is shared with a project", () => {
  it("is read and written by its own keys, and by nobody else's", async () => {
    expect(await seen(key)).toEqual(["The project hums.", "Bob hums along."]);
    expect(await seen(other)).toEqual([]);
    await acceptDrafts(record, key, { sharedWith: "project" }, []);
  });

  it("is reached by a user's token as far as a grant says", async () => {
    expect(await seen(token)).toEqual([]);
    const scope: Scope = { userId: "ada", sharedWith: "project" };
    const refused = { reason: "PERMISSION_MISSING" };
    await expect(acceptDrafts(record, token, scope, [])).rejects.toMatchObject(refused);
    await grant("project", token.reach?.subject?.id);
    expect(await seen(token)).toEqual(["The project hums.", "Bob hums along."]);
    await expect(acceptDrafts(record, token, scope, [])).rejects.toMatchObject(refused);
    await record.admin.query("update mneme.grants set access = 'write'");
    await acceptDrafts(record, token, scope, []);
    // What others told it changes all the same not.
    expect(await changed(token, "update memories set created_at = now()")).toBe(0);
    expect(await changed(token, "delete from memories")).toBe(0);
  });

  it("gives whom it is granted to nothing that is granted to its keys", async () => {
    await grant("project", token.reach?.subject?.id);
    await grant("tenant", all.projectId);
    expect(await seen(token)).toEqual(["The project hums.", "Bob hums along."]);
    expect(await seen(key)).toEqual(["The project hums.", "Bob hums along.", "The tenant hums."]);
  });
});

describe("what is shared with a tenant", () => {
  it("is reached by nobody without a grant, and read from each project with one", async () => {
    expect(await seen(key)).not.toContain("The tenant hums.");
    expect(await seen(other)).toEqual([]);
    await grant("tenant", other.projectId, "write");
    expect(await seen(other)).toEqual(["The tenant hums."]);
    expect(await changed(other, "update memories set created_at = now()")).toBe(0);
    expect(await changed(other, "delete from memories")).toBe(0);
    await record.admin.query("update mneme.grants set expires_at = now()");
    expect(await seen(other)).toEqual([]);
  });

  it("is written in the default project alone, with a grant to write", async () => {
    const scope: Scope = { sharedWith: "tenant" };
    await expect(acceptDrafts(record, key, scope, [])).rejects.toMatchObject({
      reason: "PERMISSION_MISSING",
    });
    await grant("tenant", KEY, "write");
    await grant("tenant", other.projectId, "write");
    await acceptDrafts(record, key, scope, []);
    await expect(acceptDrafts(record, other, scope, [])).rejects.toMatchObject({
      reason: "FIELD_INVALID",
      metadata: { field: "scope.shared_with" },
    });
  });
});

describe("all of what is shared with a tenant", () => {
  const deleteAll = (tenancy: Tenancy) =>
    createMemoryStore(record.database).deleteAll(
      tenancy,
      { sharedWith: "tenant" },
      { rpc: "DeleteAllMemories", requestId: randomUUID(), body: new Uint8Array() },
    );

  it("is deleted where it lies alone, by whom a grant lets write", async () => {
    expect(await deleteAll(other)).toBe(0);
    await grant("tenant", other.projectId);
    await expect(deleteAll(other)).rejects.toMatchObject({ reason: "PERMISSION_MISSING" });
    await record.admin.query("update mneme.grants set access = 'write'");
    await expect(deleteAll(other)).rejects.toMatchObject({ reason: "FIELD_INVALID" });
    expect(await seen(other)).toEqual(["The tenant hums."]);
  });
});

describe("the places of a search", () => {
  it("show what lies in them with its layer, and nothing else, however it is asked for", async () => {
    const store = createSearchStore(record.database);
    await grant("tenant", other.projectId);
    const own = await seedMemories(record, { ...all, projectId: other.projectId }, { userId: "ada" }, [
      "Ada dances.",
    ]);
    const bobs = await seedMemories(record, { ...all, projectId: other.projectId }, { userId: "bob" }, [
      "Bob naps.",
    ]);
    const scope: Scope = { userId: "ada" };
    const found = await store.resolve(other, scope, undefined, { isLenient: true });
    if (!found) throw new Error("the scope is not known");
    const scoped = { ...found.ids, places: placesOf(other, scope, found, SHARED_LAYERS) };
    const refs = [...own, ...bobs, ...shared].map(({ id, version }) => ({ memoryId: id, version }));
    const shown = async (tenancy: Tenancy) => {
      const memories = await store.hydrate(tenancy, scoped, refs, { asOf: undefined, knownAt: undefined });
      return memories.map(({ text, layer }) => `${layer}: ${text}`).sort();
    };
    expect(await shown(other)).toEqual(["tenant: The tenant hums.", "user: Ada dances."]);
    expect((await store.recent(other, scoped, 20)).map(({ layer }) => layer)).toEqual(["user", "tenant"]);
    await record.admin.query("delete from mneme.grants");
    expect(await shown(other)).toEqual(["user: Ada dances."]);
  });
});
