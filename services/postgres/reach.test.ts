import { randomUUID } from "node:crypto";
import type { Memory } from "@mneme/core/memory/memory.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConversationStore } from "./conversation-store.ts";
import { createExtractionStore } from "./extraction-store.ts";
import { createMemoryStore } from "./memory-store.ts";
import { withTenant } from "./pool.ts";
import { fenceOf } from "./reach.ts";
import { createSearchStore } from "./search-store.ts";
import { createSessionStore } from "./session-store.ts";
import { seedMemories } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

const KEY = randomUUID();

let record: TestRecord;
/** Background work: reaches all of the tenant. */
let all: Tenancy;
/** A call with an API key of the project. */
let key: Tenancy;

beforeAll(async () => {
  record = await openTestRecord("reach");
  const { tenantId, projectId } = record.tenant;
  all = { tenantId, projectId };
  key = { ...all, reach: { principals: [KEY, projectId] } };
});
afterAll(() => record?.[Symbol.asyncDispose]());

const write = (rpc = "AddMessages") => ({ rpc, requestId: randomUUID(), body: new Uint8Array() });
const texts = (memories: readonly Memory[]) => memories.map(({ text }) => text).sort();
const list = async (tenancy: Tenancy, scope: Scope) => {
  const listing = { scope, kinds: [], categories: [], showSuperseded: false, pageSize: 50, pageToken: "" };
  return texts((await createMemoryStore(record.database).list(tenancy, listing)).memories);
};
const accept = (tenancy: Tenancy, scope: Scope, request = write()) =>
  createConversationStore(record.database).accept(tenancy, {
    scope,
    items: [
      {
        type: "turn",
        message: {
          role: "user",
          name: undefined,
          text: "I keep bees.",
          toolCalls: [],
          toolCallId: undefined,
          sentAt: new Date(),
        },
      },
    ],
    metadata: {},
    request,
  });
const remove = (tenancy: Tenancy, memory: Memory | undefined) =>
  createMemoryStore(record.database).delete(
    tenancy,
    [{ memoryId: memory?.id ?? "", etag: "" }],
    write("DeleteMemory"),
  );
const found = async (tenancy: Tenancy, memories: readonly Memory[]) =>
  texts(
    await createMemoryStore(record.database).get(
      tenancy,
      memories.map(({ id }) => id),
    ),
  );

