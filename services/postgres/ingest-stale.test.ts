import { randomUUID } from "node:crypto";
import { contentOf } from "@mneme/core/extraction/content-testing.ts";
import { createEmbeddedExtractor } from "@mneme/core/extraction/embedded/extractor.ts";
import { ingestBatch } from "@mneme/core/extraction/ingest.ts";
import type { IngestDeps } from "@mneme/core/extraction/ingest-deps.ts";
import type { Decision, IngestStore, StreamBatch } from "@mneme/core/extraction/ingest-store.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import type { Memory } from "@mneme/core/memory/memory.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIngestStore } from "./ingest-store.ts";
import { createMemoryStore } from "./memory-store.ts";
import { acceptTurns, seedMemories, testEmbedder, testIngest } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

const MOVED = new Date("2026-05-01T00:00:00Z");

describe("a memory that is changed by hand between deciding and applying", () => {
  let record: TestRecord;
  beforeAll(async () => {
    record = await openTestRecord("ingest_stale");
  });
  afterAll(() => record[Symbol.asyncDispose]());

  const store = () => createIngestStore(record.database);
  const memories = () => createMemoryStore(record.database);
  const seed = async (userId: string, text: string): Promise<Memory> => {
    const [memory] = await seedMemories(record, record.tenant, { userId }, [text]);
    if (!memory) throw new Error("nothing was seeded");
    return memory;
  };
  const say = async (userId: string, text: string) => {
    const { extraction } = await acceptTurns(record, record.tenant, { userId }, [text], MOVED);
    const { rows } = await record.admin.query<{ bucket: number; stream_id: string }>(
      "select bucket, stream_id from mneme.extractions where id = $1",
      [extraction.id],
    );
    const [place] = rows;
    if (!place) throw new Error("nothing was accepted");
    return { tenantId: record.tenant.tenantId, bucket: place.bucket, streamId: place.stream_id };
  };
  const edit = async ({ id, etag }: Memory, text: string) => {
    const [vector = new Float32Array()] = await testEmbedder.embed([text], { purpose: "document" });
    const embedding = { vector, model: testEmbedder.model, isQuestion: false, hasTime: false };
    const change = { memoryId: id, draft: draftOf(text), etag, at: "update", embedding };
    await memories().change(record.tenant, [{ ...change, fields: new Set(["text"] as const) }], {
      rpc: "UpdateMemory",
      requestId: randomUUID(),
      body: new Uint8Array(),
    });
  };
  const now = async ({ id }: Memory) => (await memories().get(record.tenant, [id]))[0];

  const decided: readonly [string, (memoryId: string, messageId: string) => Decision][] = [
    [
      "enriched",
      (memoryId, messageId) => ({
        outcome: "update",
        messageId,
        memoryId,
        content: contentOf("Ann drinks green tea.", messageId, MOVED),
        rule: "richer",
      }),
    ],
    [
      "ended",
      (memoryId, messageId) => ({
        outcome: "supersede",
        messageId,
        ended: [{ memoryId }],
        content: contentOf("Ann drinks coffee now.", messageId, MOVED),
        rule: "slot",
      }),
    ],
    ["deleted", (memoryId, messageId) => ({ outcome: "delete", messageId, memoryId, rule: "forget" })],
    [
      "confirmed",
      (memoryId, messageId) => ({
        outcome: "noop",
        messageId,
        memoryId,
        source: { messageId, start: 0, end: 5 },
        expiresAt: undefined,
        rule: "known",
      }),
    ],
  ];

  it.each(decided)("is not %s by what was decided before: nothing is written", async (_, decide) => {
    const userId = randomUUID();
    const tea = await seed(userId, "Ann drinks tea.");
    const { tenantId, streamId } = await say(userId, "It is green tea that I drink.");
    const batch = (await store().loadStream(tenantId, streamId, 10)) as StreamBatch;
    await edit(tea, "Ann is allergic to penicillin.");
    const result = {
      batch,
      decisions: [decide(tea.id, batch.pending[0]?.turn.messageId ?? "")],
      droppedMessageIds: [],
      blanked: new Map(),
      participants: undefined,
      summary: undefined,
      windows: new Map(),
      extractor: { name: "test", version: "1" },
      embeddingModel: "test",
      seen: new Map([[tea.id, 1]]),
    };
    expect(await store().apply(tenantId, [result])).toEqual(new Set([streamId]));
    expect(await now(tea)).toMatchObject({
      version: 2,
      text: "Ann is allergic to penicillin.",
      validTo: undefined,
      sources: [{}],
    });
    expect((await store().loadStream(tenantId, streamId, 10))?.pending).toHaveLength(1);
    expect(await store().apply(tenantId, [{ ...result, seen: new Map([[tea.id, 2]]) }])).toEqual(new Set());
    expect(await store().loadStream(tenantId, streamId, 10)).toBeUndefined();
  });

  const reading = (apply: IngestStore["apply"] = store().apply): IngestDeps => ({
    ...testIngest(record),
    store: { ...store(), apply },
    extractor: createEmbeddedExtractor(),
  });
  const OPTIONS = { limit: 10, exclude: [] };
  /** What somebody tells of where they live, kept. */
  const livesInRome = async (userId: string): Promise<Memory> => {
    const target = await say(userId, "I live in Rome.");
    await ingestBatch(reading(), target, OPTIONS);
    const { rows } = await record.admin.query<{ id: string }>(
      "select id from mneme.memories where stream_id = $1",
      [target.streamId],
    );
    const [memory] = await memories().get(record.tenant, [rows[0]?.id ?? ""]);
    if (!memory) throw new Error("nothing was kept");
    return memory;
  };

  it("is decided about anew", async () => {
    const userId = randomUUID();
    const rome = await livesInRome(userId);
    const target = await say(userId, "I moved to Oslo.");
    let tries = 0;
    const deps = reading(async (...args) => {
      if (tries === 0) await edit(rome, "The user lives in Bergen.");
      tries += 1;
      return store().apply(...args);
    });
    const { worked, failed } = await ingestBatch(deps, target, OPTIONS);
    expect([worked.length, failed, tries]).toEqual([1, [], 2]);
    const bergen = await now(rome);
    expect(bergen).toMatchObject({ version: 3, text: "The user lives in Bergen.", outcome: "supersede" });
    const [oslo] = await memories().get(record.tenant, [bergen?.replacedBy ?? ""]);
    expect(oslo?.text).toBe("The user moved to Oslo.");
  });

  it("fails the try, and loses nothing, where it never stops changing", async () => {
    const userId = randomUUID();
    const rome = await livesInRome(userId);
    const target = await say(userId, "I moved to Oslo.");
    const deps = reading(async (...args) => {
      const memory = await now(rome);
      const town = ["Bergen", "Lima", "Turin", "Cork", "Graz"][(memory?.version ?? 0) % 5];
      if (memory) await edit(memory, `The user lives in ${town}.`);
      return store().apply(...args);
    });
    const { worked, failed } = await ingestBatch(deps, target, OPTIONS);
    expect([worked, failed.map(({ retryable }) => retryable)]).toEqual([[], [true]]);
    expect((await store().loadStream(target.tenantId, target.streamId, 10))?.pending).toHaveLength(1);
  });
});
