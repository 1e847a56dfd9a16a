import { archiveFaded, type FadeCursor, type FadeDeps } from "@mneme/core/ageing/fade.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import type { Memory, MemoryDraft } from "@mneme/core/memory/memory.ts";
import type { AgeingSettings } from "@mneme/core/tenancy/settings.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAgeingStore } from "./ageing-store.ts";
import { createMemoryArchive } from "./memory-archive.ts";
import { createMemoryStore } from "./memory-store.ts";
import { createUseStore } from "./memory-uses.ts";
import type { Provisioned } from "./provision.ts";
import { requestOf, setOnProject } from "./testing/administrator.ts";
import { makeOlder } from "./testing/age.ts";
import { seedMemories, settingsOf } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

let record: TestRecord;
let tenant: Provisioned;
beforeAll(async () => {
  record = await openTestRecord("ageing");
});
beforeEach(async () => {
  tenant = await record.provision();
});
afterAll(() => record?.[Symbol.asyncDispose]());

const EPISODES: AgeingSettings = { episodicHalfLifeDays: 30, archiveBelow: 0.2 };

const draft = (text: string, members: Partial<MemoryDraft> = {}) => {
  return { ...draftOf(text), kind: "episodic" as const, ...members };
};
const seed = (...drafts: MemoryDraft[]) => seedMemories(record, tenant, { userId: "ada" }, drafts);
const set = (ageing: AgeingSettings) => setOnProject(record, tenant, { ageing });

/**
 * Walks to the end.
 *
 * @param onLooked is told how many were read, before anything is done with them.
 * @returns counts, and what is archived.
 */
async function fade(onLooked: (memories: number) => Promise<unknown> | undefined = () => undefined) {
  const { pool } = record.database;
  const store = createAgeingStore(pool);
  const deps: FadeDeps = {
    store: {
      ...store,
      aged: async (...page) => {
        const memories = await store.aged(...page);
        await onLooked(memories.length);
        return memories;
      },
    },
    archive: createMemoryArchive(pool),
    settings: settingsOf(record),
    now: () => new Date(),
  };
  let cursor: FadeCursor | undefined = {};
  const counts = { archived: 0, left: 0 };
  while (cursor) {
    const { archived, left, next } = await archiveFaded(deps, tenant.tenantId, cursor);
    counts.archived += archived;
    counts.left += left;
    cursor = next;
  }
  return { ...counts, texts: await archivedTexts() };
}

async function archivedTexts(): Promise<string[]> {
  const { rows } = await record.admin.query<{ id: string }>(
    "select id from mneme.memories where tenant_id = $1 and archive_reason = 'faded'",
    [tenant.tenantId],
  );
  const memories = await createMemoryStore(record.database).get(
    tenant,
    rows.map(({ id }) => id),
  );
  return memories.map(({ text }) => text).sort();
}

it("archives what has faded, by its kind and importance", async () => {
  await set(EPISODES);
  const seeded = await seed(
    draft("Ada saw a film."),
    draft("Ada got married.", { importance: 1 }),
    draft("Ada lives in Oslo.", { kind: "semantic" }),
    draft("Answer Ada briefly.", { kind: "procedural" }),
  );
  await makeOlder(record, idsOf(seeded), 80);
  await seed(draft("Ada saw a play."));
  expect(await fade()).toEqual({ archived: 1, left: 0, texts: ["Ada saw a film."] });
  expect(await fade()).toMatchObject({ archived: 0 });
  await makeOlder(record, idsOf(seeded), 60);
  expect((await fade()).texts).toEqual(["Ada got married.", "Ada saw a film."]);
});

