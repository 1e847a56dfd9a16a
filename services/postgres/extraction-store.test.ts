import { randomUUID } from "node:crypto";
import type { Extraction } from "@mneme/core/extraction/extraction.ts";
import type { ExtractionSignals } from "@mneme/core/extraction/extraction-store.ts";
import type { AcceptInput } from "@mneme/core/memory/conversation-store.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import type { Reach } from "@mneme/core/tenancy/caller.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConversationStore } from "./conversation-store.ts";
import { createExtractionSignals } from "./extraction-signals.ts";
import { createExtractionStore } from "./extraction-store.ts";
import { createFreshnessStore } from "./freshness-store.ts";
import { createIngestStore } from "./ingest-store.ts";
import { createMemoryStore } from "./memory-store.ts";
import { acceptDrafts, seedMemories, workBucketOf } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

const NOTHING = "0198b7a0-0000-7000-8000-000000000000";

describe("extractions", () => {
  let record: TestRecord;
  const store = () => createExtractionStore(record.database);

  beforeAll(async () => {
    record = await openTestRecord("extractions");
  });
  afterAll(() => record[Symbol.asyncDispose]());

  const request = (body = "") => ({
    rpc: "RetryExtraction",
    requestId: randomUUID() as string,
    body: Buffer.from(body),
  });
  const accept = (userId: string, ...texts: string[]) =>
    acceptDrafts(
      record,
      record.tenant,
      { userId },
      texts.map((text) => draftOf(text)),
    );
  const giveUp = async (extractionId: string) => {
    const { rows } = await record.admin.query<{ stream_id: string }>(
      "select stream_id from mneme.extractions where id = $1",
      [extractionId],
    );
    await createIngestStore(record.database).giveUp(
      record.tenant.tenantId,
      { streamId: rows[0]?.stream_id ?? "", extractionId },
      "MODEL_OUTPUT_INVALID",
    );
  };

  it("shows an extraction from queued to searchable, with its memories", async () => {
    const id = await accept("ada", "Ada sails.", "Ada paints.");
    expect(await store().get(record.tenant, id)).toMatchObject({
      id,
      state: "queued",
      scope: { userId: "ada" },
      messageCount: 2,
      memoryIds: [],
      attempts: 0,
      failure: undefined,
    });
    await workBucketOf(record, record.tenant.tenantId, id);
    const done = await store().get(record.tenant, id);
    expect(done).toMatchObject({ state: "searchable", counts: { added: 2 } });
    expect(done.memoryIds).toHaveLength(2);
    expect(done.searchableAt).toBeInstanceOf(Date);
  });

  it("names no memories of what is still worked on: those who wait for it look again and again", async () => {
    const id = await accept("worked", "Ada sails.", "Ada paints.");
    await workBucketOf(record, record.tenant.tenantId, id);
    const named = async (state: string) => {
      await record.admin.query("update mneme.extractions set state = $2 where id = $1", [id, state]);
      const listing = { scope: { userId: "worked" }, state: undefined, pageSize: 2, pageToken: "" };
      const { extractions } = await store().list(record.tenant, listing);
      const one = await store().get(record.tenant, id);
      return [one, ...extractions].map(({ memoryIds }) => memoryIds.length);
    };
    expect(await named("queued")).toEqual([0, 0]);
    expect(await named("running")).toEqual([0, 0]);
    expect(await named("extracted")).toEqual([2, 2]);
    expect(await named("searchable")).toEqual([2, 2]);
  });

  it("does not find another tenant's", async () => {
    const id = await accept("private", "Private statement.");
    const other = await record.provision("other");
    for (const [tenancy, wanted] of [
      [other, id],
      [record.tenant, NOTHING],
    ] as const) {
      await expect(store().get(tenancy, wanted)).rejects.toMatchObject({ reason: "EXTRACTION_NOT_FOUND" });
      await expect(store().retry(tenancy, wanted, request())).rejects.toMatchObject({
        reason: "EXTRACTION_NOT_FOUND",
      });
    }
  });

  it("lists by scope and state in pages, newest first", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i += 1) ids.push(await accept("lists", `Listed statement ${i}.`));
    const page = (pageToken: string, members: object = {}) =>
      store().list(record.tenant, {
        scope: { userId: "lists" },
        state: undefined,
        pageSize: 2,
        pageToken,
        ...members,
      });
    const seen: Extraction[] = [];
    let token = "";
    do {
      const { extractions, nextPageToken } = await page(token);
      seen.push(...extractions);
      token = nextPageToken;
    } while (token !== "");
    expect(seen.map(({ id }) => id)).toEqual(ids.toReversed());
    const { nextPageToken } = await page("");
    const refuse = (wrong: Promise<unknown>) =>
      expect(wrong).rejects.toMatchObject({ reason: "PAGE_TOKEN_INVALID" });
    await refuse(page(nextPageToken, { state: "failed" }));
    await refuse(page(nextPageToken, { scope: undefined }));
    await refuse(page(`${nextPageToken.slice(0, -3)}AAA`));
    const foreign = await record.provision("foreign");
    const listing = { scope: { userId: "lists" }, state: undefined, pageSize: 2, pageToken: nextPageToken };
    await refuse(store().list(foreign, listing));
    expect((await page("", { state: "failed" })).extractions).toEqual([]);
    expect((await page("", { scope: { userId: "unknown" } })).extractions).toEqual([]);
  });

  it("names 10,000 memories of one, and 100 of each in a list: the oldest, while the counts tell of all", async () => {
    const input: AcceptInput = {
      scope: { userId: "many" },
      items: [{ type: "draft", draft: draftOf("Counted statement."), sentAt: new Date("2026-03-01") }],
      metadata: {},
      request: { ...request(), rpc: "ImportMemories" },
    };
    const accept = () => createConversationStore(record.database).accept(record.tenant, input);
    const { id } = (await accept()).extraction;
    await record.admin.query(
      "update mneme.extractions set added = 12000, state = 'extracted' where id = $1",
      [id],
    );
    // The newest first, so that neither the order of the rows nor chance brings them in theirs.
    const { rows } = await record.admin.query<{ memory_id: string }>(
      `insert into mneme.extraction_memories (tenant_id, extraction_id, memory_id, outcome)
       select $1, $2, lpad(n::text, 32, '0')::uuid, 'add' from generate_series(12000, 1, -1) as n
       returning memory_id`,
      [record.tenant.tenantId, id],
    );
    const oldest = rows.map((row) => row.memory_id).toReversed();
    const one = await store().get(record.tenant, id);
    expect(one).toMatchObject({ counts: { added: 12_000 } });
    expect(one.memoryIds).toEqual(oldest.slice(0, 10_000));
    expect((await accept()).extraction).toEqual(one);
    const { extractions } = await store().list(record.tenant, {
      scope: input.scope,
      state: undefined,
      pageSize: 250,
      pageToken: "",
    });
    expect(extractions).toEqual([{ ...one, memoryIds: oldest.slice(0, 100) }]);
  });

  it("retries what failed, once for a repeated request", async () => {
    const id = await accept("retry", "Retried statement.", "Another one.");
    await expect(store().retry(record.tenant, id, request())).rejects.toMatchObject({
      kind: "failed_precondition",
      reason: "EXTRACTION_NOT_FAILED",
    });
    await giveUp(id);
    expect(await store().get(record.tenant, id)).toMatchObject({
      state: "failed",
      failure: { reason: "MODEL_OUTPUT_INVALID" },
    });
    const outbox = async () =>
      (await record.admin.query("select from mneme.outbox where tenant_id = $1", [record.tenant.tenantId]))
        .rowCount;
    const before = (await outbox()) ?? 0;
    const same = request("body");
    const both = await Promise.all([
      store().retry(record.tenant, id, same),
      store().retry(record.tenant, id, same),
    ]);
    expect(both[1]).toEqual(both[0]);
    expect(both[0]).toMatchObject({ state: "queued", attempts: 0, failure: undefined });
    expect(await outbox()).toBe(before + 1);
    await expect(
      store().retry(record.tenant, id, { ...same, body: Buffer.from("another") }),
    ).rejects.toMatchObject({ reason: "REQUEST_ID_REUSED" });
    await workBucketOf(record, record.tenant.tenantId, id);
    expect(await store().get(record.tenant, id)).toMatchObject({ state: "searchable", counts: { added: 2 } });
  });

  it("shows of a fenced person the work's state and nothing else", async () => {
    const id = await accept("fenced", "Fenced statement.");
    await giveUp(id);
    await record.admin.query("update mneme.subjects set state = 'fenced'");
    const listing = { scope: undefined, state: undefined, pageSize: 10, pageToken: "" };
    try {
      expect(await store().get(record.tenant, id)).toMatchObject({
        state: "failed",
        scope: {},
        memoryIds: [],
      });
      expect((await store().list(record.tenant, listing)).extractions).toEqual([]);
      await expect(store().retry(record.tenant, id, request())).rejects.toMatchObject({
        reason: "SUBJECT_FENCED",
      });
    } finally {
      await record.admin.query("update mneme.subjects set state = 'active'");
    }
  });

  describe("signals", () => {
    const FOREVER = 60_000;
    /** To begin to listen wakes whoever waits already, so a wait begun at once ends just then. */
    const listening = (signals: ExtractionSignals) => signals.changed(NOTHING, FOREVER);

    it("wakes whoever waits for a new state of that extraction, and nobody else", async () => {
      await using signals = createExtractionSignals({ url: record.urls.app, applicationName: "mneme wake" });
      await listening(signals);
      const id = await accept("signals", "Signalled statement.");
      const other = await accept("signals-too", "Unsignalled statement.");
      let woken = false;
      const stop = new AbortController();
      const elsewhere = signals.changed(other, FOREVER, stop.signal).then(() => {
        woken = true;
      });
      const waiting = signals.changed(id, FOREVER);
      await record.admin.query(
        "update mneme.extractions set state = 'queued', attempts = attempts + 1 where id = $1",
        [other],
      );
      await giveUp(id);
      await waiting;
      expect(woken).toBe(false);
      stop.abort(new Error("stopped"));
      await expect(elsewhere).rejects.toThrow("stopped");
    });

    it("returns at the latest after the time given, and at once when aborted already", async () => {
      await using signals = createExtractionSignals({ url: record.urls.app, applicationName: "mneme test" });
      await signals.changed(NOTHING, 1);
      await expect(signals.changed(NOTHING, FOREVER, AbortSignal.abort(new Error("gone")))).rejects.toThrow(
        "gone",
      );
    });

    it("listens again after its connection broke, and wakes everybody then", async () => {
      const lost: Error[] = [];
      await using signals = createExtractionSignals({
        url: record.urls.app,
        applicationName: "mneme cut",
        onError: (error) => lost.push(error),
      });
      await listening(signals);
      const waiting = signals.changed(NOTHING, FOREVER);
      const { rowCount } = await record.admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name like 'mneme cut%'`,
      );
      expect(rowCount).toBe(1);
      await waiting;
      expect(lost).toHaveLength(1);
      const id = await accept("cut", "Cut statement.");
      const again = signals.changed(id, FOREVER);
      await giveUp(id);
      await again;
    });

    it("lets everybody go when it is closed", async () => {
      const signals = createExtractionSignals({ url: record.urls.app, applicationName: "mneme test" });
      const waiting = signals.changed(NOTHING, FOREVER);
      await signals[Symbol.asyncDispose]();
      await waiting;
    });
  });

  describe("freshness", () => {
    const isSearchable = (
      freshness: Parameters<ReturnType<typeof createFreshnessStore>["isSearchable"]>[1],
      reach?: Reach,
    ) => createFreshnessStore(record.database).isSearchable({ ...record.tenant, reach }, freshness);

    it("waits for extractions until they are settled", async () => {
      const id = await accept("fresh", "Fresh statement.");
      const failed = await accept("fresh-too", "Failed statement.");
      await giveUp(failed);
      expect(await isSearchable({ type: "extraction", extractionIds: [failed] })).toBe(true);
      expect(await isSearchable({ type: "extraction", extractionIds: [failed, id] })).toBe(false);
      // Of somebody else's, a user's token learns nothing.
      const stranger = { principals: [NOTHING], subject: { id: NOTHING, epoch: 1 } };
      expect(await isSearchable({ type: "extraction", extractionIds: [id] }, stranger)).toBe(true);
      await workBucketOf(record, record.tenant.tenantId, id);
      expect(await isSearchable({ type: "extraction", extractionIds: [failed, id] })).toBe(true);
    });

    it("waits for a write until the index has caught up with it", async () => {
      const [memory] = await seedMemories(record, record.tenant, { userId: "revision" }, [
        "Revised statement.",
      ]);
      if (!memory) throw new Error("nothing was seeded");
      const memories = createMemoryStore(record.database);
      const { revision, buckets } = await memories.change(
        record.tenant,
        [
          {
            memoryId: memory.id,
            draft: draftOf("", { category: "work" }),
            fields: new Set(["category"] as const),
            etag: "",
            at: "update",
            embedding: undefined,
          },
        ],
        { ...request(), rpc: "UpdateMemory" },
      );
      expect(await isSearchable({ type: "revision", revision, buckets })).toBe(false);
      expect(await isSearchable({ type: "revision", revision: 0n, buckets })).toBe(true);
      const elsewhere = buckets.map((bucket) => (bucket + 1) % 16);
      expect(await isSearchable({ type: "revision", revision, buckets: elsewhere })).toBe(true);
      await workBucketOf(record, record.tenant.tenantId, memory.extractionId ?? "");
      expect(await isSearchable({ type: "revision", revision, buckets })).toBe(true);
      await memories.delete(record.tenant, [{ memoryId: memory.id, etag: "" }], {
        ...request(),
        rpc: "DeleteMemory",
      });
      const { rows } = await record.admin.query<{ revision: string }>(
        "select revision from mneme.index_removals where memory_id = $1",
        [memory.id],
      );
      const removal = BigInt(rows[0]?.revision ?? 0);
      expect(await isSearchable({ type: "revision", revision: removal, buckets })).toBe(false);
      await workBucketOf(record, record.tenant.tenantId, memory.extractionId ?? "");
      expect(await isSearchable({ type: "revision", revision: removal, buckets })).toBe(true);
    });
  });
});