describe("a user's token", () => {
  let adas: Memory[];
  let bobs: Memory[];
  let token: Tenancy;

  beforeAll(async () => {
    adas = await seedMemories(record, all, { userId: "ada", agentId: "guide" }, ["Ada sings."]);
    bobs = await seedMemories(record, all, { userId: "bob", agentId: "guide" }, ["Bob whistles."]);
    await seedMemories(record, all, { agentId: "guide" }, ["The guide hums."]);
    const { rows } = await record.admin.query<{ subject_id: string; epoch: number }>(
      "select subject_id, epoch from mneme.memories where id = $1",
      [adas[0]?.id],
    );
    const subject = { id: rows[0]?.subject_id ?? "", epoch: rows[0]?.epoch ?? 0 };
    token = { ...all, reach: { principals: [subject.id], subject } };
  });

  it("reads its user's memories alone, whatever is asked for", async () => {
    expect(await list(token, { userId: "ada" })).toEqual(["Ada sings."]);
    expect(await list(token, { userId: "bob" })).toEqual([]);
    expect(await list(token, { agentId: "guide" })).toEqual(["Ada sings."]);
    expect(await found(token, [...adas, ...bobs])).toEqual(["Ada sings."]);
    expect(await createSearchStore(record.database).resolve(token, { userId: "bob" })).toBeUndefined();
  });

  it("is shown nothing of others even where their ids are known", async () => {
    const store = createSearchStore(record.database);
    const scope = await store.resolve(all, { agentId: "guide" });
    const refs = [...adas, ...bobs].map(({ id, version }) => ({ memoryId: id, version }));
    const today = { asOf: undefined, knownAt: undefined };
    if (!scope) throw new Error("the scope is not known");
    expect(texts(await store.hydrate(token, scope.ids, refs, today))).toEqual(["Ada sings."]);
    expect(texts(await store.recent(token, scope.ids, 10))).toEqual(["Ada sings."]);
  });

  it("changes and deletes nothing of others", async () => {
    await expect(remove(token, bobs[0])).rejects.toMatchObject({ reason: "MEMORY_NOT_FOUND" });
    const store = createMemoryStore(record.database);
    expect(await store.deleteAll(token, { userId: "bob" }, write("DeleteAllMemories"))).toBe(0);
    expect(await found(all, bobs)).toEqual(["Bob whistles."]);
  });

  it("adds for its user alone", async () => {
    await expect(accept(token, { userId: "bob" })).rejects.toMatchObject({ reason: "USER_TOKEN_SCOPE" });
    await expect(accept(token, { userId: "nobody yet" })).rejects.toMatchObject({
      reason: "USER_TOKEN_SCOPE",
    });
    await expect(accept(token, { agentId: "guide" })).rejects.toMatchObject({ reason: "USER_TOKEN_SCOPE" });
    const { extraction } = await accept(token, { userId: "ada" });
    const extractions = createExtractionStore(record.database);
    expect(await extractions.get(token, extraction.id)).toMatchObject({ scope: { userId: "ada" } });
    const other = await accept(all, { userId: "bob" });
    await expect(extractions.get(token, other.extraction.id)).rejects.toMatchObject({
      reason: "EXTRACTION_NOT_FOUND",
    });
    const listing = { scope: undefined, state: undefined, pageSize: 50, pageToken: "" };
    const listed = await extractions.list(token, listing);
    expect(new Set(listed.extractions.map(({ scope }) => scope.userId))).toEqual(new Set(["ada"]));
  });

  it("sees no session of others", async () => {
    const sessions = createSessionStore(record.database);
    const append = (scope: Scope) =>
      sessions.append(all, {
        scope,
        turns: [],
        taskState: {},
        etag: "",
        ttlSeconds: 60,
        request: write("AppendSession"),
      });
    await append({ userId: "bob", sessionId: "talk" });
    await append({ sessionId: "shared talk" });
    for (const scope of [{ userId: "bob", sessionId: "talk" }, { sessionId: "shared talk" }]) {
      await expect(sessions.get(token, scope, 0)).rejects.toMatchObject({ reason: "SESSION_NOT_FOUND" });
    }
  });

  it("has request ids of its own", async () => {
    const request = write();
    const input = (userId: string) => ({ scope: { userId }, items: [], metadata: {}, request });
    const store = createConversationStore(record.database);
    const first = await store.accept(all, input("bob"));
    const second = await store.accept(token, input("ada"));
    expect(second.extraction.id).not.toBe(first.extraction.id);
    expect((await store.accept(token, input("ada"))).extraction.id).toBe(second.extraction.id);
  });
});

describe("a project's call", () => {
  it("reaches nothing of another project of its tenant", async () => {
    const memories = await seedMemories(record, all, { userId: "carl" }, ["Carl paints."]);
    const { rows } = await record.admin.query<{ id: string }>(
      `insert into mneme.projects (tenant_id, id, name, key_id)
       select tenant_id, gen_random_uuid(), 'other', key_id from mneme.projects where id = $1 returning id`,
      [all.projectId],
    );
    const projectId = rows[0]?.id ?? "";
    const other: Tenancy = { ...all, projectId, reach: { principals: [KEY, projectId] } };
    expect(await list(key, { userId: "carl" })).toEqual(["Carl paints."]);
    expect(await list(other, { userId: "carl" })).toEqual([]);
    expect(await found(other, memories)).toEqual([]);
    await expect(remove(other, memories[0])).rejects.toMatchObject({ reason: "MEMORY_NOT_FOUND" });
    // Also where a query forgets the project.
    const unfenced = await record.database.pool.connect();
    try {
      await unfenced.query(
        `begin; set local mneme.tenant_id = '${all.tenantId}'; set local mneme.project_id = '${projectId}'`,
      );
      const { rowCount } = await unfenced.query("select from memories");
      expect(rowCount).toBe(0);
    } finally {
      await unfenced.query("rollback");
      unfenced.release();
    }
  });
});

