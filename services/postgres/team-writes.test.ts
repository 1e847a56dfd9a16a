import { randomUUID } from "node:crypto";
import type { Administrator } from "@mneme/core/tenancy/administrator.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";
import type { Access, Grantee } from "@mneme/core/tenancy/team-store.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createExtractionStore } from "./extraction-store.ts";
import { createMemoryStore } from "./memory-store.ts";
import { createSessionStore } from "./session-store.ts";
import { createGrantStore } from "./tenancy/grant-store.ts";
import { createTeamStore } from "./tenancy/team-store.ts";
import { acceptDrafts, seedMemories } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

let record: TestRecord;
/** Background work: reaches all of the tenant. */
let all: Tenancy;
/** A call with an API key of the project. */
let key: Tenancy;
let admin: Administrator;

beforeAll(async () => {
  record = await openTestRecord("team_writes");
  const { tenantId, projectId } = record.tenant;
  all = { tenantId, projectId };
  key = { ...all, reach: { principals: [randomUUID(), projectId] } };
  admin = { ...all, isOfTenant: true, apiKeyId: randomUUID(), permissions: new Set() };
});
afterAll(() => record?.[Symbol.asyncDispose]());

const READ_ONLY = { kind: "permission_denied", reason: "PERMISSION_MISSING" };
const NO_TEAM = { kind: "not_found", reason: "TEAM_NOT_FOUND" };
const NO_SESSION = { kind: "not_found", reason: "SESSION_NOT_FOUND" };

const request = (rpc: string) => ({ rpc, requestId: randomUUID(), body: new Uint8Array() });
const makeTeam = async (teamId: string) => {
  await createTeamStore(record.database).create(admin, { teamId, name: "" }, request("CreateTeam"));
  return teamId;
};
const grant = (teamId: string, access: Access, grantee?: Grantee) => {
  const whom = grantee ?? { kind: "project", id: all.projectId };
  const of = { kind: "team", id: teamId } as const;
  const asked = { of, grantee: whom, access, expiresAt: undefined };
  return createGrantStore(record.database).create(admin, asked, request("CreateGrant"));
};

describe("a session of a team", () => {
  const sessions = () => createSessionStore(record.database);
  const append = (tenancy: Tenancy, scope: Scope) =>
    sessions().append(tenancy, {
      scope,
      turns: [],
      taskState: {},
      etag: "",
      ttlSeconds: 60,
      request: request("AppendSession"),
    });
  const end = (tenancy: Tenancy, scope: Scope) => sessions().end(tenancy, scope, request("EndSession"));
  const get = (tenancy: Tenancy, scope: Scope) => sessions().get(tenancy, scope, 0);

  it.each([{ sessionId: "standup" }, { userId: "ada", sessionId: "standup" }])(
    "is written and ended by whom a grant lets write alone: %o",
    async (scope) => {
      const teamId = await makeTeam(scope.userId ? "hers" : "shared");
      await append(all, { ...scope, teamId });
      await expect(append(key, scope)).rejects.toMatchObject(NO_TEAM);
      await expect(get(key, scope)).rejects.toMatchObject(NO_SESSION);
      // As of any session that is not there.
      await end(key, scope);
      expect((await get(all, scope)).scope).toMatchObject({ teamId });

      await grant(teamId, "read");
      await expect(append(key, scope)).rejects.toMatchObject(READ_ONLY);
      await expect(append(key, { ...scope, teamId })).rejects.toMatchObject(READ_ONLY);
      await expect(end(key, scope)).rejects.toMatchObject(READ_ONLY);
      await expect(end(key, { ...scope, teamId })).rejects.toMatchObject(READ_ONLY);
      expect(await get(key, scope)).toMatchObject({ scope: { teamId } });

      await grant(teamId, "write");
      await append(key, scope);
      await end(key, scope);
      await expect(get(all, scope)).rejects.toMatchObject(NO_SESSION);
      await end(key, scope);
    },
  );

  it("is reached by a grant of the agent that the scope names", async () => {
    const teamId = await makeTeam("agents");
    await grant(teamId, "write", { kind: "agent", id: "scribe" });
    const scope = { sessionId: "minutes", agentId: "scribe" };
    await append(key, { ...scope, teamId });
    expect(await get(key, scope)).toMatchObject({ scope: { teamId } });
    await expect(get(key, { ...scope, agentId: "nobody" })).rejects.toMatchObject(NO_SESSION);
    await end(key, scope);
    await expect(get(all, scope)).rejects.toMatchObject(NO_SESSION);
  });
});

describe("an extraction of a team", () => {
  it("is retried by whom a grant lets write alone", async () => {
    const teamId = await makeTeam("drafts");
    const id = await acceptDrafts(record, all, { teamId }, []);
    const retry = () => createExtractionStore(record.database).retry(key, id, request("RetryExtraction"));
    await expect(retry()).rejects.toMatchObject({ reason: "EXTRACTION_NOT_FOUND" });
    await grant(teamId, "read");
    await expect(retry()).rejects.toMatchObject(READ_ONLY);
    await grant(teamId, "write");
    await expect(retry()).rejects.toMatchObject({ reason: "EXTRACTION_NOT_FAILED" });
  });
});

describe("all memories of a scope", () => {
  const deleteAll = (scope: Scope) =>
    createMemoryStore(record.database).deleteAll(key, scope, request("DeleteAllMemories"));

  it("are a team's that may only be read: nothing is deleted, and the caller is told", async () => {
    const teamId = await makeTeam("archive");
    await seedMemories(record, all, { userId: "bo", teamId }, ["Bo files it."]);
    await seedMemories(record, all, { userId: "bo" }, ["Bo hums."]);
    expect(await deleteAll({ teamId })).toBe(0);
    await grant(teamId, "read");
    await expect(deleteAll({ teamId })).rejects.toMatchObject(READ_ONLY);
    // Of a person, what teams keep stays where they don't let the call write.
    expect(await deleteAll({ userId: "bo" })).toBe(1);
    await grant(teamId, "write");
    expect(await deleteAll({ teamId })).toBe(1);
  });
});
