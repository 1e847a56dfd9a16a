import { contentOf } from "@mneme/core/extraction/content-testing.ts";
import type { ExtractionInput } from "@mneme/core/extraction/extractor.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import type { IndexedMemory } from "@mneme/core/search/memory-index.ts";
import type { Settings } from "@mneme/core/tenancy/settings.ts";
import { DAY_MS } from "@mneme/core/time/day.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Content } from "./content.ts";
import { createExtractionStore } from "./extraction-store.ts";
import { selectUnindexed } from "./ingest-indexing.ts";
import { createIngestStore } from "./ingest-store.ts";
import { createMaintenance } from "./maintenance.ts";
import { createMemoryStore } from "./memory-store.ts";
import { withTenant } from "./pool.ts";
import type { Provisioned } from "./provision.ts";
import { requestOf, setOnProject } from "./testing/administrator.ts";
import {
  acceptTurns,
  type GivenTexts,
  readBucketOf,
  seedMemories,
  targetOf,
  workBucketOf,
} from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

const ADA = { userId: "ada" };

let record: TestRecord;
let tenant: Provisioned;
beforeAll(async () => {
  record = await openTestRecord("retention");
});
beforeEach(async () => {
  // What a test before left over, it works over all tenants.
  await maintenance().forgetMessages(1_000);
  tenant = await record.provision();
});
afterAll(() => record?.[Symbol.asyncDispose]());

const set = (settings: Settings, whose = tenant) => setOnProject(record, whose, settings);
const maintenance = () => createMaintenance(record.database.pool);

/** Each turn becomes a statement, and the conversation a summary. */
const reading = async ({ turns }: ExtractionInput) => ({
  statements: turns.map(({ messageId, text }) => contentOf(text, messageId).statement),
  dropped: [],
  summary: `Said: ${turns.map(({ text }) => text).join(" ")}`,
});

/** Adds turns and has them read and indexed. @returns what the reading was given. */
async function say(texts: readonly string[], whose = tenant): Promise<GivenTexts> {
  const { extraction } = await acceptTurns(record, whose, ADA, texts, new Date());
  const { read } = await readBucketOf(record, whose.tenantId, extraction.id, reading);
  await workBucketOf(record, whose.tenantId, extraction.id);
  return read[0] as GivenTexts;
}

/** Makes all that was worked look as if that were `days` ago. */
async function age(days: number, { tenantId } = tenant): Promise<void> {
  const values = [tenantId, days];
  await record.admin.query(
    `update mneme.extractions set searchable_at = searchable_at - make_interval(days => $2),
       failed_at = failed_at - make_interval(days => $2) where tenant_id = $1`,
    values,
  );
  await record.admin.query(
    "update mneme.messages set received_at = received_at - make_interval(days => $2) where tenant_id = $1",
    values,
  );
}

async function countKept({ tenantId } = tenant): Promise<number> {
  const { rows } = await record.admin.query<{ count: string }>(
    "select count(body_ct) from mneme.messages where tenant_id = $1",
    [tenantId],
  );
  return Number(rows[0]?.count);
}

const memories = async () =>
  (
    await createMemoryStore(record.database).list(tenant, {
      scope: ADA,
      kinds: [],
      categories: [],
      showSuperseded: false,
      pageSize: 100,
      pageToken: "",
    })
  ).memories;

