import { randomUUID } from "node:crypto";
import { contentOf } from "@mneme/core/extraction/content-testing.ts";
import { ingestBatch } from "@mneme/core/extraction/ingest.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import type { Memory, MemoryDraft } from "@mneme/core/memory/memory.ts";
import type { DraftField, MemoryChange } from "@mneme/core/memory/memory-store.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Content } from "./content.ts";
import { createConversationStore } from "./conversation-store.ts";
import { createIngestStore } from "./ingest-store.ts";
import { createMemoryStore } from "./memory-store.ts";
import { seedMemories, targetOf, testEmbedder, testIngest } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

const MARCH = new Date("2026-03-01T10:00:00Z");
const MAY = new Date("2026-05-01T00:00:00Z");

describe("changes by hand", () => {
  let record: TestRecord;
  beforeAll(async () => {
    record = await openTestRecord("changes");
  });
  afterAll(() => record[Symbol.asyncDispose]());

  const store = () => createMemoryStore(record.database);
  async function changeOf(
    memory: Memory,
    members: Partial<MemoryDraft>,
    at = "update",
  ): Promise<MemoryChange> {
    const [vector = new Float32Array()] = await testEmbedder.embed([members.text ?? ""]);
    return {
      memoryId: memory.id,
      draft: draftOf("", members),
      fields: new Set(Object.keys(members) as DraftField[]),
      etag: memory.etag,
      at,
      embedding:
        members.text === undefined
          ? undefined
          : { vector, model: testEmbedder.model, isQuestion: false, hasTime: false },
    };
  }
  const write = (changes: readonly MemoryChange[]) =>
    store().change(record.tenant, changes, {
      rpc: "BatchUpdateMemories",
      requestId: randomUUID(),
      body: new Uint8Array(),
    });
  const versionsOf = async ({ id: memoryId }: Memory) => {
    const listing = { memoryId, pageSize: 10, pageToken: "", knownAt: undefined };
    return (await store().versions(record.tenant, listing)).memories;
  };

  it("are found by what they say now when something else is said of the same", async () => {
    const memory = await toldMemory("slots");
    const {
      rows: [row],
    } = await record.admin.query<{ stream_id: string; audience: string }>(
      "select stream_id, audience from mneme.memories where id = $1",
      [memory.id],
    );
    const found = async (slot: string) => {
      const asked = { streamId: row?.stream_id ?? "", audience: row?.audience ?? "", slots: [slot] };
      return (await createIngestStore(record.database).findBySlots(record.tenant.tenantId, [asked]))[0];
    };
    await record.admin.query(
      "update mneme.memory_versions set indexed_revision = revision where memory_id = $1",
      [memory.id],
    );
    await write([await changeOf(memory, { text: "Ada works at Equinor." })]);
    await record.admin.query(
      "update mneme.memory_versions set indexed_revision = revision where memory_id = $1",
      [memory.id],
    );
    expect(await found("self works_at")).toEqual([memory.id]);
    expect(await found("self lives_in")).toEqual([]);
  });

  /** One memory that was read out of what Ada said: where she lives. */
  async function toldMemory(userId: string): Promise<Memory> {
    const text = "Ada lives in Rome.";
    const { extraction } = await createConversationStore(record.database).accept(record.tenant, {
      scope: { userId },
      items: [
        {
          type: "turn",
          message: { role: "user", name: "Ada", text, toolCalls: [], toolCallId: undefined, sentAt: MARCH },
        },
      ],
      metadata: { channel: "chat" },
      request: { rpc: "AddMessages", requestId: randomUUID(), body: new Uint8Array() },
    });
    const extract = async ({ turns }: { turns: readonly { text: string; messageId: string }[] }) => ({
      statements: turns.map((turn) => ({
        ...contentOf(turn.text, turn.messageId).statement,
        entities: [
          { name: "Ada", type: "person" },
          { name: "Rome", type: "place" },
        ],
        relations: [{ source: "Ada", type: "lives_in", target: "Rome" }],
      })),
      dropped: [],
      summary: undefined,
    });
    const target = await targetOf(record, record.tenant.tenantId, extraction.id);
    const deps = { ...testIngest(record), extractor: { name: "test", version: "1", extract } };
    await ingestBatch(deps, target, { limit: 10, exclude: [] });
    const { memories } = await store().list(record.tenant, {
      scope: { userId },
      kinds: [],
      categories: [],
      showSuperseded: false,
      pageSize: 10,
      pageToken: "",
    });
    if (!memories[0]) throw new Error("nothing was read");
    return memories[0];
  }

  /** Until so many writers wait for a lock. */
  const isWaiting = (writers: number) =>
    expect
      .poll(async () => {
        const { rows } = await record.admin.query<{ count: string }>(
          `select count(*) from pg_stat_activity
           where datname = current_database() and usename = 'mneme_app' and wait_event_type = 'Lock'`,
        );
        return Number(rows[0]?.count);
      })
      .toBe(writers);

  /** What a memory tells, oldest knowledge first: type, target, validity, and whether that is what we know now. */
  async function relationsOf({ id }: Memory) {
    const content = new Content(record.cipher, record.tenant.tenantId);
    const { rows } = await record.admin.query<{
      type: string;
      name_ct: Buffer;
      valid_from: Date;
      valid_to: Date | null;
      known: boolean;
    }>(
      `select r.type, t.name_ct, r.valid_from, r.valid_to, r.recorded_to is null as known
       from mneme.relations r join mneme.memory_entities t on t.entity_id = r.target_entity_id and t.memory_id = r.memory_id
       where r.memory_id = $1 order by r.recorded_from`,
      [id],
    );
    return Promise.all(
      rows.map(async ({ name_ct, ...rest }) => ({
        ...rest,
        target: await content.openText("memory_entities.name", name_ct),
      })),
    );
  }

  it("tells nothing of the graph any more by a text that is to bring none", async () => {
    const before = await toldMemory("without graph");
    expect(await relationsOf(before)).toMatchObject([{ known: true }]);
    const change = await changeOf(before, { text: "Ada lives in Milan." });
    const { memories } = await write([{ ...change, withoutGraph: true }]);
    expect(memories).toMatchObject([{ text: "Ada lives in Milan.", entities: [] }]);
    expect(await relationsOf(before)).toMatchObject([{ known: false }]);
  });

  it("leaves the etag of a version what it was while it was current", async () => {
    const [before] = await seedMemories(record, record.tenant, { userId: "etag" }, ["Etag thing"]);
    if (!before) throw new Error("nothing was seeded");
    const { memories } = await write([await changeOf(before, { category: "work" })]);
    const etags = (await versionsOf(before)).map(({ etag }) => etag);
    expect(etags).toEqual([memories[0]?.etag, before.etag]);
    expect(new Set(etags).size).toBe(2);
  });

  it("writes nothing that a memory holds already, and answers with it as it is", async () => {
    const held = {
      text: "Bo owns a canoe.",
      category: "leisure",
      importance: 0.3,
      metadata: { seats: 2, color: "red" },
      validFrom: MARCH,
      validTo: MAY,
      expiresAt: new Date("2200-01-01"),
    };
    const [same, other] = await seedMemories(record, record.tenant, { userId: "same" }, [
      draftOf("", held),
      draftOf("Bo rows."),
    ]);
    if (!same || !other) throw new Error("nothing was seeded");
    const alone = await write([await changeOf(same, { ...held, metadata: { color: "red", seats: 2 } })]);
    expect(alone.memories).toEqual([same]);
    expect(await versionsOf(same)).toHaveLength(1);
    const { rows } = await record.admin.query<{ revision: string }>(
      "select revision from mneme.memory_versions where memory_id = $1",
      [same.id],
    );
    expect(alone.revision).toBe(BigInt(rows[0]?.revision ?? 0));
    const both = await write([
      await changeOf(other, { text: "Bo rows a lot." }),
      await changeOf(same, { category: "leisure", importance: 0.3 }),
    ]);
    expect(both.memories).toMatchObject([{ id: other.id, version: 2 }, same]);
    const stale = { ...(await changeOf(same, { category: "leisure" })), etag: other.etag };
    await expect(write([stale])).rejects.toMatchObject({ reason: "ETAG_MISMATCH" });
  });

  it("reads a new text anew: what it mentions and tells is what it says", async () => {
    const before = await toldMemory("anew");
    const { memories } = await write([await changeOf(before, { text: "Ada works at Bosch." })]);
    expect(memories[0]).toMatchObject({
      category: before.category,
      metadata: { channel: "chat" },
      entities: [
        { name: "Ada", type: "person" },
        { name: "Bosch", type: "organization" },
      ],
    });
    expect((await versionsOf(before))[1]?.entities).toEqual(before.entities);
    expect(await relationsOf(before)).toMatchObject([
      { type: "lives_in", target: "Rome", known: false },
      { type: "works_at", target: "Bosch", known: true },
    ]);
  });

  it("reads new texts before it locks anything, once who speaks where they were said", async () => {
    const seeded = await seedMemories(record, record.tenant, { userId: "many" }, ["One", "Two", "Three"]);
    const stream = `(select stream_id from mneme.memories where id = '${seeded[0]?.id}')`;
    const speakers = await record.admin.query<{ participants_ct: Buffer }>(
      `update mneme.streams s set participants_ct = o.participants_ct from mneme.streams o
       where s.id = ${stream} and o.participants_ct is not null returning o.participants_ct`,
    );
    expect(speakers.rowCount).toBe(1);
    const held = await record.admin.connect();
    const opened: string[] = [];
    const { database } = record;
    const open: typeof database.cipher.open = (tenantId, context, sealed) => {
      opened.push(context);
      return database.cipher.open(tenantId, context, sealed);
    };
    try {
      await held.query("begin");
      await held.query("select from mneme.memories where id = $1 for update", [seeded[0]?.id]);
      const changes = await Promise.all(seeded.map((each) => changeOf(each, { text: `${each.text} of us` })));
      const request = { rpc: "BatchUpdateMemories", requestId: randomUUID(), body: new Uint8Array() };
      const watched = createMemoryStore({ ...database, cipher: { ...database.cipher, open } });
      const written = watched.change(record.tenant, changes, request);
      await isWaiting(1);
      const before = opened.splice(0);
      expect(before.filter((context) => context === "streams.participants")).toHaveLength(1);
      await held.query("commit");
      expect((await written).memories).toHaveLength(3);
      expect(opened).not.toContain("streams.participants");
    } finally {
      held.release(true);
    }
  });

  it("reads no text for a request that is done, and none after the caller has gone", async () => {
    const texts = Array.from({ length: 5 }, (_, i) => `Gone thing number ${i}`);
    const seeded = await seedMemories(record, record.tenant, { userId: "gone" }, texts);
    const { database } = record;
    const caller = new AbortController();
    const onOpen = { gives: () => caller.abort() };
    let opened = 0;
    const open: typeof database.cipher.open = (tenantId, context, sealed) => {
      if (context === "memory_versions.text") {
        opened += 1;
        onOpen.gives();
      }
      return database.cipher.open(tenantId, context, sealed);
    };
    const watched = createMemoryStore({ ...database, cipher: { ...database.cipher, open } });
    const changes = await Promise.all(seeded.map((each) => changeOf(each, { text: `${each.text}, long` })));
    const request = { rpc: "BatchUpdateMemories", requestId: randomUUID(), body: new Uint8Array() };
    await expect(watched.change(record.tenant, changes, request, caller.signal)).rejects.toThrow();
    expect(opened).toBe(1);
    onOpen.gives = () => undefined;
    const first = await watched.change(record.tenant, changes, request);
    opened = 0;
    expect(await watched.change(record.tenant, changes, request)).toEqual(first);
    // Those of the answer.
    expect(opened).toBe(seeded.length);
  });

  it("reads a text again where the memory was changed since", async () => {
    const before = await toldMemory("overtaken");
    const held = await record.admin.connect();
    try {
      await held.query("begin");
      await held.query("select from mneme.memories where id = $1 for update", [before.id]);
      const first = write([await changeOf(before, { text: "Ada works at Bosch." })]);
      await isWaiting(1);
      const second = write([{ ...(await changeOf(before, { text: "Bosch pleases Ada." })), etag: "" }]);
      await isWaiting(2);
      await held.query("commit");
      await first;
      // Only the version between tells that Bosch is no person and no place.
      expect((await second).memories[0]?.entities).toContainEqual({ name: "Bosch", type: "organization" });
    } finally {
      held.release(true);
    }
  });

  it("lets what a memory tells hold as long as the memory does", async () => {
    const before = await toldMemory("moved");
    await write([await changeOf(before, { validTo: MAY, importance: 1 })]);
    expect(await relationsOf(before)).toMatchObject([
      { target: "Rome", valid_from: before.validFrom, valid_to: null, known: false },
      { target: "Rome", valid_from: before.validFrom, valid_to: MAY, known: true },
    ]);
    const [now] = await store().get(record.tenant, [before.id]);
    await write([await changeOf(now ?? before, { importance: 0.1 })]);
    expect(await relationsOf(before)).toHaveLength(2);
  });

  it("says which of many changes ends before it begins", async () => {
    const seeded = await seedMemories(record, record.tenant, { userId: "ends" }, ["One thing", "Two things"]);
    const ends = { validTo: new Date("1999-01-01") };
    const changes = [
      await changeOf(seeded[0] as Memory, { category: "work" }, "updates[0]"),
      await changeOf(seeded[1] as Memory, ends, "updates[1]"),
    ];
    await expect(write(changes)).rejects.toMatchObject({
      reason: "FIELD_INVALID",
      fields: [{ field: "updates[1].memory.valid_to" }],
    });
  });
});
