import type { SummarisingModels } from "@mneme/core/consolidation/consolidate.ts";
import {
  type ConsolidatedStep,
  type ConsolidationCursor,
  consolidateStep,
} from "@mneme/core/consolidation/consolidate-step.ts";
import type { EpisodeStore } from "@mneme/core/consolidation/consolidation-store.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import type { Memory } from "@mneme/core/memory/memory.ts";
import { DAY_MS } from "@mneme/core/time/day.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createMemoryStore } from "../memory-store.ts";
import type { Provisioned } from "../provision.ts";
import { requestOf, setOnProject } from "../testing/administrator.ts";
import { seedMemories, settingsOf, testEmbedder } from "../testing/memories.ts";
import { openTestRecord, type TestRecord } from "../testing/record.ts";
import { createConsolidationStore, createEpisodeStore } from "./consolidation-store.ts";

const ADA = { userId: "ada" };

let record: TestRecord;
let tenant: Provisioned;
beforeAll(async () => {
  record = await openTestRecord("looks");
});
beforeEach(async () => {
  tenant = await record.provision();
  await setOnProject(record, tenant, { consolidation: { afterDays: 30 } });
});
afterAll(() => record?.[Symbol.asyncDispose]());

const memories = () => createMemoryStore(record.database);
const episodeOf = (text: string, validFrom: Date | string) =>
  draftOf(text, { kind: "episodic", validFrom: new Date(validFrom) });
const swimOn = (day: string) => episodeOf("Ada went swimming.", day);

/** Two episodes that have nothing to do with each other. */
async function seedApart(): Promise<readonly [Memory, Memory]> {
  const drafts = [
    episodeOf("Ada bought a bicycle.", "2026-02-03"),
    episodeOf("Ada saw a doctor.", "2026-02-10"),
  ];
  return (await seedMemories(record, tenant, ADA, drafts)) as [Memory, Memory];
}

async function run(members: Partial<EpisodeStore> = {}, models?: SummarisingModels) {
  const episodes = { ...createEpisodeStore(record.database), ...members };
  const deps = { episodes, settings: settingsOf(record), embedderFor: () => testEmbedder, models };
  return (await consolidateStep(deps, tenant.tenantId, undefined)).counts;
}
const nothing = { episodes: 0, summaries: 0, archived: 0, changed: 0, withheld: 0 };
const move = (to: "archived" | "restored", { id: memoryId }: Memory) =>
  memories().archive(tenant, { memoryId, etag: "", to }, requestOf(to));
const change = ({ id: memoryId }: Memory) => {
  const fields = new Set(["importance"] as const);
  const draft = draftOf("", { importance: 0.9 });
  return memories().change(
    tenant,
    [{ memoryId, draft, fields, etag: "", at: "update", embedding: undefined }],
    requestOf("UpdateMemory"),
  );
};
const remove = ({ id: memoryId }: Memory) =>
  memories().delete(tenant, [{ memoryId, etag: "" }], requestOf("DeleteMemory"));
async function undoOnly(): Promise<void> {
  const store = createConsolidationStore(record.database);
  const [one] = (await store.list(tenant, { scope: ADA, pageSize: 2, pageToken: "" })).items;
  await store.undo(tenant, { id: one?.id ?? "", discardChanges: false }, requestOf("UndoConsolidation"));
}

