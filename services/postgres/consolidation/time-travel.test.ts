import { consolidateStep } from "@mneme/core/consolidation/consolidate-step.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import type { Memory } from "@mneme/core/memory/memory.ts";
import type { MemoryTimes } from "@mneme/core/memory/times.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readerOf, tell } from "../graph/graph-testing.ts";
import { createMemoryStore } from "../memory-store.ts";
import { createProfileStore } from "../profile-store.ts";
import type { Provisioned } from "../provision.ts";
import { createSearchStore } from "../search-store.ts";
import { requestOf, setOnProject } from "../testing/administrator.ts";
import { seedMemories, settingsOf, testEmbedder } from "../testing/memories.ts";
import { openTestRecord, type TestRecord } from "../testing/record.ts";
import { createConsolidationStore, createEpisodeStore } from "./consolidation-store.ts";

const ADA = { userId: "ada" };
const SWIM = "Ada went swimming.";
const at = (day: string) => new Date(`${day}T12:00:00Z`);

let record: TestRecord;
let tenant: Provisioned;
beforeAll(async () => {
  record = await openTestRecord("timetravel");
});
beforeEach(async () => {
  tenant = await record.provision();
  await setOnProject(record, tenant, { consolidation: { afterDays: 30 } });
});
afterAll(() => record?.[Symbol.asyncDispose]());

const memories = () => createMemoryStore(record.database);
const shortest = ({ text }: Memory) => text.split(":")[0];

/** Three swims, each its day's, told by one summary. @returns the episodes, and a moment before they were told by it. */
async function consolidated() {
  const drafts = ["2026-02-03", "2026-02-10", "2026-02-17"].map((day) =>
    draftOf(SWIM, { kind: "episodic", validFrom: new Date(`${day}T09:00:00Z`) }),
  );
  await seedMemories(record, tenant, ADA, drafts);
  const episodes = await list({});
  const before = new Date(Math.max(...episodes.map(({ recordedFrom }) => recordedFrom.getTime())));
  await expect.poll(() => Date.now()).toBeGreaterThan(before.getTime() + 1);
  const deps = {
    episodes: createEpisodeStore(record.database),
    settings: settingsOf(record),
    embedderFor: () => testEmbedder,
  };
  expect((await consolidateStep(deps, tenant.tenantId, undefined)).counts).toMatchObject({ summaries: 1 });
  return { episodes, before };
}

async function list(times: MemoryTimes): Promise<readonly Memory[]> {
  const listing = {
    scope: ADA,
    kinds: [],
    categories: [],
    showSuperseded: false,
    pageSize: 50,
    pageToken: "",
  };
  return (await memories().list(tenant, { ...listing, ...times })).memories;
}

/** What a search may show of what the index has forgotten. */
async function searched(times: MemoryTimes): Promise<readonly Memory[]> {
  const search = createSearchStore(record.database);
  const resolved = await search.resolve(tenant, ADA);
  if (!resolved) throw new Error("nobody is known");
  const found = await search.archivedThen(tenant, resolved.ids, times, 50);
  expect(found.every(({ vector }) => vector !== undefined)).toBe(true);
  const refs = found.map(({ memory: { id: memoryId, version } }) => ({ memoryId, version }));
  return search.hydrate(tenant, resolved.ids, refs, times);
}

