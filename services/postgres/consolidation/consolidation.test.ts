import type { SummarisingModels } from "@mneme/core/consolidation/consolidate.ts";
import { type ConsolidateNowLimits, consolidateNow } from "@mneme/core/consolidation/consolidate-now.ts";
import { consolidateStep } from "@mneme/core/consolidation/consolidate-step.ts";
import type { ConsolidationCounts } from "@mneme/core/consolidation/consolidation.ts";
import type { EpisodeStore } from "@mneme/core/consolidation/consolidation-store.ts";
import { englishDay } from "@mneme/core/consolidation/deed.ts";
import { contentOf } from "@mneme/core/extraction/content-testing.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import { getHistory } from "@mneme/core/memory/history.ts";
import type { Memory, MemoryDraft } from "@mneme/core/memory/memory.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createMaintenance } from "../maintenance.ts";
import { createMemoryStore } from "../memory-store.ts";
import type { Provisioned } from "../provision.ts";
import { requestOf, setOnProject } from "../testing/administrator.ts";
import {
  acceptTurns,
  readBucketOf,
  seedMemories,
  settingsOf,
  testEmbedder,
  workBucketOf,
} from "../testing/memories.ts";
import { openTestRecord, type TestRecord } from "../testing/record.ts";
import { createConsolidationStore, createEpisodeStore } from "./consolidation-store.ts";

const ADA = { userId: "ada" };
const DAYS = ["2026-02-03", "2026-02-10", "2026-02-17"] as const;

let record: TestRecord;
let tenant: Provisioned;
beforeAll(async () => {
  record = await openTestRecord("consolidation");
});
beforeEach(async () => {
  tenant = await record.provision();
  await setOnProject(record, tenant, { consolidation: { afterDays: 30 } });
});
afterAll(() => record?.[Symbol.asyncDispose]());

const memories = () => createMemoryStore(record.database);
const consolidations = () => createConsolidationStore(record.database);
const episodeOf = (text: string, day: string, more: Partial<MemoryDraft> = {}) =>
  draftOf(text, { kind: "episodic", validFrom: new Date(`${day}T09:00:00Z`), ...more });
const swims = (days: readonly string[] = DAYS, more: Partial<MemoryDraft> = {}) =>
  days.map((day) => episodeOf("Ada went swimming.", day, more));

/** @returns what the scope has, oldest first. */
async function seed(drafts: readonly MemoryDraft[], scope: Scope = ADA): Promise<Memory[]> {
  await seedMemories(record, tenant, scope, drafts);
  return (await shown(scope)).toSorted((a, b) => a.validFrom.getTime() - b.validFrom.getTime());
}

/** A run over the tenant, with a hand on the record between reading and applying. */
async function run(
  meanwhile?: () => Promise<unknown>,
  models?: SummarisingModels,
): Promise<ConsolidationCounts> {
  const store = createEpisodeStore(record.database);
  const episodes: EpisodeStore = {
    ...store,
    apply: async (...all) => {
      await meanwhile?.();
      return store.apply(...all);
    },
  };
  const deps = { episodes, settings: settingsOf(record), embedderFor: () => testEmbedder, models };
  return (await consolidateStep(deps, tenant.tenantId, undefined)).counts;
}

/** What a list shows, archived memories aside. */
async function shown(scope: Scope = ADA): Promise<Memory[]> {
  const listing = { scope, kinds: [], categories: [], showSuperseded: false, pageSize: 50, pageToken: "" };
  return [...(await memories().list(tenant, listing)).memories];
}
const texts = async (scope: Scope = ADA) => (await shown(scope)).map(({ text }) => text).sort();
const listed = async (scope: Scope = ADA) =>
  (await consolidations().list(tenant, { scope, pageSize: 50, pageToken: "" })).items;
async function only() {
  const [one, ...others] = await listed();
  if (!one || others.length > 0) throw new Error("not one consolidation");
  return one;
}
const remove = (memoryId: string) =>
  memories().delete(tenant, [{ memoryId, etag: "" }], requestOf("DeleteMemory"));