describe("a stream that was read in vain", () => {
  it("is not read again, and is after each change of its episodes", async () => {
    const [bicycle, doctor] = await seedApart();
    expect(await run()).toEqual({ ...nothing, episodes: 2 });
    expect(await run()).toEqual(nothing);
    await change(bicycle);
    expect(await run()).toMatchObject({ episodes: 2 });
    await move("archived", doctor);
    expect(await run()).toMatchObject({ episodes: 1 });
    await move("restored", doctor);
    expect(await run()).toMatchObject({ episodes: 2 });
    await seedMemories(record, tenant, ADA, [episodeOf("Ada planted a tree.", "2026-03-01")]);
    expect(await run()).toMatchObject({ episodes: 3 });
    await remove(bicycle);
    expect(await run()).toMatchObject({ episodes: 2 });
    expect(await run()).toEqual(nothing);
  });

  it("is read again when another of its episodes is old enough", async () => {
    await seedApart();
    const recent = new Date(Date.now() - 20 * DAY_MS);
    const [tree] = await seedMemories(record, tenant, ADA, [episodeOf("Ada planted a tree.", recent)]);
    await run();
    expect(await run()).toEqual(nothing);
    // As if eleven days had passed.
    await record.admin.query(
      "update mneme.memory_versions set valid_from = valid_from - interval '11 days' where memory_id = $1",
      [tree?.id],
    );
    expect(await run()).toMatchObject({ episodes: 3 });
    expect(await run()).toEqual(nothing);
  });

  it("is read again by other settings, and by another model or another version of it", async () => {
    await seedApart();
    await run();
    for (const settings of [
      { consolidation: { afterDays: 40 } },
      { consolidation: { afterDays: 40 }, language: "de" },
    ]) {
      await setOnProject(record, tenant, settings);
      expect(await run()).toMatchObject({ episodes: 2 });
      expect(await run()).toEqual(nothing);
    }
    for (const version of ["1", "2"]) {
      const summariser = { name: "a-model", version, summarise: async () => [] };
      const models = { summariserFor: () => summariser };
      expect(await run({}, models)).toMatchObject({ episodes: 2 });
      expect(await run({}, models)).toEqual(nothing);
    }
    expect(await run()).toMatchObject({ episodes: 2 });
  });

  it("is read again once its vectors are another model's", async () => {
    const told = await seedApart();
    await run();
    // As a reindex writes them.
    await record.admin.query(
      "update mneme.memory_versions set embedding_model = 'another' where memory_id = any ($1::uuid[])",
      [told.map(({ id }) => id)],
    );
    expect(await run()).toMatchObject({ episodes: 2 });
    expect(await run()).toEqual(nothing);
  });

  it("is read again where something came between the reading and the note", async () => {
    await seedApart();
    await seedMemories(record, tenant, ADA, [swimOn("2026-03-03")]);
    const { noteLook } = createEpisodeStore(record.database);
    const between: EpisodeStore["noteLook"] = async (...all) => {
      await seedMemories(record, tenant, ADA, [swimOn("2026-03-10")]);
      await noteLook(...all);
    };
    expect(await run({ noteLook: between })).toEqual({ ...nothing, episodes: 3 });
    expect(await run()).toMatchObject({ episodes: 4, summaries: 1 });
  });

  it("is read again as long as something in it cannot be opened", async () => {
    const [, doctor] = await seedApart();
    const damage = () =>
      record.admin.query(
        `update mneme.memory_versions set text_ct = set_byte(text_ct, length(text_ct) - 1,
           get_byte(text_ct, length(text_ct) - 1) # 1) where memory_id = $1`,
        [doctor.id],
      );
    await damage();
    expect(await run()).toMatchObject({ episodes: 1 });
    expect(await run()).toMatchObject({ episodes: 1 });
    await damage();
    expect(await run()).toMatchObject({ episodes: 2 });
    expect(await run()).toEqual(nothing);
  });

  it("is read again where its policy was off when its turn came", async () => {
    await seedApart();
    const { unlooked } = createEpisodeStore(record.database);
    const between: EpisodeStore["unlooked"] = async (...all) => {
      const looks = await unlooked(...all);
      await setOnProject(record, tenant, {});
      return looks;
    };
    expect(await run({ unlooked: between })).toEqual(nothing);
    await setOnProject(record, tenant, { consolidation: { afterDays: 30 } });
    expect(await run()).toMatchObject({ episodes: 2 });
  });

  it("is read again where a policy was off meanwhile and something was said", async () => {
    await seedApart();
    await run();
    await setOnProject(record, tenant, {});
    await seedMemories(record, tenant, ADA, [swimOn("2026-03-03"), swimOn("2026-03-10")]);
    expect(await run()).toEqual(nothing);
    await setOnProject(record, tenant, { consolidation: { afterDays: 30 } });
    expect(await run()).toMatchObject({ summaries: 1 });
  });
});

