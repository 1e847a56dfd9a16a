import { archiveInactive } from "@mneme/core/ageing/inactivity.ts";
import { notePresence } from "@mneme/core/ageing/presence.ts";
import type { WalkCursor } from "@mneme/core/ageing/project-walk.ts";
import type { StepOptions } from "@mneme/core/ageing/step-options.ts";
import { consolidateStep } from "@mneme/core/consolidation/consolidate-step.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import type { Memory } from "@mneme/core/memory/memory.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAgeingStore } from "./ageing-store.ts";
import { createEpisodeStore } from "./consolidation/consolidation-store.ts";
import { createInactivityStore } from "./inactivity-store.ts";
import { createMemoryArchive } from "./memory-archive.ts";
import { createMemoryStore } from "./memory-store.ts";
import { createUseStore } from "./memory-uses.ts";
import { createPresenceStore } from "./presence-store.ts";
import type { Provisioned } from "./provision.ts";
import { createSearchStore } from "./search-store.ts";
import { requestOf, setOnProject } from "./testing/administrator.ts";
import { makeOlder } from "./testing/age.ts";
import { acceptTurns, readBucketOf, seedMemories, settingsOf, testEmbedder } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

describe("persons who were away", () => {
  let record: TestRecord;
  let tenant: Provisioned;
  beforeAll(async () => {
    record = await openTestRecord("inactivity");
  });
  beforeEach(async () => {
    tenant = await record.provision();
    await setOnProject(record, tenant, { ageing: { archiveInactiveDays: 30 } });
  });
  afterAll(() => record?.[Symbol.asyncDispose]());

  const store = () => createMemoryStore(record.database);
  const presenceStore = () => createPresenceStore(record.database.pool);

  /** A memory of somebody, as if all of it had been so many days ago. */
  async function seed(scope: Scope, text: string, daysAgo: number): Promise<Memory> {
    const [memory] = (await seedMemories(record, tenant, scope, [text])) as [Memory];
    await makeOlder(record, [memory.id], daysAgo);
    await record.admin.query(
      `update mneme.extractions e set created_at = created_at - make_interval(days => $2)
       where id = (select extraction_id from mneme.memory_versions where memory_id = $1 limit 1)`,
      [memory.id, daysAgo],
    );
    return memory;
  }

  /** Walks over all persons. @param steps is told what each step did. */
  async function age(
    options: StepOptions = {},
    steps: number[] = [],
  ): Promise<{ archived: number; restored: number }> {
    const { pool } = record.database;
    const deps = {
      store: createAgeingStore(pool),
      inactivity: createInactivityStore(pool),
      archive: createMemoryArchive(pool),
      settings: settingsOf(record),
      now: () => new Date(),
    };
    const counts = { archived: 0, restored: 0 };
    for (let cursor: WalkCursor | undefined = {}; cursor; ) {
      const { archived, restored, next } = await archiveInactive(deps, tenant.tenantId, cursor, options);
      steps.push(archived + restored);
      counts.archived += archived;
      counts.restored += restored;
      cursor = next;
    }
    return counts;
  }

  const reasonOf = async ({ id }: Memory) => (await store().get(tenant, [id]))[0]?.archived?.reason;
  const resolve = async (userId: string) => {
    const found = await createSearchStore(record.database).resolve(tenant, { userId });
    if (!found?.ids.subject) throw new Error("nobody is known");
    return { subject: found.ids.subject, isAway: found.isAway };
  };

  it("have theirs archived after the project's days, and those of who was there stay", async () => {
    const ada = await seed({ userId: "ada" }, "Ada keeps bees.", 31);
    const bo = await seed({ userId: "bo" }, "Bo runs.", 29);
    expect(await age()).toEqual({ archived: 1, restored: 0 });
    expect([await reasonOf(ada), await reasonOf(bo)]).toEqual(["inactive", undefined]);
    expect(await age()).toEqual({ archived: 0, restored: 0 });
    expect((await resolve("ada")).isAway).toBe(true);
    expect((await resolve("bo")).isAway).toBe(false);
  });

  it("are not away where they were searched for, or something of theirs was used or changed", async () => {
    const searched = await seed({ userId: "cy" }, "Cy sings.", 40);
    const used = await seed({ userId: "dee" }, "Dee knits.", 40);
    const restored = await seed({ userId: "eve" }, "Eve swims.", 40);
    const { subject } = await resolve("cy");
    await presenceStore().note(tenant.tenantId, [{ projectId: tenant.projectId, subject, at: new Date() }]);
    await createUseStore(record.database.pool).add(tenant.tenantId, [
      { memoryId: used.id, uses: 1, lastUsedAt: new Date() },
    ]);
    for (const to of ["archived", "restored"] as const)
      await store().archive(tenant, { memoryId: restored.id, etag: "", to }, requestOf(to));
    expect(await age()).toEqual({ archived: 0, restored: 0 });
    expect(await reasonOf(searched)).toBeUndefined();
  });

  it("are away though a summary of theirs was written, and are not where that was used", async () => {
    await setOnProject(record, tenant, {
      ageing: { archiveInactiveDays: 30 },
      consolidation: { afterDays: 30 },
    });
    const drafts = ["2026-02-03", "2026-02-10"].map((day) =>
      draftOf("Ada went swimming.", { kind: "episodic", validFrom: new Date(day) }),
    );
    await seedMemories(record, tenant, { userId: "ada" }, drafts);
    const { rows } = await record.admin.query<{ id: string }>(
      "select id from mneme.memories where tenant_id = $1",
      [tenant.tenantId],
    );
    expect(rows).toHaveLength(2);
    await makeOlder(
      record,
      rows.map(({ id }) => id),
      60,
    );
    await record.admin.query(
      "update mneme.extractions set created_at = created_at - interval '60 days' where tenant_id = $1",
      [tenant.tenantId],
    );
    const deps = {
      episodes: createEpisodeStore(record.database),
      settings: settingsOf(record),
      embedderFor: () => testEmbedder,
    };
    expect((await consolidateStep(deps, tenant.tenantId, undefined)).counts).toMatchObject({ summaries: 1 });
    expect(await age()).toEqual({ archived: 1, restored: 0 });
    const listing = { scope: { userId: "ada" }, kinds: [], categories: [], pageSize: 9, pageToken: "" };
    const all = { ...listing, showSuperseded: false, showArchived: true };
    const { memories } = await store().list(tenant, all);
    const summary = memories.find(({ archived }) => archived?.reason === "inactive");
    expect(summary?.derivedFrom).toHaveLength(2);
    await createUseStore(record.database.pool).add(tenant.tenantId, [
      { memoryId: summary?.id ?? "", uses: 1, lastUsedAt: new Date() },
    ]);
    expect(await age()).toEqual({ archived: 0, restored: 1 });
  });

  it("have theirs archived and brought back by steps that stop between two parts of what one of them has", async () => {
    const texts = Array.from({ length: 600 }, (_, i) => `Ada did ${i}.`);
    const all = await seedMemories(record, tenant, { userId: "ada" }, texts);
    const ids = all.map(({ id }) => id);
    await makeOlder(record, ids, 40);
    await record.admin.query(
      "update mneme.extractions set created_at = created_at - interval '40 days' where tenant_id = $1",
      [tenant.tenantId],
    );
    await seed({ userId: "bo" }, "Bo runs.", 40);
    const away: number[] = [];
    expect(await age({ forMs: 0 }, away)).toEqual({ archived: 601, restored: 0 });
    expect(away.filter((count) => count > 0).toSorted()).toEqual([1, 100, 500]);
    const { subject } = await resolve("ada");
    await presenceStore().note(tenant.tenantId, [{ projectId: tenant.projectId, subject, at: new Date() }]);
    const back: number[] = [];
    expect(await age({ forMs: 0 }, back)).toEqual({ archived: 0, restored: 600 });
    expect(back.filter((count) => count > 0)).toEqual([500, 100]);
  });

  it("keep what they told a team, and what belongs to nobody stays", async () => {
    const team = await seed({ userId: "flo", teamId: "sales" }, "The deal is off.", 40);
    const shared = await seed({ agentId: "guide" }, "The library opens at nine.", 40);
    expect(await age()).toEqual({ archived: 0, restored: 0 });
    expect([await reasonOf(team), await reasonOf(shared)]).toEqual([undefined, undefined]);
  });

  it("get theirs back by a message, and what somebody archived by hand stays there", async () => {
    const bees = await seed({ userId: "ada" }, "Ada keeps bees.", 40);
    const tea = await seed({ userId: "ada" }, "Ada drinks tea.", 40);
    await store().archive(tenant, { memoryId: tea.id, etag: "", to: "archived" }, requestOf("archived"));
    expect(await age()).toEqual({ archived: 1, restored: 0 });
    const { extraction } = await acceptTurns(record, tenant, { userId: "ada" }, ["Hello!"], new Date());
    await readBucketOf(record, tenant.tenantId, extraction.id);
    expect([await reasonOf(bees), await reasonOf(tea)]).toEqual([undefined, "by_hand"]);
    const { archivings } = await store().chain(tenant, bees.id);
    expect(archivings).toMatchObject([{ reason: "inactive", restored: { because: "returned" } }]);
    expect(await age()).toEqual({ archived: 0, restored: 0 });
  });

  it("get theirs back by a search, beside it", async () => {
    const bees = await seed({ userId: "ada" }, "Ada keeps bees.", 40);
    await age();
    const { subject, isAway } = await resolve("ada");
    const presence = notePresence(presenceStore());
    presence.note(tenant.tenantId, tenant.projectId, subject, isAway === true);
    presence.note(tenant.tenantId, tenant.projectId, subject, isAway === true);
    await presence[Symbol.asyncDispose]();
    expect(await reasonOf(bees)).toBeUndefined();
    expect((await resolve("ada")).isAway).toBe(false);
    expect(await age()).toEqual({ archived: 0, restored: 0 });
  });

  it("get the rest back with the next run, where a message did not bring back all", async () => {
    const bees = await seed({ userId: "ada" }, "Ada keeps bees.", 40);
    await age();
    const { subject } = await resolve("ada");
    await presenceStore().note(tenant.tenantId, [{ projectId: tenant.projectId, subject, at: new Date() }]);
    expect(await age()).toEqual({ archived: 0, restored: 1 });
    expect(await reasonOf(bees)).toBeUndefined();
  });

  it("are not archived once they come back, though the run found them away", async () => {
    const bees = await seed({ userId: "ada" }, "Ada keeps bees.", 40);
    const { subject } = await resolve("ada");
    const inactivity = createInactivityStore(record.database.pool);
    const person = {
      projectId: tenant.projectId,
      subjectId: subject.id,
      activeSince: new Date(Date.now() - 30 * 86_400_000),
    };
    const targets = await inactivity.present(tenant.tenantId, tenant.projectId, subject.id, 10);
    expect(targets.map(({ memoryId }) => memoryId)).toEqual([bees.id]);
    await presenceStore().note(tenant.tenantId, [{ projectId: tenant.projectId, subject, at: new Date() }]);
    expect(await inactivity.archiveAway(tenant.tenantId, person, targets)).toEqual({
      archived: [],
      left: [bees.id],
    });
    expect(await reasonOf(bees)).toBeUndefined();
  });

  it("get theirs back in the order in which all writers lock", async () => {
    const older = await seed({ userId: "ada" }, "Ada keeps bees.", 40);
    const newer = await seed({ userId: "ada" }, "Ada drinks tea.", 40);
    await age();
    const { extraction } = await acceptTurns(record, tenant, { userId: "ada" }, ["Hello!"], new Date());
    const writer = await record.admin.connect();
    try {
      await writer.query("begin");
      await writer.query("select from mneme.memories where id = $1 for update", [older.id]);
      const read = readBucketOf(record, tenant.tenantId, extraction.id);
      await expect
        .poll(async () => {
          const waiting = "select from pg_stat_activity where pg_backend_pid() = any (pg_blocking_pids(pid))";
          return (await writer.query(waiting)).rowCount;
        })
        .toBe(1);
      // Whoever waits for the older one holds nothing behind it yet.
      await writer.query("select from mneme.memories where id = $1 for update nowait", [newer.id]);
      await writer.query("commit");
      await read;
    } finally {
      writer.release(true);
    }
    expect([await reasonOf(older), await reasonOf(newer)]).toEqual([undefined, undefined]);
  });

  it("are left to their erasure once they are fenced", async () => {
    const bees = await seed({ userId: "ada" }, "Ada keeps bees.", 40);
    await record.admin.query("update mneme.subjects set state = 'fenced' where tenant_id = $1", [
      tenant.tenantId,
    ]);
    expect(await age()).toEqual({ archived: 0, restored: 0 });
    const { rows } = await record.admin.query("select archived_at from mneme.memories where id = $1", [
      bees.id,
    ]);
    expect(rows).toEqual([{ archived_at: null }]);
  });

  describe("once they were looked at", () => {
    /** As if so many days had passed, without a look, of what was noted alone. */
    const passDays = (days: number) =>
      record.admin.query(
        "update mneme.person_looks set alive_at = alive_at - make_interval(days => $2) where tenant_id = $1",
        [tenant.tenantId, days],
      );
    const extractedEarlier = (days: number) =>
      record.admin.query(
        "update mneme.extractions set created_at = created_at - make_interval(days => $2) where tenant_id = $1",
        [tenant.tenantId, days],
      );
    const days = (archiveInactiveDays: number | undefined) =>
      setOnProject(record, tenant, { ageing: archiveInactiveDays ? { archiveInactiveDays } : {} });
    const looks = async () => {
      const { rows } = await record.admin.query<{ epoch: number; days: number }>(
        `select epoch, round(extract(epoch from now() - alive_at) / 86400)::integer as days
         from mneme.person_looks where tenant_id = $1 order by alive_at`,
        [tenant.tenantId],
      );
      return rows;
    };

    it("are passed over until they are due", async () => {
      const bees = await seed({ userId: "ada" }, "Ada keeps bees.", 10);
      expect(await age()).toEqual({ archived: 0, restored: 0 });
      expect(await looks()).toEqual([{ epoch: 1, days: 10 }]);
      // Nothing that they have is read: by that they would be away.
      await makeOlder(record, [bees.id], 30);
      await extractedEarlier(30);
      expect(await age()).toEqual({ archived: 0, restored: 0 });
      await passDays(19);
      expect(await age()).toEqual({ archived: 0, restored: 0 });
      await passDays(2);
      expect(await age()).toEqual({ archived: 1, restored: 0 });
      expect(await looks()).toEqual([{ epoch: 1, days: 40 }]);
    });

    it("stay when they are due, by what came since the look", async () => {
      const bees = await seed({ userId: "ada" }, "Ada keeps bees.", 10);
      await age();
      await createUseStore(record.database.pool).add(tenant.tenantId, [
        { memoryId: bees.id, uses: 1, lastUsedAt: new Date() },
      ]);
      await passDays(21);
      await extractedEarlier(30);
      expect(await age()).toEqual({ archived: 0, restored: 0 });
      expect(await looks()).toEqual([{ epoch: 1, days: 0 }]);
    });

    it("follow their project's days, fewer or more, off and on", async () => {
      const bees = await seed({ userId: "ada" }, "Ada keeps bees.", 20);
      expect(await age()).toEqual({ archived: 0, restored: 0 });
      await days(undefined);
      expect(await age()).toEqual({ archived: 0, restored: 0 });
      await days(15);
      expect(await age()).toEqual({ archived: 1, restored: 0 });
      await days(25);
      expect(await age()).toEqual({ archived: 0, restored: 1 });
      await days(15);
      expect(await age()).toEqual({ archived: 0, restored: 0 });
      expect(await reasonOf(bees)).toBeUndefined();
    });

    it("come back by longer days as well where a use of theirs alone was newer", async () => {
      const bees = await seed({ userId: "ada" }, "Ada keeps bees.", 50);
      await createUseStore(record.database.pool).add(tenant.tenantId, [
        { memoryId: bees.id, uses: 1, lastUsedAt: new Date(Date.now() - 35 * 86_400_000) },
      ]);
      expect(await age()).toEqual({ archived: 1, restored: 0 });
      await days(40);
      expect(await age()).toEqual({ archived: 0, restored: 1 });
    });

    it("come back when something of theirs that sleeps is changed", async () => {
      const bees = await seed({ userId: "ada" }, "Ada keeps bees.", 40);
      const tea = await seed({ userId: "ada" }, "Ada drinks tea.", 40);
      expect(await age()).toEqual({ archived: 2, restored: 0 });
      const draft = draftOf("", { importance: 0.9 });
      const fields = new Set(["importance"] as const);
      const change = { memoryId: bees.id, draft, fields, etag: "", at: "update", embedding: undefined };
      await store().change(tenant, [change], requestOf("UpdateMemory"));
      expect(await age()).toEqual({ archived: 0, restored: 2 });
      expect(await reasonOf(tea)).toBeUndefined();
    });

    it("are looked at anew in another epoch", async () => {
      const bees = await seed({ userId: "ada" }, "Ada keeps bees.", 10);
      await age();
      for (const table of ["subjects", "memories", "streams"])
        await record.admin.query(`update mneme.${table} set epoch = 2 where tenant_id = $1`, [
          tenant.tenantId,
        ]);
      await makeOlder(record, [bees.id], 30);
      await extractedEarlier(30);
      expect(await age()).toEqual({ archived: 1, restored: 0 });
      expect(await looks()).toEqual([{ epoch: 2, days: 40 }]);
    });

    it("leave nothing of what was noted when they are deleted", async () => {
      await seed({ userId: "ada" }, "Ada keeps bees.", 10);
      await age();
      const { rows } = await record.admin.query<{ id: string }>(
        `with guest as (
           insert into mneme.subjects (tenant_id, id, user_mac, key_id)
           values ($1, gen_random_uuid(), 'a guest', gen_random_uuid()) returning *)
         insert into mneme.person_looks
         select tenant_id, $2, id, epoch, now() from guest returning subject_id as id`,
        [tenant.tenantId, tenant.projectId],
      );
      expect(await looks()).toHaveLength(2);
      await record.admin.query("delete from mneme.subjects where tenant_id = $1 and id = $2", [
        tenant.tenantId,
        rows[0]?.id,
      ]);
      expect(await looks()).toEqual([{ epoch: 1, days: 10 }]);
    });
  });
});