describe("messages", () => {
  it("are kept for good where nobody says otherwise", async () => {
    await say(["I keep bees."]);
    await age(10_000);
    expect(await maintenance().forgetMessages(100)).toBe(0);
    expect(await countKept()).toBe(1);
  });

  it("lose their words that long after they were worked, those of other projects not", async () => {
    const other = await record.provision("other");
    await set({ retention: { messageDays: 7 } });
    await say(["I keep bees.", "I row."]);
    await say(["I keep geese."], other);
    await age(6);
    await age(100, other);
    expect(await maintenance().forgetMessages(100)).toBe(0);
    await say(["I sing."]);
    await age(2);
    await say(["I paint."]);
    expect(await maintenance().forgetMessages(1)).toBe(1);
    expect(await maintenance().forgetMessages(100)).toBe(1);
    expect([await countKept(), await countKept(other)]).toEqual([2, 1]);
  });

  it("that wait keep their words, however long", async () => {
    await set({ retention: { messageDays: 0 } });
    const { extraction } = await acceptTurns(record, tenant, ADA, ["I keep bees."], new Date());
    await age(100);
    expect(await maintenance().forgetMessages(100)).toBe(0);
    await workBucketOf(record, tenant.tenantId, extraction.id);
    expect(await maintenance().forgetMessages(100)).toBe(1);
  });

  it("of an add that was given up lose them too, and it can't be tried again", async () => {
    const { tenantId } = tenant;
    await set({ retention: { messageDays: 0 } });
    const { extraction } = await acceptTurns(record, tenant, ADA, ["I keep bees."], new Date());
    const [stream] = (
      await record.admin.query<{ stream_id: string }>(
        "select stream_id from mneme.extractions where tenant_id = $1",
        [tenantId],
      )
    ).rows;
    const failed = { streamId: stream?.stream_id ?? "", extractionId: extraction.id };
    await createIngestStore(record.database).giveUp(tenantId, failed, "MODEL_REFUSED");
    const retry = () =>
      createExtractionStore(record.database).retry(tenant, extraction.id, requestOf("RetryExtraction"));
    expect(await maintenance().forgetMessages(100)).toBe(1);
    await expect(retry()).rejects.toMatchObject({
      reason: "STATE_CONFLICT",
      metadata: { state: "not_kept" },
    });
    expect(await countKept()).toBe(0);
  });

  it("without words leave spans, roles and times to their memories", async () => {
    await say(["I keep bees."]);
    const [before] = await memories();
    await set({ retention: { messageDays: 0 } });
    await maintenance().forgetMessages(100);
    const [after] = await memories();
    expect(after).toEqual({
      ...before,
      sources: before?.sources.map((source) => ({ ...source, text: "", name: undefined })),
    });
  });

  it("without words are no context for what follows, and known statements stay known", async () => {
    await set({ retention: { messageDays: 0 } });
    await say(["I keep bees."]);
    expect(await say(["I row."])).toMatchObject({ context: ["I keep bees."], summary: "Said: I keep bees." });
    await maintenance().forgetMessages(100);
    expect(await say(["I keep bees."])).toMatchObject({ context: [], summary: "" });
    expect((await memories()).map(({ text }) => text).sort()).toEqual(["I keep bees.", "I row."]);
  });

  it("without words are in no window of the index", async () => {
    const { tenantId } = tenant;
    await say(["I keep bees.", "I row.", "I sing.", "I paint.", "I ski."]);
    // The second one's words are in the windows of the first, of its own, and of the two behind it.
    await set({ retention: { messageDays: 5 } });
    await record.admin.query(
      `update mneme.extractions set searchable_at = searchable_at - interval '6 days' where tenant_id = $1`,
      [tenantId],
    );
    await record.admin.query(
      `update mneme.messages set received_at = received_at - interval '6 days'
       where tenant_id = $1 and position = (select min(position) + 1 from mneme.messages where tenant_id = $1)`,
      [tenantId],
    );
    expect(await maintenance().forgetMessages(100)).toBe(1);
    const windows = new Map((await unindexed()).map(({ text, window }) => [text, window]));
    const closed = ["I keep bees.", "I row.", "I sing.", "I paint."];
    expect(windows).toEqual(new Map(closed.map((text) => [text, text])));
  });
});

/** What the index is to be told. */
async function unindexed(): Promise<readonly IndexedMemory[]> {
  const { tenantId } = tenant;
  const { rows } = await record.admin.query<{ id: string }>(
    "select id from mneme.extractions where tenant_id = $1",
    [tenantId],
  );
  const target = await targetOf(record, tenantId, rows[0]?.id ?? "");
  const { documents } = await withTenant(record.database.pool, tenantId, (client) =>
    selectUnindexed(client, new Content(record.cipher, tenantId), target, 100),
  );
  return documents;
}