describe("a stream that takes longer than a step", () => {
  const episodes = () => createEpisodeStore(record.database);
  const deps = () => ({
    episodes: episodes(),
    settings: settingsOf(record),
    embedderFor: () => testEmbedder,
  });
  /** A step that stops as soon as it may. */
  const step = (cursor?: ConsolidationCursor) =>
    consolidateStep(deps(), tenant.tenantId, cursor, { forMs: 0 });
  /** Events that have nothing to do with each other, on more than one page. */
  const seedPages = () =>
    seedMemories(
      record,
      tenant,
      ADA,
      Array.from({ length: 610 }, (_, i) => {
        return { ...episodeOf(`Ada saw film ${i}.`, "2026-02-03"), metadata: { film: `${i}` } };
      }),
    );

  it("is gone on with behind the page that was read, and noted as a whole", async () => {
    await seedPages();
    const begun = await step();
    expect(begun.counts).toEqual({ ...nothing, episodes: 600 });
    const end = await step(begun.cursor);
    expect(end).toEqual({ counts: { ...nothing, episodes: 10 }, failed: 0 });
    expect(await run()).toEqual(nothing);
  });

  it("is read again by the next run where something changed between its steps", async () => {
    const told = await seedPages();
    const { cursor } = await step();
    await change(told[0] as Memory);
    expect(await step(cursor)).toMatchObject({ counts: { episodes: 10 } });
    expect(await run()).toMatchObject({ episodes: 610 });
    expect(await run()).toEqual(nothing);
  });

  it("is stopped behind a summary, and no other is done before it comes to its end", async () => {
    const swims = [swimOn("2026-02-03"), swimOn("2026-02-10")];
    const runs = ["2026-02-04", "2026-02-11"].map((day) => episodeOf("Ada went for a run.", day));
    for (const scope of [ADA, { userId: "bo" }])
      await seedMemories(record, tenant, scope, [
        ...swims,
        ...runs.map((each) => ({ ...each, category: "health" })),
      ]);
    const streams = await episodes().streams(tenant.tenantId, { after: undefined, limit: 2 });
    const [first, second] = streams.map(({ streamId }) => streamId);
    const steps: unknown[] = [];
    for (let cursor: ConsolidationCursor | undefined = {}; cursor; ) {
      const { counts, ...came }: ConsolidatedStep = await step(cursor);
      cursor = came.cursor;
      steps.push([counts.summaries, cursor?.after, cursor?.stream]);
    }
    // By the last step there is nothing left to read.
    expect(steps).toEqual([
      [1, undefined, first],
      [1, undefined, first],
      [1, undefined, second],
      [1, undefined, second],
      [0, undefined, undefined],
    ]);
  });
});

describe("a summary that is withheld", () => {
  it("is not planned again before anything changes, where it was undone", async () => {
    await seedMemories(record, tenant, ADA, [swimOn("2026-02-03"), swimOn("2026-02-10")]);
    expect(await run()).toMatchObject({ summaries: 1 });
    await undoOnly();
    expect(await run()).toEqual({ ...nothing, episodes: 2, withheld: 1 });
    expect(await run()).toEqual(nothing);
    await seedMemories(record, tenant, ADA, [swimOn("2026-02-17")]);
    expect(await run()).toMatchObject({ episodes: 3, summaries: 1 });
  });

  it("is worded once, where it would say what was deleted", async () => {
    const trips = ["Bo", "Jo"].map((name, i) => episodeOf(`Ada went to Rome with ${name}.`, `2026-02-1${i}`));
    const told = await seedMemories(record, tenant, ADA, [...trips, draftOf("Ada went to Rome.")]);
    await remove(told.at(-1) as Memory);
    let asked = 0;
    const summariser = {
      name: "a-model",
      version: "1",
      summarise: async () => {
        asked += 1;
        return [{ text: "Ada went to Rome.", episodes: [0, 1] }];
      },
    };
    const models = { summariserFor: () => summariser };
    expect(await run({}, models)).toEqual({ ...nothing, episodes: 2, withheld: 1 });
    expect(await run({}, models)).toEqual(nothing);
    expect(asked).toBe(1);
  });
});