describe("another time, of what was consolidated", () => {
  it("has the episodes answer within a summary's span, and the summary from its end", async () => {
    await consolidated();
    const texts = async (asOf: Date) => (await list({ asOf })).map(shortest);
    expect(await texts(at("2026-02-02"))).toEqual([]);
    expect(await texts(at("2026-02-03"))).toEqual([SWIM]);
    expect(await texts(at("2026-02-10"))).toEqual([SWIM, SWIM]);
    expect(await texts(at("2026-02-17"))).toEqual(["Ada went swimming"]);
    expect((await searched({ asOf: at("2026-02-10") })).map(shortest)).toEqual([SWIM, SWIM]);
    expect(await searched({ asOf: at("2026-02-17") })).toEqual([]);
  });

  it("shows what was known before it, as it was known", async () => {
    const { episodes, before } = await consolidated();
    const ids = (all: readonly Memory[]) => all.map(({ id }) => id).sort();
    expect(ids(await list({ knownAt: before }))).toEqual(ids(episodes));
    expect(ids(await searched({ knownAt: before }))).toEqual(ids(episodes));
    expect(ids(await searched({ knownAt: before, asOf: at("2026-02-10") }))).toHaveLength(2);
    const [one] = await memories().get(tenant, [episodes[0]?.id ?? ""], { knownAt: before });
    expect(one?.archived).toBeUndefined();
    expect(await searched({ knownAt: new Date() })).toEqual([]);
    expect((await list({ knownAt: new Date() })).map(shortest)).toEqual(["Ada went swimming"]);
  });

  it("never shows what was deleted", async () => {
    const { episodes, before } = await consolidated();
    const target = { memoryId: episodes[0]?.id ?? "", etag: "" };
    await memories().delete(tenant, [target], requestOf("DeleteMemory"));
    expect(await list({ knownAt: before })).toHaveLength(2);
    const [summary] = await list({});
    await memories().deleteAll(tenant, ADA, requestOf("DeleteAllMemories"));
    expect(summary).toBeDefined();
    expect(await list({ knownAt: before })).toEqual([]);
    expect(await searched({ knownAt: before })).toEqual([]);
  });

  it("shows episodes while their summary was, once that was undone", async () => {
    const { episodes } = await consolidated();
    const meanwhile = new Date();
    await expect.poll(() => Date.now()).toBeGreaterThan(meanwhile.getTime() + 1);
    const store = createConsolidationStore(record.database);
    const [made] = (await store.list(tenant, { scope: ADA, pageSize: 5, pageToken: "" })).items;
    const target = { id: made?.id ?? "", discardChanges: false };
    await store.undo(tenant, target, requestOf("UndoConsolidation"));
    expect(await list({ knownAt: meanwhile })).toHaveLength(episodes.length);
  });
});

it("shows what was archived by hand at times before that alone", async () => {
  await seedMemories(record, tenant, ADA, [draftOf("Ada keeps bees.")]);
  const [bees] = await list({});
  const before = bees?.recordedFrom ?? new Date(0);
  await expect.poll(() => Date.now()).toBeGreaterThan(before.getTime() + 1);
  const archive = { memoryId: bees?.id ?? "", etag: "", to: "archived" as const };
  await memories().archive(tenant, archive, requestOf("ArchiveMemory"));
  expect(await list({ knownAt: before })).toHaveLength(1);
  expect(await searched({ knownAt: before })).toHaveLength(1);
  expect(await searched({ knownAt: new Date() })).toEqual([]);
  expect(await searched({ asOf: new Date() })).toEqual([]);
});

it("has a graph and a profile of a time before that know it too", async () => {
  await tell(record, tenant, ADA, [{ text: "Ada's sister is Sarah.", names: ["Ada", "Sarah"] }]);
  const [sister] = await list({});
  const knownAt = sister?.recordedFrom ?? new Date(0);
  await expect.poll(() => Date.now()).toBeGreaterThan(knownAt.getTime() + 1);
  const archive = { memoryId: sister?.id ?? "", etag: "", to: "archived" as const };
  await memories().archive(tenant, archive, requestOf("ArchiveMemory"));
  const { names } = readerOf(record, tenant, ADA);
  expect(await names({ knownAt })).toEqual(["Ada", "Sarah"]);
  expect(await names()).toEqual([]);
  const profile = (knownThen: Date | undefined) =>
    createProfileStore(record.database).read(tenant, {
      scope: ADA,
      kinds: [],
      categories: [],
      asOf: undefined,
      knownAt: knownThen,
      limit: 10,
    });
  expect((await profile(knownAt)).memories.map(({ text }) => text)).toEqual(["Ada's sister is Sarah."]);
  expect((await profile(undefined)).memories).toEqual([]);
});