describe("memories", () => {
  const inDays = (days: number) => expect.closeTo(Date.now() + days * DAY_MS, -5);
  const expiries = async () =>
    new Map((await memories()).map(({ text, expiresAt }) => [text, expiresAt?.getTime()]));

  it("expire when their project says, or before where the application does", async () => {
    await set({ retention: { memoryDays: 30 } });
    const soon = new Date(Date.now() + DAY_MS);
    const late = new Date(Date.now() + 300 * DAY_MS);
    await seedMemories(record, tenant, ADA, [
      draftOf("Ada has a cold.", { expiresAt: soon }),
      draftOf("Ada rents a flat.", { expiresAt: late }),
    ]);
    await say(["I keep bees."]);
    expect(await expiries()).toEqual(
      new Map<string, unknown>([
        ["Ada has a cold.", soon.getTime()],
        ["Ada rents a flat.", inDays(30)],
        ["I keep bees.", inDays(30)],
      ]),
    );
  });

  it("that are said again stay one, and last longer", async () => {
    await set({ retention: { memoryDays: 30 } });
    await say(["I keep bees."]);
    await record.admin.query(
      "update mneme.memories set expires_at = now() + interval '1 day' where tenant_id = $1",
      [tenant.tenantId],
    );
    await say(["I keep bees."]);
    expect(await expiries()).toEqual(new Map([["I keep bees.", inDays(30)]]));
  });

  it("keep the end that the application gave, also where the same is said again", async () => {
    await set({ retention: { memoryDays: 30 } });
    const soon = new Date(Date.now() + DAY_MS);
    await seedMemories(record, tenant, ADA, [draftOf("I keep bees.", { expiresAt: soon })]);
    const ends = async () => (await memories()).map(({ expiresAt }) => expiresAt?.getTime()).toSorted();
    // What is said for longer stands beside it: once that has gone, it is still known.
    await say(["I keep bees."]);
    expect(await ends()).toEqual([soon.getTime(), inDays(30)]);
    await say(["I keep bees."]);
    expect(await ends()).toEqual([soon.getTime(), inDays(30)]);
  });

  it("keep the end that was set by hand", async () => {
    await set({ retention: { memoryDays: 30 } });
    await say(["I keep bees."]);
    const soon = new Date(Date.now() + DAY_MS);
    const [bees] = await memories();
    const change = {
      memoryId: bees?.id ?? "",
      draft: draftOf("", { expiresAt: soon }),
      etag: "",
      at: "update",
    };
    await createMemoryStore(record.database).change(
      tenant,
      [{ ...change, fields: new Set(["expiresAt"] as const), embedding: undefined }],
      requestOf("UpdateMemory"),
    );
    await say(["I keep bees."]);
    expect((await memories()).find(({ id }) => id === bees?.id)?.expiresAt).toEqual(soon);
  });

  it("that have expired are removed with their index documents, and can be learnt again", async () => {
    await say(["I keep bees.", "I row."]);
    const { rows } = await record.admin.query<{ id: string }>(
      `update mneme.memories set expires_at = now() - interval '1 second' where tenant_id = $1
         and id = (select memory_id from mneme.memory_versions where tenant_id = $1 order by memory_id limit 1)
       returning id`,
      [tenant.tenantId],
    );
    expect(await maintenance().removeMemories(100)).toBe(1);
    expect(await maintenance().removeMemories(100)).toBe(0);
    const removals = await record.admin.query(
      "select memory_id as id from mneme.index_removals where tenant_id = $1",
      [tenant.tenantId],
    );
    expect(removals.rows).toEqual(rows);
    await say(["I keep bees.", "I row."]);
    expect((await memories()).map(({ text }) => text).sort()).toEqual(["I keep bees.", "I row."]);
  });
});
