import { randomBytes, randomUUID } from "node:crypto";
import type { Extractor } from "@mneme/core/extraction/extractor.ts";
import { indexPending } from "@mneme/core/extraction/index-pending.ts";
import { ingestBatch, ingestStream } from "@mneme/core/extraction/ingest.ts";
import type { IngestDeps } from "@mneme/core/extraction/ingest-deps.ts";
import type { IngestTarget } from "@mneme/core/extraction/ingest-store.ts";
import { createFreshnessTokens } from "@mneme/core/freshness/tokens.ts";
import type { AcceptedItem, AcceptInput } from "@mneme/core/memory/conversation-store.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import { importMemories } from "@mneme/core/memory/import-memories.ts";
import type { Message } from "@mneme/core/memory/message.ts";
import type { IndexedMemory } from "@mneme/core/search/memory-index.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConversationStore } from "./conversation-store.ts";
import { createIngestStore } from "./ingest-store.ts";
import { createMemoryStore } from "./memory-store.ts";
import { createReindexStore } from "./reindex-store.ts";
import { targetOf as bucketTarget, settingsOf } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

/** Says of every turn what its speaker said; turns with "poison" break it. */
const extractor: Extractor = {
  name: "test",
  version: "1",
  extract: async ({ turns }) => {
    if (turns.some(({ text }) => text.includes("poison"))) throw new Error("broken");
    return {
      statements: turns.flatMap((turn) =>
        turn.text === "hi"
          ? []
          : [
              {
                text: `${turn.name} said: ${turn.text}`,
                embeddingText: turn.text,
                kind: "episodic" as const,
                category: "other",
                confidence: 0.9,
                importance: 0.5,
                origin: "stated" as const,
                entities: [{ name: turn.name ?? "user", type: "person" }],
                relations: [{ source: turn.name ?? "user", type: "lives_in", target: "Lisbon" }],
                sources: [{ messageId: turn.messageId, start: 0, end: turn.text.length }],
                valid: { from: undefined, to: undefined },
              },
            ],
      ),
      dropped: turns
        .filter(({ text }) => text === "hi")
        .map(({ messageId }) => ({ messageId, reason: "small_talk" as const })),
      summary: undefined,
    };
  },
};