describe("a team's memory", () => {
  /** A team as its administration makes it. @returns its opaque id. */
  async function makeTeam(teamId: string): Promise<string> {
    await seedMemories(record, all, { teamId }, [`${teamId} meets on Mondays.`]);
    const { rows } = await record.admin.query<{ team_id: string }>(
      `select m.team_id from mneme.memories m order by m.id desc limit 1`,
    );
    const id = rows[0]?.team_id ?? "";
    await record.admin.query("insert into mneme.teams (tenant_id, id, name_ct) values ($1, $2, '')", [
      all.tenantId,
      id,
    ]);
    return id;
  }
  const grant = (team: string, kind: string, grantee: string, access: string, expires = "null") =>
    record.admin.query(
      `insert into mneme.grants (tenant_id, id, team_id, grantee_kind, grantee_id, access, expires_at)
       values ($1, gen_random_uuid(), $2, $3, $4, $5, ${expires})`,
      [all.tenantId, team, kind, grantee, access],
    );
  const subjectOf = async (userId: string) => {
    await seedMemories(record, all, { userId }, [`${userId} is here.`]);
    const scope = await createSearchStore(record.database).resolve(all, { userId });
    return scope?.ids.subject?.id ?? "";
  };

  it("is reached by nobody without a grant, as if there were no such team", async () => {
    await makeTeam("sales");
    expect(await list(key, { teamId: "sales" })).toEqual([]);
    expect(await list(key, { userId: "ada", teamId: "sales" })).toEqual([]);
    const search = createSearchStore(record.database);
    expect(await search.resolve(key, { teamId: "sales" })).toBeUndefined();
    expect(await search.resolve(key, { teamId: "no such team" })).toBeUndefined();
    for (const teamId of ["sales", "no such team"]) {
      await expect(accept(key, { teamId })).rejects.toMatchObject({ reason: "TEAM_NOT_FOUND" });
    }
    expect(await list(all, { teamId: "sales" })).toEqual(["sales meets on Mondays."]);
  });

  it("is reached by whom a grant names, to read or to write", async () => {
    const team = await makeTeam("support");
    await grant(team, "user", await subjectOf("dora"), "read");
    await grant(team, "user", await subjectOf("erik"), "write");
    const memories = await seedMemories(record, all, { userId: "dora", teamId: "support" }, [
      "Dora is on call.",
    ]);
    await seedMemories(record, all, { userId: "finn", teamId: "support" }, ["Finn is on call."]);
    expect(await list(key, { userId: "dora" })).toEqual(["Dora is on call.", "dora is here."]);
    expect(await list(key, { userId: "finn" })).toEqual([]);
    expect(await found(key, memories)).toEqual([]);
    await expect(accept(key, { userId: "dora", teamId: "support" })).rejects.toMatchObject({
      reason: "PERMISSION_MISSING",
    });
    await expect(accept(key, { userId: "finn", teamId: "support" })).rejects.toMatchObject({
      reason: "TEAM_NOT_FOUND",
    });
    const repeated = write();
    const [first, second] = [
      await accept(key, { userId: "erik", teamId: "support" }, repeated),
      await accept(key, { userId: "erik", teamId: "support" }, repeated),
    ];
    expect(second.extraction.id).toBe(first.extraction.id);
    await expect(remove(key, memories[0])).rejects.toMatchObject({ reason: "MEMORY_NOT_FOUND" });
    await grant(team, "api_key", KEY, "read");
    expect(await list(key, { teamId: "support" })).toEqual([
      "Dora is on call.",
      "Finn is on call.",
      "support meets on Mondays.",
    ]);
    expect(await found(key, memories)).toEqual(["Dora is on call."]);
    await expect(remove(key, memories[0])).rejects.toMatchObject({ reason: "PERMISSION_MISSING" });
    await record.admin.query("update mneme.grants set access = 'write' where grantee_id = $1", [KEY]);
    expect(await remove(key, memories[0])).toBe(1);
  });

  it("holds no session once its window has expired, neither against its end nor against another one", async () => {
    const sessions = createSessionStore(record.database);
    const reader = { ...all, reach: { principals: [randomUUID()] } };
    await grant(await makeTeam("read"), "api_key", reader.reach.principals[0] ?? "", "read");
    await makeTeam("unknown");
    const append = (tenancy: Tenancy, scope: Scope) =>
      sessions.append(tenancy, {
        scope,
        turns: [],
        taskState: {},
        etag: "",
        ttlSeconds: 60,
        request: write("AppendSession"),
      });
    const expire = () => record.admin.query("update mneme.session_windows set expires_at = now()");
    for (const teamId of ["read", "unknown"]) {
      const scope = { sessionId: teamId };
      await append(all, { ...scope, teamId });
      const refused = { reason: teamId === "read" ? "PERMISSION_MISSING" : "TEAM_NOT_FOUND" };
      await expect(append(reader, scope)).rejects.toMatchObject(refused);
      await expire();
      await sessions.end(reader, scope, write("EndSession"));
      expect((await append(reader, scope)).scope).toEqual(scope);
    }
  });

  it("loses only windows of the tenant at hand that have expired to whoever begins a session", async () => {
    const { rows: windows } = await record.admin.query<{ project_id: string; session_id: string }>(
      `insert into mneme.session_windows (tenant_id, project_id, session_id, team_id, expires_at)
       select $1, $2, gen_random_uuid(), gen_random_uuid(), now() + make_interval(mins => minutes)
       from unnest($3::integer[]) as minutes returning project_id, session_id`,
      [all.tenantId, all.projectId, [-1, 1]],
    );
    const left = async (tenancy: Tenancy) => {
      await withTenant(record.database.pool, fenceOf(tenancy), async (client) => {
        for (const { project_id, session_id } of windows) {
          await client.query("select remove_expired_window($1, $2)", [project_id, session_id]);
        }
        // Grants are looked at again.
        const { rows } = await client.query("select current_principals() as principals");
        expect(rows).toEqual([{ principals: tenancy.reach?.principals ?? null }]);
      });
      const { rows } = await record.admin.query<{ session_id: string }>(
        "select session_id from mneme.session_windows where session_id = any ($1)",
        [windows.map(({ session_id }) => session_id)],
      );
      return rows;
    };
    const other = await record.provision("other");
    expect(await left(other)).toHaveLength(2);
    expect(await left({ ...key, projectId: randomUUID() })).toHaveLength(2);
    expect(await left(key)).toEqual([{ session_id: windows[1]?.session_id }]);
  });

  it("is reached through teams that are granted it, to a bounded depth, and no longer than granted", async () => {
    const ids = [];
    for (const name of ["a", "b", "c", "d", "e"]) ids.push(await makeTeam(`team ${name}`));
    const [a, b, c, d, e] = ids as [string, string, string, string, string];
    await grant(a, "user", await subjectOf("gina"), "read");
    await grant(b, "team", a, "read");
    await grant(c, "team", b, "read");
    await grant(d, "team", c, "read");
    await grant(e, "team", d, "read");
    // A ring ends too.
    await grant(a, "team", d, "read");
    const caller = { ...all, reach: { principals: [randomUUID()] } };
    const scope = await createSearchStore(record.database).resolve(caller, { userId: "gina" });
    expect(new Set(scope?.teams)).toEqual(new Set([a, b, c, d]));
    await record.admin.query("update mneme.grants set expires_at = now() where team_id = $1", [b]);
    const later = await createSearchStore(record.database).resolve(caller, { userId: "gina" });
    expect(later?.teams).toEqual([a]);
  });

  it("is not written through a team that may only be read", async () => {
    const [crew, board] = [await makeTeam("crew"), await makeTeam("board")];
    await grant(board, "team", crew, "write");
    const ivy = await subjectOf("ivy");
    await grant(crew, "user", ivy, "read");
    const scope = { userId: "ivy", teamId: "board" };
    expect(await list(key, { teamId: "board", userId: "ivy" })).toEqual([]);
    await expect(accept(key, scope)).rejects.toMatchObject({ reason: "PERMISSION_MISSING" });
    await record.admin.query("update mneme.grants set access = 'write' where grantee_id = $1", [ivy]);
    await accept(key, scope);
  });

  it("is not reached by a user's token through an agent that it names", async () => {
    const team = await makeTeam("ops");
    const agents = await seedMemories(record, all, { agentId: "operator" }, ["The operator is up."]);
    const { rows } = await record.admin.query<{ agent_id: string }>(
      "select agent_id from mneme.memories where id = $1",
      [agents[0]?.id],
    );
    await grant(team, "agent", rows[0]?.agent_id ?? "", "write");
    const id = await subjectOf("hugo");
    const token: Tenancy = { ...all, reach: { principals: [id], subject: { id, epoch: 1 } } };
    const scope = { userId: "hugo", agentId: "operator", teamId: "ops" };
    await accept(key, scope);
    await expect(accept(token, scope)).rejects.toMatchObject({ reason: "TEAM_NOT_FOUND" });
  });
});
