import { randomUUID } from "node:crypto";
import { contentOf } from "@mneme/core/extraction/content-testing.ts";
import type {
  Decision,
  IngestTarget,
  MemoryContent,
  StreamBatch,
  StreamResult,
} from "@mneme/core/extraction/ingest-store.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import { applyToShadow } from "@mneme/core/replay/apply-to-shadow.ts";
import { ShadowStream } from "@mneme/core/replay/shadow-stream.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIngestStore } from "./ingest-store.ts";
import { createMemoryStore } from "./memory-store.ts";
import { createSearchStore } from "./search-store.ts";
import { acceptTurns, seedMemories } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

const MOVED = new Date("2026-05-01T00:00:00Z");
const ALICE = { userId: "alice" };

describe("applying what was decided", () => {
  let record: TestRecord;
  beforeAll(async () => {
    record = await openTestRecord("apply");
  });
  afterAll(() => record[Symbol.asyncDispose]());

  const store = () => createIngestStore(record.database);
  const memories = () => createMemoryStore(record.database);

  /** One message of a person, loaded and not yet worked. */
  const say = async (userId: string, ...texts: readonly string[]): Promise<StreamBatch> => {
    const { extraction } = await acceptTurns(record, record.tenant, { userId }, texts, MOVED);
    const { rows } = await record.admin.query<IngestTarget & { stream_id: string }>(
      "select bucket, stream_id from mneme.extractions where id = $1",
      [extraction.id],
    );
    const batch = await store().loadStream(record.tenant.tenantId, rows[0]?.stream_id ?? "", 10);
    if (!batch) throw new Error("nothing is waiting");
    return batch;
  };
  const resultOf = (
    batch: StreamBatch,
    decisions: readonly Decision[],
    seen: ReadonlyMap<string, number> = new Map(),
  ): StreamResult => ({
    batch,
    decisions,
    droppedMessageIds: [],
    blanked: new Map(),
    participants: undefined,
    summary: undefined,
    windows: new Map(),
    extractor: { name: "test", version: "1" },
    embeddingModel: "test",
    seen,
  });
  const decide = (batch: StreamBatch, decisions: readonly Decision[]) =>
    store().apply(record.tenant.tenantId, [resultOf(batch, decisions)]);
  const messageIdOf = ({ pending }: StreamBatch) => pending[0]?.turn.messageId ?? "";
  const versionsOf = async (memoryId: string, knownAt?: Date) => {
    const listing = { memoryId, pageSize: 10, pageToken: "", knownAt };
    return (await memories().versions(record.tenant, listing)).memories;
  };

  it("ends what is no longer so, points to what replaced it, and leaves what was known before as it was", async () => {
    const [rome] = await seedMemories(record, record.tenant, ALICE, ["Alice lives in Rome."]);
    if (!rome) throw new Error("nothing was seeded");
    const batch = await say("alice", "I moved to Oslo in May");
    const content = contentOf("Alice lives in Oslo.", messageIdOf(batch), MOVED);
    await decide(batch, [
      {
        outcome: "supersede",
        messageId: messageIdOf(batch),
        ended: [{ memoryId: rome.id }],
        content,
        rule: "slot:lives_in",
      },
    ]);
    const [old] = await memories().get(record.tenant, [rome.id]);
    expect(old).toMatchObject({ version: 2, validTo: MOVED, outcome: "supersede", text: rome.text });
    const [by] = await memories().get(record.tenant, [old?.replacedBy ?? ""]);
    expect(by).toMatchObject({ version: 1, text: "Alice lives in Oslo.", validFrom: MOVED });
    const story = await versionsOf(rome.id);
    expect(story.map(({ version, validTo }) => [version, validTo])).toEqual([
      [2, MOVED],
      [1, undefined],
    ]);
    expect(story[1]?.recordedTo).toEqual(story[0]?.recordedFrom);
    expect(story[0]?.recordedFrom).toEqual(by?.recordedFrom);
    const hydrate = (version: number, times: { asOf?: Date; knownAt?: Date }) =>
      createSearchStore(record.database).hydrate(
        record.tenant,
        {
          subject: undefined,
          agentId: undefined,
          appId: undefined,
          teamId: undefined,
          sessionId: undefined,
        },
        [{ memoryId: rome.id, version }],
        { asOf: undefined, knownAt: undefined, ...times },
      );
    expect(await hydrate(2, {})).toEqual([]);
    expect(await hydrate(2, { asOf: new Date("2026-04-01") })).toHaveLength(1);
    expect(await hydrate(2, { asOf: new Date("2026-06-01") })).toEqual([]);
    expect(await hydrate(1, { knownAt: rome.recordedFrom })).toMatchObject([{ validTo: undefined }]);
  });

  const drinking = (...told: Parameters<typeof contentOf>): MemoryContent => {
    const content = contentOf(...told);
    const relations = [{ source: "Alice", type: "drinks", target: "tea" }];
    return { ...content, statement: { ...content.statement, relations } };
  };

  it("keeps one current version and what it tells where a batch changes a memory twice", async () => {
    const [tea] = await seedMemories(record, record.tenant, ALICE, ["Alice drinks tea."]);
    if (!tea) throw new Error("nothing was seeded");
    const batch = await say("alice", "Green tea, that is. With mint.");
    await decide(
      batch,
      ["Alice drinks green tea.", "Alice drinks green tea with mint."].map((text) => ({
        outcome: "update",
        messageId: messageIdOf(batch),
        memoryId: tea.id,
        content: drinking(text, messageIdOf(batch), MOVED),
        rule: "richer",
      })),
    );
    const story = await versionsOf(tea.id);
    expect(story.map(({ version, recordedTo }) => [version, recordedTo === undefined])).toEqual([
      [3, true],
      [2, false],
      [1, false],
    ]);
    const [now] = await memories().get(record.tenant, [tea.id]);
    expect(now?.text).toBe("Alice drinks green tea with mint.");
    const next = await say("alice", "Just tea, please.");
    const content = drinking("Alice drinks black tea.", messageIdOf(next), MOVED);
    await decide(next, [
      { outcome: "update", messageId: messageIdOf(next), memoryId: tea.id, content, rule: "richer" },
    ]);
    const { rows } = await record.admin.query<{ known: boolean }>(
      "select recorded_to is null as known from mneme.relations where memory_id = $1 order by recorded_from",
      [tea.id],
    );
    expect(rows.map(({ known }) => known)).toEqual([false, true]);
  });

  it("forgets what it is asked to forget, and adds sources to what it knows", async () => {
    const seeded = ["Alice owns a boat.", "Alice sings."];
    const [boat, sings] = await seedMemories(record, record.tenant, ALICE, seeded);
    const batch = await say("alice", "Forget the boat. I sing, you know.");
    const messageId = messageIdOf(batch);
    const source = { messageId, start: 17, end: 23 };
    await decide(batch, [
      { outcome: "delete", messageId, memoryId: boat?.id ?? "", rule: "forget" },
      { outcome: "noop", messageId, memoryId: sings?.id ?? "", source, expiresAt: undefined, rule: "known" },
    ]);
    const left = await memories().get(record.tenant, [boat?.id ?? "", sings?.id ?? ""]);
    expect(left.map(({ text, sources }) => [text, sources.length])).toEqual([["Alice sings.", 2]]);
    const { streamId, audience } = batch;
    const lasting = { expiresAt: undefined, atLeast: undefined };
    const plain = { audience, lasting, given: undefined, withinMs: undefined };
    const said = { ...plain, streamId, text: "Alice owns a boat.", saidAt: new Date(0) };
    const elsewhere = { ...said, streamId: randomUUID() };
    const toOthers = { ...said, audience: randomUUID() };
    const saidAnew = { ...said, saidAt: new Date(Date.now() + 60_000) };
    expect(await store().findExact(record.tenant.tenantId, [elsewhere, toOthers, said, saidAnew])).toEqual([
      undefined,
      undefined,
      { type: "tombstone" },
      undefined,
    ]);
  });

  it("is surer of what two messages of one add tell, in the record as in a replay's shadow", async () => {
    const batch = await say("bea", "I keep bees.", "Yes, I keep bees.", "I row. I row.");
    const [first = "", second = "", third = ""] = batch.pending.map(({ turn }) => turn.messageId);
    const sure = (text: string, messageId: string) => {
      const content = contentOf(text, messageId, MOVED);
      return { ...content, statement: { ...content.statement, confidence: 0.8 } };
    };
    const bees = {
      outcome: "add",
      messageId: first,
      content: sure("Bea keeps bees.", first),
      rule: "new",
    } as const;
    const rows = {
      outcome: "add",
      messageId: third,
      content: sure("Bea rows.", third),
      rule: "new",
    } as const;
    const again = (into: typeof bees | typeof rows, messageId: string) => {
      return { outcome: "merge", messageId, into, source: { messageId, start: 0, end: 5 } } as const;
    };
    const decisions = [bees, again(bees, second), rows, again(rows, third)];
    await decide(batch, decisions);
    const { rows: live } = await record.admin.query<{ confidence: number }>(
      `select v.confidence from mneme.memory_versions v join mneme.memories m on m.id = v.memory_id
       where m.stream_id = $1 order by v.confidence`,
      [batch.streamId],
    );
    const shadow = new ShadowStream();
    applyToShadow(shadow, resultOf(batch, decisions));
    const shadowed = shadow.memories.map(({ content }) => content.statement.confidence).sort();
    expect(live.map(({ confidence }) => Number(confidence.toFixed(2)))).toEqual([0.8, 0.85]);
    expect(shadowed).toEqual([0.8, expect.closeTo(0.85)]);
  });

  it("takes adds while a stream is worked, and lets nobody change its memories meanwhile", async () => {
    const [hat] = await seedMemories(record, record.tenant, { userId: "hugo" }, ["Hugo wears a hat."]);
    const { streamId } = await say("hugo", "It is red.");
    const worker = await record.admin.connect();
    try {
      await worker.query("begin");
      await worker.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [streamId]);
      await say("hugo", "And blue.");
      const changed = memories().change(
        record.tenant,
        [
          {
            memoryId: hat?.id ?? "",
            draft: draftOf("", { category: "clothes" }),
            fields: new Set(["category"] as const),
            etag: "",
            at: "update",
            embedding: undefined,
          },
        ],
        { rpc: "UpdateMemory", requestId: randomUUID(), body: new Uint8Array() },
      );
      const waiting = async () =>
        (await record.admin.query("select from pg_locks where locktype = 'advisory' and not granted"))
          .rowCount;
      while (!(await waiting()));
      await worker.query("commit");
      expect((await changed).memories).toMatchObject([{ category: "clothes" }]);
    } finally {
      worker.release();
    }
  });
});