it("looks on a later night only at what is new, was changed, or may have faded, and at all by other rules", async () => {
  await set(EPISODES);
  const seeded = await seed(
    draft("Ada saw a film."),
    draft("Ada saw a play."),
    draft("Ada lives in Oslo.", { kind: "semantic" }),
  );
  const night = async () => {
    let looked = 0;
    await fade(async (memories) => {
      looked += memories;
    });
    return looked;
  };
  expect(await night()).toBe(3);
  expect(await night()).toBe(0);
  await seed(draft("Ada saw an opera."));
  expect(await night()).toBe(1);
  const store = createMemoryStore(record.database);
  const importance = { draft: draftOf("", { importance: 0.1 }), fields: new Set(["importance"] as const) };
  const change = {
    memoryId: seeded[0]?.id ?? "",
    etag: "",
    at: "update",
    embedding: undefined,
    ...importance,
  };
  await store.change(tenant, [change], { rpc: "UpdateMemory", requestId: "less", body: new Uint8Array() });
  expect(await night()).toBe(1);
  await makeOlder(record, idsOf(seeded), 80);
  expect(await night()).toBe(2);
  expect(await archivedTexts()).toEqual(["Ada saw a film.", "Ada saw a play."]);
  await set({ ...EPISODES, semanticHalfLifeDays: 10 });
  expect(await night()).toBe(2);
  expect(await archivedTexts()).toContain("Ada lives in Oslo.");
});

describe("rules that change", () => {
  const LONGER: AgeingSettings = { ...EPISODES, semanticHalfLifeDays: 10 };
  const draftOslo = draft("Ada lives in Oslo.", { kind: "semantic" });
  /** Done once, when the first memories of a walk were read: what is read next goes by another rule. */
  const once = (work: () => Promise<unknown>) => {
    let isDone = false;
    return async () => {
      if (!isDone) await work();
      isDone = true;
    };
  };
  /** More than a page; the first of them is semantic. */
  async function seedPages(): Promise<Memory> {
    const [oslo] = (await seed(draftOslo)) as [Memory];
    await seed(...Array.from({ length: 501 }, (_, i) => draft(`Ada did ${i}.`)));
    return oslo;
  }

  it("in the middle of a walk hold for what it has looked at already", async () => {
    await set(EPISODES);
    const { id } = await seedPages();
    await makeOlder(record, [id], 100);
    expect((await fade(once(() => set(LONGER)))).texts).toEqual(["Ada lives in Oslo."]);
  });

  it("and change back before a walk has come to its end leave nothing behind that goes by them", async () => {
    await set(LONGER);
    const { id } = await seedPages();
    expect(await fade()).toMatchObject({ archived: 0 });
    await set(EPISODES);
    expect(await fade(once(() => set(LONGER)))).toMatchObject({ archived: 0 });
    await makeOlder(record, [id], 100);
    expect((await fade()).texts).toEqual(["Ada lives in Oslo."]);
  });

  it("hold later for what was used between the look and the archiving", async () => {
    await set(EPISODES);
    const [{ id }] = (await seed(draftOslo)) as [Memory];
    await fade();
    await makeOlder(record, [id], 100);
    await set(LONGER);
    const use = { memoryId: id, uses: 1, lastUsedAt: new Date() };
    const useIt = once(() => createUseStore(record.database.pool).add(tenant.tenantId, [use]));
    expect(await fade(useIt)).toEqual({ archived: 0, left: 1, texts: [] });
    await makeOlder(record, [id], 100);
    expect((await fade()).texts).toEqual(["Ada lives in Oslo."]);
  });

  it("hold for what was in the archive meanwhile", async () => {
    await set(EPISODES);
    const [{ id: memoryId }] = (await seed(draftOslo)) as [Memory];
    await fade();
    const store = createMemoryStore(record.database);
    await store.archive(tenant, { memoryId, etag: "", to: "archived" }, requestOf("archived"));
    await set(LONGER);
    await fade();
    await store.archive(tenant, { memoryId, etag: "", to: "restored" }, requestOf("restored"));
    await makeOlder(record, [memoryId], 100);
    expect((await fade()).texts).toEqual(["Ada lives in Oslo."]);
  });
});