describe("ingest over the record", () => {
  let record: TestRecord;
  let written: IndexedMemory[];
  let removed: string[];
  let deps: IngestDeps;

  beforeAll(async () => {
    record = await openTestRecord("ingest");
    deps = {
      store: createIngestStore(record.database),
      settings: settingsOf(record),
      extractor,
      embedder: {
        model: "test",
        dimension: 2,
        embed: async (texts) => texts.map((_, i) => new Float32Array([Math.cos(i), Math.sin(i)])),
      },
      index: {
        requireModel: async () => undefined,
        write: async (documents) => {
          written.push(...documents);
          return [];
        },
        remove: async (_, removals) => void removed.push(...removals.map(({ memoryId }) => memoryId)),
        refresh: async () => undefined,
        nearest: async (queries) => queries.map(() => []),
      },
    };
  });
  afterAll(() => record[Symbol.asyncDispose]());

  const turn = (text: string, name = "Ada"): Message => ({
    role: "user",
    name,
    text,
    toolCalls: [],
    toolCallId: undefined,
    sentAt: new Date("2026-03-01T10:00:00Z"),
  });
  const acceptItems = (userId: string, items: readonly AcceptedItem[], requestId: string = randomUUID()) => {
    const input: AcceptInput = {
      scope: { userId, sessionId: "s1" },
      items,
      metadata: { channel: "chat" },
      request: { rpc: "AddMessages", requestId, body: Buffer.from(JSON.stringify([userId, items])) },
    };
    return createConversationStore(record.database).accept(record.tenant, input);
  };
  const accept = (userId: string, texts: readonly string[], requestId?: string) =>
    acceptItems(
      userId,
      texts.map((text) => ({ type: "turn", message: turn(text) })),
      requestId,
    );
  const memoriesOf = async (extractionId: string) => {
    const { rows } = await record.admin.query<{ memory_id: string }>(
      "select memory_id from mneme.extraction_memories where extraction_id = $1",
      [extractionId],
    );
    const ids = rows.map(({ memory_id }) => memory_id);
    return createMemoryStore(record.database).get(record.tenant, ids);
  };
  const row = async <T extends object>(text: string, values: unknown[]) =>
    (await record.admin.query<T>(text, values)).rows[0] as T;
  const targetOf = (extractionId: string) => bucketTarget(record, record.tenant.tenantId, extractionId);
  const stateOf = (id: string) =>
    row<Record<string, unknown>>("select * from mneme.extractions where id = $1", [id]);
  const ingest = (target: IngestTarget) => ingestBatch(deps, target, { limit: 100, exclude: [] });
  const index = (target: IngestTarget) => {
    written = [];
    removed = [];
    return indexPending(deps, target, 100);
  };

  it("keeps an add once, works it once, and closes it when it is indexed", async () => {
    const request = randomUUID();
    const [first, again] = await Promise.all([
      accept("ada", ["I live in Lisbon", "hi", "I own a canoe"], request),
      accept("ada", ["I live in Lisbon", "hi", "I own a canoe"], request),
    ]);
    expect(again.extraction.id).toBe(first.extraction.id);
    expect(first.messageIds).toHaveLength(3);
    const target = await targetOf(first.extraction.id);
    expect(await ingest(target)).toEqual({ worked: first.messageIds, failed: [], more: true });
    expect(await ingest(target)).toEqual({ worked: [], failed: [], more: false });
    expect(await stateOf(first.extraction.id)).toMatchObject({
      state: "extracted",
      added: 2,
      dropped: 1,
      pending_count: 0,
      extractor: "test/1",
    });
    expect(await index(target)).toEqual({ written: 2, removed: 0, refused: 0, more: false });
    expect(written.map(({ text }) => text).sort()).toEqual([
      "Ada said: I live in Lisbon",
      "Ada said: I own a canoe",
    ]);
    expect(written[0]).toMatchObject({ metadata: { channel: "chat" }, speaker: "ada", version: 1 });
    expect(await stateOf(first.extraction.id)).toMatchObject({ state: "searchable" });
  });

  it("looks nowhere for what the index refuses for good", async () => {
    const { extraction } = await accept("fay", ["I fly kites", "I row"]);
    const target = await targetOf(extraction.id);
    await ingest(target);
    const write: IngestDeps["index"]["write"] = async ([first]) =>
      first ? [{ ...first, type: "mapper_parsing_exception", retryable: false }] : [];
    const counted = () => createReindexStore(record.database, "shared").countIndexed(target.tenantId);
    const before = await counted();
    const report = await indexPending({ ...deps, index: { ...deps.index, write } }, target, 100);
    expect(report).toMatchObject({ written: 1, refused: 1 });
    expect(await counted()).toBe(before + 1);
    expect(await stateOf(extraction.id)).toMatchObject({ state: "searchable" });
  });

  it("leaves nothing behind when a batch is shared out among many streams", async () => {
    const users = Array.from({ length: 48 }, (_, i) => `many-${i}`);
    const accepted = await Promise.all(
      users.map((user) => accept(user, ["I have a garden", "I have a shed", "I have a gate"])),
    );
    const targets = new Map<number, IngestTarget>();
    for (const { extraction } of accepted) {
      const target = await targetOf(extraction.id);
      targets.set(target.bucket, target);
    }
    for (const target of targets.values()) {
      const options = { limit: 8, exclude: [] };
      while ((await ingestBatch(deps, target, options)).more);
    }
    const { count } = await row<{ count: string }>(
      "select count(*) from mneme.messages where state = 'pending' and extraction_id = any ($1)",
      [accepted.map(({ extraction }) => extraction.id)],
    );
    expect(count).toBe("0");
  });

  it("refuses a request id with another body", async () => {
    const { extraction } = await accept("ada", ["one"], "same");
    await expect(accept("ada", ["two"], "same")).rejects.toMatchObject({ reason: "REQUEST_ID_REUSED" });
    // Other tests count what is worked in a bucket, which may be this one.
    expect((await ingest(await targetOf(extraction.id))).worked).toHaveLength(1);
  });

  it("confirms a statement that is known and widens the window of the turn before", async () => {
    const first = await accept("bea", ["I moved to Porto"]);
    const target = await targetOf(first.extraction.id);
    await ingest(target);
    await index(target);
    const [before] = await memoriesOf(first.extraction.id);
    const second = await accept("bea", ["I moved to Porto", "The rent is fair"]);
    await ingest(target);
    expect(await stateOf(second.extraction.id)).toMatchObject({ added: 1, unchanged: 1 });
    await index(target);
    const porto = written.find(({ text }) => text.includes("Porto"));
    expect(porto?.window).toBe("I moved to Porto\nI moved to Porto");
    expect((await memoriesOf(first.extraction.id))[0]?.etag).toBe(before?.etag);
    expect(written.find(({ text }) => text.includes("rent"))?.window).toContain("I moved to Porto");
    const { count } = await row<{ count: string }>(
      "select count(*) from mneme.memory_sources where memory_id = $1",
      [porto?.memoryId],
    );
    expect(count).toBe("2");
  });

  it("says of every memory what made it, and of an imported one when it was said or else came", async () => {
    const before = Date.now();
    const SAID = new Date("2024-11-20T09:30:00Z");
    const born = draftOf("Eli was born in Braga.", { validFrom: new Date("1990-05-02") });
    const imported = await importMemories(
      {
        conversations: createConversationStore(record.database),
        tokens: createFreshnessTokens(randomBytes(32)),
        settings: { of: async () => ({}) },
      },
      record.tenant,
      (async function* () {
        const rest = { scope: { userId: "eli" }, requestId: "", body: Buffer.from("eli") };
        yield { ...rest, draft: born, saidAt: undefined };
        yield { ...rest, draft: draftOf("Eli keeps geese."), saidAt: SAID };
      })(),
    );
    const read = await accept("eli", ["I row"]);
    const target = await targetOf(read.extraction.id);
    await ingest(target);
    await index(target);
    const extractionIds = [imported.extractionIds[0] ?? "", read.extraction.id];
    const memories = await Promise.all(extractionIds.map(memoriesOf));
    const [imports = [], reads] = memories;
    expect(imports).toHaveLength(2);
    const came = imports.find(({ text }) => text === born.text);
    const geese = imports.find(({ text }) => text !== born.text);
    expect(came).toMatchObject({ extractor: "import", extractorVersion: "1", validFrom: born.validFrom });
    expect(geese).toMatchObject({ extractor: "import", validFrom: SAID, sources: [{ sentAt: SAID }] });
    expect(reads).toMatchObject([{ extractor: "test", extractorVersion: "1" }]);
    const extractors = await Promise.all(extractionIds.map(async (id) => (await stateOf(id)).extractor));
    expect(extractors).toEqual(["import/1", "test/1"]);
    const cameAt = came?.sources[0]?.sentAt;
    expect(cameAt?.getTime()).toBeGreaterThanOrEqual(before);
    expect(written.find(({ text }) => text === born.text)).toMatchObject({ saidAt: cameAt });
    expect(written.find(({ text }) => text === geese?.text)).toMatchObject({ saidAt: SAID });
  });

  it("counts what was deleted once and is said again as dropped", async () => {
    const first = await accept("gus", ["I own a canoe"]);
    const target = await targetOf(first.extraction.id);
    await ingest(target);
    const [canoe] = await memoriesOf(first.extraction.id);
    await createMemoryStore(record.database).delete(
      record.tenant,
      [{ memoryId: canoe?.id ?? "", etag: "" }],
      { rpc: "DeleteMemory", requestId: randomUUID(), body: new Uint8Array() },
    );
    const again = await accept("gus", ["I own a canoe", "I row", "hi"]);
    await ingest(target);
    expect(await stateOf(again.extraction.id)).toMatchObject({ added: 1, dropped: 2, state: "extracted" });
  });

  it("counts a broken try, gives up on that add alone, and goes on with what follows", async () => {
    const bad = await accept("cleo", ["poison"]);
    const good = await accept("cleo", ["I have a twin"]);
    const target = await targetOf(bad.extraction.id);
    const report = await ingest(target);
    expect(report.failed).toMatchObject([{ reason: "INTERNAL", retryable: true }]);
    const streamId = report.failed[0]?.streamId as string;
    const alone = await ingestStream(deps, target.tenantId, streamId, { limit: 10 });
    expect(alone.failed).toMatchObject([{ streamId, extractionId: bad.extraction.id, reason: "INTERNAL" }]);
    expect(await stateOf(bad.extraction.id)).toMatchObject({ attempts: 2, state: "running" });
    const named = (extractionId: string) =>
      deps.store.giveUp(target.tenantId, { streamId, extractionId }, "INTERNAL");
    expect(await named(good.extraction.id)).toBe(false);
    expect(await named(bad.extraction.id)).toBe(true);
    expect(await named(bad.extraction.id)).toBe(false);
    expect(await stateOf(bad.extraction.id)).toMatchObject({ state: "failed", failure_reason: "INTERNAL" });
    expect((await ingest(target)).worked).toHaveLength(1);
    expect(await stateOf(good.extraction.id)).toMatchObject({ state: "extracted", added: 1 });
  });

  it("drops what a fenced person still has waiting and accepts nothing more", async () => {
    const waiting = await accept("dora", ["I sing"]);
    const target = await targetOf(waiting.extraction.id);
    const [batch] = await deps.store.load(target, { limit: 10, exclude: [] });
    await record.admin.query(
      `update mneme.subjects set state = 'fenced' where id =
         (select subject_id from mneme.extractions where id = $1)`,
      [waiting.extraction.id],
    );
    expect(batch?.pending).toHaveLength(1);
    expect((await ingest(target)).worked).toEqual([]);
    expect(await stateOf(waiting.extraction.id)).toMatchObject({ state: "dropped" });
    await expect(accept("dora", ["I dance"])).rejects.toMatchObject({ reason: "SUBJECT_FENCED" });
  });

  it("keeps content out of the record's tables", async () => {
    const { rows } = await record.admin.query<{ relname: string }>(
      `select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where nspname = 'mneme' and relkind = 'r'`,
    );
    for (const { relname } of rows) {
      const { rows: all } = await record.admin.query(`select t::text as line from mneme.${relname} t`);
      const text = all.map(({ line }) => line).join("\n");
      expect(text, relname).not.toMatch(/lisbon|canoe|porto|\bada\b/i);
      // bytea prints as hexadecimal
      expect(text, relname).not.toContain(Buffer.from("Lisbon").toString("hex"));
    }
  });
});
