import { randomUUID } from "node:crypto";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import type { Memory } from "@mneme/core/memory/memory.ts";
import type { ScopeIds } from "@mneme/core/tenancy/scope.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConversationStore } from "./conversation-store.ts";
import { createMemoryStore } from "./memory-store.ts";
import { createUseStore } from "./memory-uses.ts";
import type { Provisioned } from "./provision.ts";
import { createSearchStore } from "./search-store.ts";
import { seedMemories, testEmbedder, workBucketOf } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

describe("search store", () => {
  let record: TestRecord;
  let tenant: Provisioned;
  let other: Provisioned;
  const store = () => createSearchStore(record.database);

  beforeAll(async () => {
    record = await openTestRecord("search_store");
    tenant = record.tenant;
    other = await record.provision("other");
  });
  afterAll(() => record[Symbol.asyncDispose]());

  const resolve = async (scope: Parameters<ReturnType<typeof store>["resolve"]>[1]) => {
    const found = await store().resolve(tenant, scope);
    if (!found) throw new Error("the scope is not known");
    return found;
  };
  const refsOf = (memories: readonly Memory[]) =>
    memories.map(({ id, version }) => ({ memoryId: id, version }));
  const textsOf = (memories: readonly Memory[]) => memories.map(({ text }) => text).sort();
  const setSubject = (subjectId: string | undefined, change: string) =>
    record.admin.query(`update mneme.subjects set ${change} where id = $1`, [subjectId]);
  const change = (memoryId: string, text: string) =>
    testEmbedder.embed([text]).then(([vector]) =>
      createMemoryStore(record.database).change(
        tenant,
        [
          {
            memoryId,
            draft: draftOf(text),
            fields: new Set(["text"] as const),
            etag: "",
            at: "update",
            embedding: { vector: vector as Float32Array, model: "test", isQuestion: false, hasTime: false },
          },
        ],
        { rpc: "UpdateMemory", requestId: randomUUID(), body: new Uint8Array() },
      ),
    );

  describe("resolve", () => {
    it("finds who is named, and who speaks there", async () => {
      const accepted = await createConversationStore(record.database).accept(tenant, {
        scope: { userId: "ada", agentId: "planner", sessionId: "s1" },
        items: ["Ada", "Bob"].map((name) => ({
          type: "turn",
          message: {
            role: "user",
            name,
            text: "hello",
            toolCalls: [],
            toolCallId: undefined,
            sentAt: new Date(),
          },
        })),
        metadata: {},
        request: { rpc: "AddMessages", requestId: randomUUID(), body: new Uint8Array() },
      });
      await workBucketOf(record, tenant.tenantId, accepted.extraction.id);
      const whole = await resolve({ userId: "ada", agentId: "planner", sessionId: "s1" });
      expect(whole.ids).toEqual({
        subject: { id: expect.any(String), epoch: 1 },
        agentId: expect.any(String),
        appId: undefined,
        teamId: undefined,
        sessionId: expect.any(String),
      });
      expect(whole.participants.map(({ name }) => name).sort()).toEqual(["Ada", "Bob"]);
      const part = await resolve({ userId: "ada" });
      expect(part.ids).toEqual({ ...whole.ids, agentId: undefined, sessionId: undefined });
      expect(part.participants).toEqual(whole.participants);
    });

    it("finds a shared scope without a person", async () => {
      await seedMemories(record, tenant, { teamId: "core", appId: "crm" }, ["The team ships on Fridays."]);
      const { ids } = await resolve({ teamId: "core", appId: "crm" });
      expect(ids).toMatchObject({
        subject: undefined,
        appId: expect.any(String),
        teamId: expect.any(String),
      });
      expect((await store().recent(tenant, ids, 10)).map(({ scope }) => scope)).toEqual([
        { teamId: "core", appId: "crm" },
      ]);
    });

    it("knows nobody who never wrote, nobody else's session, and no other tenant's people", async () => {
      await seedMemories(record, tenant, { userId: "cleo", sessionId: "own" }, ["Cleo sings."]);
      for (const scope of [
        { userId: "nobody" },
        { userId: "cleo", agentId: "unknown" },
        { userId: "ada", sessionId: "own" },
        { sessionId: "own" },
      ]) {
        expect([scope, await store().resolve(tenant, scope)]).toEqual([scope, undefined]);
      }
      expect(await store().resolve(other, { userId: "cleo" })).toBeUndefined();
    });

    it("does not know a person who is fenced", async () => {
      await seedMemories(record, tenant, { userId: "dora" }, ["Dora dives."]);
      const { ids } = await resolve({ userId: "dora" });
      await setSubject(ids.subject?.id, "state = 'fenced'");
      expect(await store().resolve(tenant, { userId: "dora" })).toBeUndefined();
      await setSubject(ids.subject?.id, "state = 'active', epoch = 2");
      expect((await resolve({ userId: "dora" })).ids.subject?.epoch).toBe(2);
    });
  });

  describe("hydrate", () => {
    const seed = async (userId: string, ...drafts: Parameters<typeof seedMemories>[3]) => {
      const memories = await seedMemories(record, tenant, { userId, agentId: "a1" }, drafts);
      return { memories, ids: (await resolve({ userId })).ids };
    };
    const shown = async (ids: ScopeIds, refs: ReturnType<typeof refsOf>, options = {}) =>
      textsOf(await store().hydrate(tenant, ids, refs, options));

    it("shows what is asked for and belongs to the scope", async () => {
      const { memories, ids } = await seed("eve", "Eve climbs.", "Eve swims.");
      expect(await store().hydrate(tenant, ids, refsOf(memories), {})).toEqual(
        expect.arrayContaining(memories as Memory[]),
      );
      const stranger = await seed("eve-too", "Somebody else.");
      expect(await shown(ids, refsOf(stranger.memories))).toEqual([]);
      const { ids: withAgent } = await resolve({ userId: "eve", agentId: "a1" });
      expect(await shown(withAgent, refsOf(memories))).toHaveLength(2);
      await seedMemories(record, tenant, { userId: "eve", agentId: "a2" }, ["Eve runs."]);
      const { ids: elsewhere } = await resolve({ userId: "eve", agentId: "a2" });
      expect(await shown(elsewhere, refsOf(memories))).toEqual([]);
    });

    it("leaves sources out for whoever wants the texts alone", async () => {
      const { memories, ids } = await seed("ewan", "Ewan climbs.");
      const bare = await store().hydrate(tenant, ids, refsOf(memories), { withoutSources: true });
      expect(memories[0]?.sources).not.toEqual([]);
      expect(bare).toEqual(memories.map((memory) => ({ ...memory, sources: [] })));
    });

    it("shows nothing to another tenant or project, whatever ids they hold", async () => {
      const { memories, ids } = await seed("fay", "Fay flies.");
      expect(await store().hydrate(other, ids, refsOf(memories), {})).toEqual([]);
      const project = randomUUID();
      await record.admin.query(
        "insert into mneme.projects (tenant_id, id, name, key_id) values ($1, $2, 'second', $3)",
        [tenant.tenantId, project, await record.keys.create(tenant.tenantId, "project")],
      );
      const elsewhere = { tenantId: tenant.tenantId, projectId: project };
      expect(await store().hydrate(elsewhere, ids, refsOf(memories), {})).toEqual([]);
    });

    it("shows nothing of a fenced person, of an earlier epoch, or under a destroyed key", async () => {
      const { memories, ids } = await seed("gus", "Gus gardens.");
      const id = ids.subject?.id;
      await setSubject(id, "state = 'fenced'");
      expect(await shown(ids, refsOf(memories))).toEqual([]);
      await setSubject(id, "state = 'active', epoch = 2");
      expect(await shown(ids, refsOf(memories))).toEqual([]);
      expect(await shown({ ...ids, subject: { id: id ?? "", epoch: 2 } }, refsOf(memories))).toEqual([]);
      await setSubject(id, "epoch = 1");
      expect(await shown(ids, refsOf(memories))).toHaveLength(1);
      const { rows } = await record.admin.query<{ key_id: string }>(
        "select key_id from mneme.subjects where id = $1",
        [id],
      );
      await record.keys.destroy(tenant.tenantId, rows[0]?.key_id ?? "");
      expect(await shown(ids, refsOf(memories))).toEqual([]);
    });

    it("shows the current version only, and none once it is deleted", async () => {
      const { memories, ids } = await seed("hal", "Hal hikes.");
      const [memory] = memories;
      await change(memory?.id ?? "", "Hal hikes no more.");
      expect(await shown(ids, refsOf(memories))).toEqual([]);
      const second = [{ memoryId: memory?.id ?? "", version: 2 }];
      expect(await shown(ids, second)).toEqual(["Hal hikes no more."]);
      expect(await shown(ids, [{ memoryId: memory?.id ?? "", version: 3 }])).toEqual([]);
      await createMemoryStore(record.database).delete(tenant, [{ memoryId: memory?.id ?? "", etag: "" }], {
        rpc: "DeleteMemory",
        requestId: randomUUID(),
        body: new Uint8Array(),
      });
      expect(await shown(ids, [...second, ...refsOf(memories)])).toEqual([]);
    });

    it("shows nothing that expired or was replaced", async () => {
      const { memories, ids } = await seed(
        "ivy",
        draftOf("Ivy's coupon.", { expiresAt: new Date(Date.now() - 1_000) }),
        draftOf("Ivy's next coupon.", { expiresAt: new Date(Date.now() + 3_600_000) }),
        "Ivy lives in Rome.",
      );
      const { rows } = await record.admin.query<{ id: string }>(
        "select id from mneme.memories where subject_id = $1",
        [ids.subject?.id],
      );
      const all = rows.map(({ id }) => ({ memoryId: id, version: 1 }));
      expect(await shown(ids, all)).toEqual(["Ivy lives in Rome.", "Ivy's next coupon."]);
      const rome = memories.find(({ text }) => text.includes("Rome"));
      await record.admin.query("update mneme.memories set state = 'superseded' where id = $1", [rome?.id]);
      expect(await shown(ids, all)).toEqual(["Ivy's next coupon."]);
      expect(await shown(ids, all, { asOf: new Date(), knownAt: undefined })).toContain("Ivy lives in Rome.");
    });

    it("shows what was true at a time", async () => {
      const { memories, ids } = await seed(
        "jon",
        draftOf("Jon lived in Oslo.", { validFrom: new Date("2020-01-01"), validTo: new Date("2022-01-01") }),
        draftOf("Jon lives in Bergen.", { validFrom: new Date("2022-01-01") }),
      );
      const at = (asOf: string) => shown(ids, refsOf(memories), { asOf: new Date(asOf), knownAt: undefined });
      expect(await shown(ids, refsOf(memories))).toEqual(["Jon lives in Bergen."]);
      expect(await at("2019-06-01")).toEqual([]);
      expect(await at("2021-06-01")).toEqual(["Jon lived in Oslo."]);
      expect(await at("2022-01-01")).toEqual(["Jon lives in Bergen."]);
    });

    it("shows what was known at a time", async () => {
      const { memories, ids } = await seed("kim", "Kim is a cook.");
      const id = memories[0]?.id ?? "";
      const { memories: changed } = await change(id, "Kim is a chef.");
      const turning = changed[0]?.recordedFrom.getTime() ?? 0;
      const both = [1, 2].map((version) => ({ memoryId: id, version }));
      const at = (time: number) => shown(ids, both, { asOf: undefined, knownAt: new Date(time) });
      expect(await at(turning - 1)).toEqual(["Kim is a cook."]);
      expect(await at(turning + 1)).toEqual(["Kim is a chef."]);
      expect(await at((memories[0]?.recordedFrom.getTime() ?? 0) - 1)).toEqual([]);
    });
  });

  describe("recent", () => {
    it("gives the newest and the most used that may be shown", async () => {
      const texts = Array.from({ length: 8 }, (_, i) => `Lea's note ${i}.`);
      const seeded = await seedMemories(record, tenant, { userId: "lea" }, texts);
      const byAge = seeded.toSorted((a, b) => (a.id < b.id ? 1 : -1));
      const oldest = byAge.at(-1);
      const use = { memoryId: oldest?.id ?? "", uses: 5, lastUsedAt: new Date() };
      await createUseStore(record.database.pool).add(tenant.tenantId, [use]);
      const { ids } = await resolve({ userId: "lea" });
      const found = await store().recent(tenant, ids, 4);
      expect(textsOf(found)).toEqual(textsOf([...byAge.slice(0, 4), oldest as Memory]));
      await record.admin.query("update mneme.memories set expires_at = now() where id = $1", [oldest?.id]);
      expect(await store().recent(tenant, ids, 4)).toHaveLength(4);
      await setSubject(ids.subject?.id, "state = 'fenced'");
      expect(await store().recent(tenant, ids, 4)).toEqual([]);
    });
  });

  it("shows nothing on a connection that names no tenant", async () => {
    await seedMemories(record, tenant, { userId: "mia" }, ["Mia mends."]);
    for (const table of ["memories", "memory_versions", "messages", "subjects", "scope_refs", "streams"]) {
      const { rows } = await record.database.pool.query<{ n: string }>(`select count(*) as n from ${table}`);
      expect([table, rows[0]?.n]).toEqual([table, "0"]);
    }
  });

  describe("while the record does not answer", () => {
    /** Runs a read that waits for a lock. */
    const whileLocked = async (read: (refs: ReturnType<typeof refsOf>, ids: ScopeIds) => Promise<void>) => {
      const { rows } = await record.admin.query<{ id: string }>("select id from mneme.memories limit 1");
      const { ids } = await resolve({ userId: "mia" });
      const locker = await record.admin.connect();
      try {
        await locker.query("begin; lock table mneme.memories in access exclusive mode");
        await read([{ memoryId: rows[0]?.id ?? "", version: 1 }], ids);
      } finally {
        await locker.query("rollback");
        locker.release();
      }
      expect(await resolve({ userId: "mia" })).toBeDefined();
    };
    const waitingPid = async () => {
      for (;;) {
        const { rows } = await record.admin.query<{ pid: number }>(
          "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        );
        if (rows[0]) return rows[0].pid;
      }
    };

    it("ends with the call, in the server as well", async () => {
      await expect(
        store().resolve(tenant, { userId: "mia" }, AbortSignal.abort(new Error("gone"))),
      ).rejects.toThrow("gone");
      await whileLocked(async (refs, ids) => {
        const call = new AbortController();
        const reading = store().hydrate(tenant, ids, refs, {}, call.signal);
        reading.catch(() => undefined);
        await waitingPid();
        call.abort(new Error("cancelled"));
        await expect(reading).rejects.toThrow("cancelled");
      });
    });

    it("says that the record is unavailable when its connection is cut", async () => {
      await whileLocked(async (refs, ids) => {
        const reading = store().hydrate(tenant, ids, refs, {});
        reading.catch(() => undefined);
        await record.admin.query("select pg_terminate_backend($1)", [await waitingPid()]);
        await expect(reading).rejects.toMatchObject({
          kind: "unavailable",
          reason: "DEPENDENCY_UNAVAILABLE",
          metadata: { dependency: "postgres" },
        });
      });
    });
  });
});