it("keeps what was used, told again, changed or restored lately", async () => {
  await set(EPISODES);
  const texts = ["used", "told again", "changed", "restored", "faded"];
  const seeded = await seed(...texts.map((text) => draft(text)));
  const [used, , changed, restored] = seeded as [Memory, Memory, Memory, Memory];
  await makeOlder(record, idsOf(seeded), 100);
  await createUseStore(record.database.pool).add(tenant.tenantId, [
    { memoryId: used.id, uses: 1, lastUsedAt: new Date() },
  ]);
  await seed(draft("told again"));
  const store = createMemoryStore(record.database);
  const request = (rpc: string) => ({ rpc, requestId: crypto.randomUUID(), body: new Uint8Array() });
  const importance = { draft: draftOf("", { importance: 0.4 }), fields: new Set(["importance"] as const) };
  const change = { memoryId: changed.id, etag: "", at: "update", embedding: undefined, ...importance };
  await store.change(tenant, [change], request("UpdateMemory"));
  for (const to of ["archived", "restored"] as const)
    await store.archive(tenant, { memoryId: restored.id, etag: "", to }, request(to));
  expect((await fade()).texts).toEqual(["faded"]);
});

it("is refreshed by no review that found it unconfirmed, nor by the undoing of a summary", async () => {
  await set(EPISODES);
  const seeded = await seed(draft("Ada saw a film."), draft("Ada saw a play."));
  await makeOlder(record, idsOf(seeded), 100);
  const [film, play] = idsOf(seeded);
  await record.admin.query(
    "update mneme.memory_versions set extractor = 'review', recorded_from = now() where memory_id = $1",
    [film],
  );
  await record.admin.query(
    `insert into mneme.memory_archivings (tenant_id, memory_id, archived_at, reason, restored_at, restored_because)
     values ($1, $2, now() - interval '90 days', 'consolidated', now(), 'undone')`,
    [tenant.tenantId, play],
  );
  expect((await fade()).texts).toEqual(["Ada saw a film.", "Ada saw a play."]);
});

it("archives nothing where nothing is set, or half of it", async () => {
  const seeded = await seed(draft("Ada saw a film."));
  await makeOlder(record, idsOf(seeded), 5_000);
  for (const ageing of [
    {},
    { archiveBelow: 0.5 },
    { episodicHalfLifeDays: 1 },
    { ...EPISODES, archiveBelow: 0 },
  ]) {
    await set(ageing);
    expect(await fade()).toMatchObject({ archived: 0, left: 0 });
  }
  await set(EPISODES);
  expect(await fade()).toMatchObject({ archived: 1 });
});

it("comes by steps that stop as soon as they may to every project, over those that set nothing too", async () => {
  await set(EPISODES);
  await makeOlder(record, idsOf(await seed(draft("Ada saw a film."))), 80);
  await record.admin.query(
    `insert into mneme.projects (tenant_id, id, name, key_id)
     select tenant_id, place::uuid, place, key_id from mneme.projects,
       unnest(array['00000000-0000-4000-8000-000000000001', 'ffffffff-ffff-4fff-bfff-ffffffffffff']) as place
     where tenant_id = $1`,
    [tenant.tenantId],
  );
  const { pool } = record.database;
  const passed: (string | undefined)[] = [];
  const deps = {
    store: createAgeingStore(pool),
    archive: createMemoryArchive(pool),
    settings: settingsOf(record),
    now: () => new Date(),
  };
  for (let cursor: FadeCursor | undefined = {}; cursor; ) {
    cursor = (await archiveFaded(deps, tenant.tenantId, cursor, { forMs: 0 })).next;
    passed.push(cursor?.projectId);
  }
  expect(await archivedTexts()).toEqual(["Ada saw a film."]);
  expect(passed).toEqual([
    "00000000-0000-4000-8000-000000000001",
    tenant.projectId,
    "ffffffff-ffff-4fff-bfff-ffffffffffff",
    undefined,
  ]);
});

it("takes a tenant's rule for every project that has none, page by page", async () => {
  await record.admin.query(
    `update mneme.tenants set settings = '{"ageing": {"episodicHalfLifeDays": 1, "archiveBelow": 0.9}}' where id = $1`,
    [tenant.tenantId],
  );
  const seeded = await seed(...Array.from({ length: 700 }, (_, i) => draft(`Ada did ${i}.`)));
  await makeOlder(record, idsOf(seeded), 2);
  expect(await fade()).toMatchObject({ archived: 700, left: 0 });
});

const idsOf = (memories: readonly Memory[]) => memories.map(({ id }) => id);