const undo = (id: string, discardChanges = false) =>
  consolidations().undo(tenant, { id, discardChanges }, requestOf("UndoConsolidation"));

const SUMMARY =
  "Ada went swimming: 3 times between 3 February 2026 and 17 February 2026 (3 February 2026, 10 February 2026, 17 February 2026).";

describe("consolidation", () => {
  it("has one summary tell what belongs together, and archives what it tells", async () => {
    const told = await seed([...swims(), episodeOf("Ada bought a bicycle.", "2026-02-22")]);
    expect(await run()).toEqual({ episodes: 4, summaries: 1, archived: 3, changed: 0, withheld: 0 });
    expect(await texts()).toEqual(["Ada bought a bicycle.", SUMMARY]);
    const swimming = told.slice(0, 3).map(({ id }) => id);
    const archived = await memories().get(tenant, swimming);
    expect(archived.map((one) => one.archived?.reason)).toEqual(Array(3).fill("consolidated"));
    expect(await only()).toMatchObject({ state: "active", scope: ADA, rule: "consolidate" });
    expect((await only()).episodeIds).toEqual([...swimming].sort());
    expect(await run()).toEqual({ episodes: 1, summaries: 0, archived: 0, changed: 0, withheld: 0 });
  });

  it("makes ordinary memories: sources, provenance, both times, and a story", async () => {
    const told = await seed(swims(DAYS, { importance: 0.7, metadata: { color: "blue" } }));
    const before = new Date();
    await run();
    const { summaryId } = await only();
    const [summary] = await memories().get(tenant, [summaryId]);
    expect(summary).toMatchObject({
      kind: "semantic",
      importance: 0.7,
      metadata: { color: "blue" },
      extractor: "consolidate",
      extractorVersion: "1",
      rule: "consolidate",
      validFrom: new Date("2026-02-17T09:00:00Z"),
      validTo: undefined,
    });
    expect(new Set(summary?.sources.map(({ messageId }) => messageId))).toEqual(
      new Set(told.flatMap(({ sources }) => sources.map(({ messageId }) => messageId))),
    );
    expect([...(summary?.derivedFrom ?? [])]).toEqual(told.map(({ id }) => id).sort());
    expect(summary?.recordedFrom.getTime()).toBeGreaterThanOrEqual(before.getTime() - 1);
    const at = (times: object) => memories().get(tenant, [summaryId], times);
    expect(await at({ knownAt: before })).toEqual([]);
    expect(await at({ asOf: new Date("2026-02-16T00:00:00Z") })).toEqual([]);
    expect(await at({ asOf: new Date("2026-02-20T00:00:00Z") })).toHaveLength(1);
    const { entries, story } = await getHistory({ memories: memories() }, tenant, summaryId);
    expect(entries[0]).toMatchObject({ event: "consolidated", madeOf: told.map(({ id }) => id).sort() });
    expect(story).toMatch(
      /it was made of 3 episodes up to 17 February 2026: “Ada went swimming.*\[consolidate 1: add by consolidate\]/,
    );
  });

  it("is off unless it is set, and leaves what is younger", async () => {
    await setOnProject(record, tenant, {});
    await seed(swims());
    expect(await run()).toEqual({ episodes: 0, summaries: 0, archived: 0, changed: 0, withheld: 0 });
    await setOnProject(record, tenant, { consolidation: { afterDays: 30 } });
    await record.admin.query(
      "update mneme.memory_versions set said_at = now() - interval '29 days' where tenant_id = $1",
      [tenant.tenantId],
    );
    expect((await run()).episodes).toBe(0);
  });

  it("ends where the policy ends between being read and being applied", async () => {
    await seed(swims());
    expect(await run(() => setOnProject(record, tenant, {}))).toMatchObject({ summaries: 0, changed: 1 });
    expect(await texts()).toHaveLength(3);
  });

  it("crosses no person, audience, category, metadata or project", async () => {
    await seed(swims([DAYS[0]]));
    await seed(swims([DAYS[1]]), { userId: "bo" });
    await seed(swims([DAYS[1]]), { userId: "ada", agentId: "guide" });
    await seed(swims([DAYS[1]]), { userId: "ada", appId: "diary" });
    await seed(swims([DAYS[1]], { category: "health" }));
    await seed(swims([DAYS[2]], { metadata: { color: "blue" } }));
    expect(await run()).toEqual({ episodes: 6, summaries: 0, archived: 0, changed: 0, withheld: 0 });
  });

  it.each([
    ["is changed", (id: string) => change(id, { text: "Ada went sailing." })],
    ["is deleted", remove],
    ["is archived", (id: string) => archive(id)],
    ["is said again", () => seed(swims([DAYS[0]]))],
    ["has a fenced person", () => fence()],
  ])("leaves a cluster alone of which one %s meanwhile", async (_, meanwhile) => {
    const [first] = await seed(swims());
    expect(await run(() => meanwhile(first?.id ?? ""))).toMatchObject({ summaries: 0, changed: 1 });
    expect(await consolidated()).toBe(0);
  });

  const consolidated = async () =>
    (await record.admin.query("select from mneme.consolidations where tenant_id = $1", [tenant.tenantId]))
      .rowCount;
  const fence = () =>
    record.admin.query("update mneme.subjects set state = 'fenced' where tenant_id = $1", [tenant.tenantId]);
  const archive = (memoryId: string) =>
    memories().archive(tenant, { memoryId, etag: "", to: "archived" }, requestOf("ArchiveMemory"));
  const change = (memoryId: string, draft: Partial<MemoryDraft>) => {
    const fields = new Set(Object.keys(draft) as (keyof MemoryDraft)[]);
    const embedding = fields.has("text")
      ? { vector: new Float32Array([1, 0]), model: "test", isQuestion: false, hasTime: false }
      : undefined;
    const one = {
      memoryId,
      draft: draftOf("Ada went swimming.", draft),
      fields,
      etag: "",
      at: "update",
      embedding,
    };
    return memories().change(tenant, [one], requestOf("UpdateMemory"));
  };

  describe("told again", () => {
    it("joins the summary, which is found instead of it, with what says it", async () => {
      await seed(swims());
      await run();
      const { summaryId } = await only();
      const sources = async () => (await memories().get(tenant, [summaryId]))[0]?.sources.length;
      expect(await sources()).toBe(3);
      await seed(swims([DAYS[1]]), { ...ADA, sessionId: "later" });
      expect(await texts()).toEqual([SUMMARY]);
      expect(await texts({ ...ADA, sessionId: "later" })).toEqual([SUMMARY]);
      expect(await sources()).toBe(4);
      expect(await run()).toMatchObject({ episodes: 0, summaries: 0 });
    });

    it("brings the summary back where that is archived", async () => {
      await seed(swims());
      await run();
      await archive((await only()).summaryId);
      expect(await texts()).toEqual([]);
      await seed(swims([DAYS[1]]));
      expect(await texts()).toEqual([SUMMARY]);
    });
  });

  describe("undone", () => {
    it("brings the episodes back, and makes the same summary no more unless one joins", async () => {
      await seed(swims());
      await run();
      const { id, summaryId } = await only();
      await undo(id);
      expect(await texts()).toEqual(Array(3).fill("Ada went swimming."));
      expect(await memories().get(tenant, [summaryId])).toEqual([]);
      // What the episodes rest on was not deleted: replays read it.
      const { rows } = await record.admin.query("select from mneme.deleted_sources where tenant_id = $1", [
        tenant.tenantId,
      ]);
      expect(rows).toHaveLength(0);
      expect(await only()).toMatchObject({ id, state: "undone" });
      expect(await run()).toMatchObject({ episodes: 3, summaries: 0, withheld: 1 });
      await seed(swims(["2026-02-24"]));
      expect(await run()).toMatchObject({ summaries: 1, archived: 4 });
      expect((await texts())[0]).toContain("4 times between 3 February 2026 and 24 February 2026");
    });

    it("answers a repeated request as the first, and is nobody else's to undo", async () => {
      await seed(swims());
      await run();
      const { id } = await only();
      const other = await record.provision("other");
      const elsewhere = consolidations().undo(
        other,
        { id, discardChanges: false },
        requestOf("UndoConsolidation"),
      );
      await expect(elsewhere).rejects.toMatchObject({ reason: "CONSOLIDATION_NOT_FOUND" });
      const request = requestOf("UndoConsolidation");
      const first = await consolidations().undo(tenant, { id, discardChanges: false }, request);
      expect(await consolidations().undo(tenant, { id, discardChanges: false }, request)).toEqual(first);
      expect(first.revision).toBeGreaterThan(0n);
    });

    it("asks before it loses what was changed since", async () => {
      await seed(swims());
      await run();
      const { id, summaryId } = await only();
      await change(summaryId, { importance: 0.9 });
      await expect(undo(id)).rejects.toMatchObject({ reason: "STATE_CONFLICT" });
      expect(await texts()).toEqual([SUMMARY]);
      await undo(id, true);
      expect(await texts()).toEqual(Array(3).fill("Ada went swimming."));
    });
  });

  describe("never says again what was deleted", () => {
    it("goes with a deleted episode; the others come back and are told anew", async () => {
      const [first] = await seed(swims());
      await run();
      const { summaryId } = await only();
      expect(await remove(first?.id ?? "")).toBe(1);
      expect(await texts()).toEqual(Array(2).fill("Ada went swimming."));
      expect(await memories().get(tenant, [summaryId])).toEqual([]);
      expect(await listed()).toEqual([]);
      expect(await run()).toMatchObject({ summaries: 1, archived: 2 });
      expect((await texts())[0]).toContain("2 times between 10 February 2026 and 17 February 2026");
    });

    it("tells the others anew without what it said", async () => {
      const [poetry] = await seed([
        episodeOf("Ada heard some poetry.", DAYS[0]),
        episodeOf("Ada heard a jazz trio.", DAYS[1]),
        episodeOf("Ada heard a string duo", DAYS[2]),
      ]);
      expect(await run()).toMatchObject({ summaries: 1, archived: 3 });
      await remove(poetry?.id ?? "");
      expect(await run()).toMatchObject({ summaries: 1, archived: 2 });
      expect(await texts()).toEqual([
        "10 February 2026: Ada heard a jazz trio. 17 February 2026: Ada heard a string duo",
      ]);
    });

    it.each([
      "Ada went to Rome.",
      "On 3 February 2026, Ada went to Rome.",
      "3 February 2026: Ada went to Rome.",
      "Ada went to Rome on 3 February 2026.",
    ])("is not made where it would say again what was deleted: %s", async (sentence) => {
      const trips = ["Bo", "Jo"].map((name, i) => episodeOf(`Ada went to Rome with ${name}.`, DAYS[i] ?? ""));
      const all = await seed([...trips, draftOf("Ada went to Rome.")]);
      await remove(all.find(({ text }) => text === "Ada went to Rome.")?.id ?? "");
      const sentences = [{ text: sentence, episodes: [0, 1] }];
      const summariser = { name: "wordy", version: "1", summarise: async () => sentences };
      const models = { summariserFor: () => summariser };
      expect(await run(undefined, models)).toMatchObject({ episodes: 2, summaries: 0, withheld: 1 });
      expect(await texts()).toEqual(["Ada went to Rome with Bo.", "Ada went to Rome with Jo."]);
    });

    it("goes with an episode that expires, and is not shown from then on", async () => {
      const soon = new Date(Date.now() + 3_600_000);
      const [first] = await seed([...swims([DAYS[0]], { expiresAt: soon }), ...swims([DAYS[1], DAYS[2]])]);
      await run();
      const [summary] = await shown();
      expect(summary?.expiresAt).toEqual(soon);
      await record.admin.query(
        "update mneme.memories set expires_at = now() - interval '1 minute' where id = any ($1::uuid[])",
        [[first?.id, summary?.id]],
      );
      expect(await texts()).toEqual([]);
      await createMaintenance(record.database.pool).removeMemories(100);
      expect(await texts()).toEqual(Array(2).fill("Ada went swimming."));
    });

    it("goes with everything of a session, and what others told comes back", async () => {
      await seed(swims([DAYS[0]]), { ...ADA, sessionId: "monday" });
      await seed(swims([DAYS[1], DAYS[2]]), { ...ADA, sessionId: "tuesday" });
      await run();
      expect(await texts({ ...ADA, sessionId: "monday" })).toEqual([SUMMARY]);
      await memories().deleteAll(tenant, { ...ADA, sessionId: "monday" }, requestOf("DeleteAllMemories"));
      expect(await texts()).toEqual(Array(2).fill("Ada went swimming."));
    });

    it("leaves nothing of a person of whom all is deleted", async () => {
      await seed(swims());
      await run();
      await memories().deleteAll(tenant, ADA, requestOf("DeleteAllMemories"));
      const { rows } = await record.admin.query("select from mneme.memories where tenant_id = $1", [
        tenant.tenantId,
      ]);
      expect(rows).toEqual([]);
      expect(await consolidated()).toBe(0);
    });

    it("takes along what it tells where the summary itself is deleted", async () => {
      await seed(swims());
      await run();
      const { summaryId } = await only();
      expect(await remove(summaryId)).toBe(1);
      expect(await texts()).toEqual([]);
      expect(await run()).toMatchObject({ episodes: 0 });
    });

    it("goes where an episode is corrected", async () => {
      const [first] = await seed(swims());
      await run();
      await change(first?.id ?? "", { text: "Ada went sailing." });
      expect(await texts()).toEqual(["Ada went sailing.", "Ada went swimming.", "Ada went swimming."]);
      expect(await listed()).toEqual([]);
    });
  });

  it("keeps no turns in the index that are not kept, and its words stay", async () => {
    for (const day of ["2026-02-10", "2026-02-17", "2026-02-24"]) await say("I went swimming.", day);
    expect(await run()).toMatchObject({ summaries: 1, archived: 3 });
    const { summaryId } = await only();
    const windowOf = async () =>
      (
        await record.admin.query<{ empty: boolean }>(
          "select window_ct = '' as empty from mneme.memory_versions where memory_id = $1",
          [summaryId],
        )
      ).rows;
    expect(await windowOf()).toEqual([{ empty: false }]);
    await setOnProject(record, tenant, { retention: { messageDays: 0 }, consolidation: { afterDays: 30 } });
    expect(await createMaintenance(record.database.pool).forgetMessages(100)).toBe(3);
    expect(await windowOf()).toEqual([{ empty: true }]);
    expect((await texts())[0]).toContain("3 times between 10 February 2026 and 24 February 2026");
  });

  /** Has one turn read as something that happened that day. */
  async function say(text: string, day: string): Promise<void> {
    const at = new Date(`${day}T09:00:00Z`);
    const { extraction } = await acceptTurns(record, tenant, ADA, [text], at);
    await readBucketOf(record, tenant.tenantId, extraction.id, async ({ turns }) => ({
      statements: turns.map(({ messageId }) => ({
        ...contentOf(`${text.slice(0, -1)} on ${englishDay(at)}.`, messageId).statement,
        kind: "episodic" as const,
        valid: { from: at, to: undefined },
      })),
      dropped: [],
      summary: undefined,
    }));
    await workBucketOf(record, tenant.tenantId, extraction.id);
  }

  it("works a scope at once, once a request", async () => {
    await seed(swims());
    await seed(swims([DAYS[0], DAYS[1]]), { userId: "bo" });
    const request = requestOf("ConsolidateNow");
    const came = await now(ADA, {}, request);
    expect(came).toMatchObject({ summaries: 1, archived: 3, episodesLeft: 0, nextPageToken: "" });
    expect(await now(ADA, {}, request)).toEqual(came);
    expect(await texts({ userId: "bo" })).toHaveLength(2);
  });

  it("stops at a call's limit, says what is left, and goes on there", async () => {
    // Belongs to nothing: whoever began anew would never come behind it.
    const apart = [
      episodeOf("Ada bought a bicycle.", "2025-09-03"),
      episodeOf("The boiler broke down in Leeds.", "2025-11-12"),
      episodeOf("Carla was promoted to captain.", "2026-01-20"),
    ];
    await seed([...apart, ...swims()]);
    const most = { limits: { episodes: 3, ms: 60_000 } };
    const first = await now(ADA, most);
    expect(first).toMatchObject({ episodes: 3, episodesLeft: 3 });
    const second = await now(ADA, { ...most, pageToken: first.nextPageToken });
    expect(second).toMatchObject({ episodes: 3, episodesLeft: 0, nextPageToken: "" });
    expect([first.summaries, second.summaries]).toEqual([0, 1]);
    await expect(now({ userId: "bo" }, { pageToken: first.nextPageToken })).rejects.toMatchObject({
      reason: "PAGE_TOKEN_INVALID",
    });
  });

  it("stops when a call's time is over, and comes further with every call", async () => {
    await seed([...swims(), ...DAYS.map((day) => episodeOf("Ada baked bread with Bo.", day))]);
    await seed(swims(), { userId: "ada", agentId: "coach" });
    const archived: number[] = [];
    let pageToken: string | undefined = "";
    while (pageToken !== undefined) {
      const came: Awaited<ReturnType<typeof now>> = await now(ADA, {
        limits: { episodes: 1_000, ms: 0 },
        pageToken,
      });
      archived.push(came.archived);
      expect(came.episodesLeft > 0).toBe(came.nextPageToken !== "");
      pageToken = came.nextPageToken || undefined;
    }
    expect(archived.length).toBeGreaterThan(1);
    expect(archived.every((n) => n > 0)).toBe(true);
    expect(archived.reduce((a, b) => a + b)).toBe(9);
  });

  it("says where a tenant's shared memory is consolidated, asked for in another project", async () => {
    await record.admin.query(
      'update mneme.tenants set settings = \'{"consolidation": {"afterDays": 30}}\' where id = $1',
      [tenant.tenantId],
    );
    const { rows } = await record.admin.query<{ id: string }>(
      `insert into mneme.projects (tenant_id, id, name, key_id)
       select tenant_id, gen_random_uuid(), 'other', key_id from mneme.projects where id = $1 returning id`,
      [tenant.projectId],
    );
    const shared = { sharedWith: "tenant" } as const;
    await seed(swims(), shared);
    await expect(now(shared, { of: { ...tenant, projectId: rows[0]?.id ?? "" } })).rejects.toMatchObject({
      reason: "FIELD_INVALID",
      metadata: { field: "scope.shared_with" },
    });
    expect(await now(shared)).toMatchObject({ summaries: 1, archived: 3 });
  });

  /** As a call does it. */
  function now(
    scope: Scope,
    { limits, pageToken = "", of = tenant }: NowOptions = {},
    request = requestOf("ConsolidateNow"),
  ): ReturnType<typeof consolidateNow> {
    const deps = {
      consolidations: consolidations(),
      episodes: createEpisodeStore(record.database),
      settings: settingsOf(record),
      embedder: testEmbedder,
      tokens: { seal: () => "token" },
    };
    return consolidateNow(deps, of, { scope, pageToken }, request, { ...(limits && { limits }) });
  }
  interface NowOptions {
    readonly limits?: ConsolidateNowLimits;
    readonly pageToken?: string;
    readonly of?: Provisioned;
  }
});
