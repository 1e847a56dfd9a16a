import { randomUUID } from "node:crypto";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import type { MemoryDraft } from "@mneme/core/memory/memory.ts";
import type { ProfileReading } from "@mneme/core/profile/profile-store.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMemoryStore } from "./memory-store.ts";
import { createProfileStore } from "./profile-store.ts";
import type { Provisioned } from "./provision.ts";
import { seedMemories, testEmbedder } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

describe("profile store", () => {
  let record: TestRecord;
  let tenant: Provisioned;
  beforeAll(async () => {
    record = await openTestRecord("profile_store");
    tenant = record.tenant;
  });
  afterAll(() => record[Symbol.asyncDispose]());

  const draft = (text: string, members: Partial<MemoryDraft> = {}) => ({ ...draftOf(text), ...members });
  const seed = (scope: Scope, ...drafts: (MemoryDraft | string)[]) =>
    seedMemories(record, tenant, scope, drafts);
  const read = (scope: Scope, members: Partial<ProfileReading> = {}, of = tenant) =>
    createProfileStore(record.database).read(of, {
      scope,
      kinds: [],
      categories: [],
      asOf: undefined,
      knownAt: undefined,
      limit: 100,
      ...members,
    });
  const textsOf = async (...of: Parameters<typeof read>) => {
    const { memories, total } = await read(...of);
    expect(total).toBeGreaterThanOrEqual(memories.length);
    return memories.map(({ text }) => text).sort();
  };

  it("reads a person's memories with the messages that say them, whatever session they were said in", async () => {
    const [one] = await seed({ userId: "ada", sessionId: "monday" }, "Ada sails.");
    await seed({ userId: "ada", sessionId: "friday" }, "Ada sails.", "Ada paints.");
    const { memories, total } = await read({ userId: "ada", sessionId: "monday" });
    expect(total).toBe(2);
    const sails = memories.find(({ text }) => text === "Ada sails.");
    expect(sails).toMatchObject({ id: one?.id, kind: "semantic", origin: "stated", metadata: {} });
    expect(sails?.sources).toHaveLength(2);
    expect(sails?.sources[0]).toEqual({
      messageId: one?.sources[0]?.messageId,
      sentAt: new Date("2026-03-01T10:00:00Z"),
    });
  });

  it("restricts to the agent, the kinds and the categories that are asked for", async () => {
    await seed({ userId: "bo", agentId: "coach" }, draft("Bo runs.", { category: "hobbies" }));
    await seed(
      { userId: "bo", agentId: "chef" },
      draft("Bo bakes.", { category: "food" }),
      draft("Bo whisks first.", { kind: "procedural" }),
    );
    expect(await textsOf({ userId: "bo" })).toEqual(["Bo bakes.", "Bo runs.", "Bo whisks first."]);
    expect(await textsOf({ userId: "bo", agentId: "coach" })).toEqual(["Bo runs."]);
    expect(await textsOf({ userId: "bo" }, { categories: ["food"] })).toEqual(["Bo bakes."]);
    expect(await textsOf({ userId: "bo" }, { kinds: ["procedural"] })).toEqual(["Bo whisks first."]);
    expect(await textsOf({ userId: "bo", agentId: "unknown" })).toEqual([]);
  });

  it("leaves out events, but for those that tell who somebody is", async () => {
    const event = (text: string, category: string) => draft(text, { kind: "episodic", category });
    await seed({ userId: "cy" }, event("Cy moved to Lisbon.", "Home"), event("Cy saw a film.", "hobbies"));
    expect(await textsOf({ userId: "cy" })).toEqual(["Cy moved to Lisbon."]);
  });

  it("takes of each category the most important, all categories alike", async () => {
    const jobs = Array.from({ length: 8 }, (_, i) =>
      draft(`Dee had job ${i}.`, { category: "work", importance: 0.5 + i / 20 }),
    );
    await seed(
      { userId: "dee" },
      ...jobs,
      draft("Dee has a sister.", { category: "family", importance: 0.1 }),
    );
    const { memories, total } = await read({ userId: "dee" }, { limit: 3 });
    expect(memories.map(({ text }) => text).sort()).toEqual([
      "Dee had job 6.",
      "Dee had job 7.",
      "Dee has a sister.",
    ]);
    expect(total).toBe(9);
  });

  it("is right the moment after a write, and knows what was so and known before", async () => {
    const [memory] = await seed(
      { userId: "eve" },
      draft("Eve lives in Rome.", { validFrom: new Date("2020-01-01") }),
      draft("Eve studied in Bonn.", { validFrom: new Date("2010-01-01"), validTo: new Date("2015-01-01") }),
    );
    const before = memory?.recordedFrom as Date;
    expect(await textsOf({ userId: "eve" })).toEqual(["Eve lives in Rome."]);
    const text = "Eve lives in Oslo.";
    const [vector] = await testEmbedder.embed([text]);
    const embedding = { vector: vector as Float32Array, model: "test", isQuestion: false, hasTime: false };
    await createMemoryStore(record.database).change(
      tenant,
      [
        {
          memoryId: memory?.id as string,
          draft: draftOf(text),
          fields: new Set(["text"] as const),
          etag: "",
          at: "update",
          embedding,
        },
      ],
      { rpc: "UpdateMemory", requestId: randomUUID(), body: new Uint8Array() },
    );
    expect(await textsOf({ userId: "eve" })).toEqual([text]);
    expect(await textsOf({ userId: "eve" }, { knownAt: before })).toEqual(["Eve lives in Rome."]);
    expect(await textsOf({ userId: "eve" }, { asOf: new Date("2012-06-01") })).toEqual([
      "Eve studied in Bonn.",
    ]);
    expect(await textsOf({ userId: "eve" }, { asOf: new Date("2000-01-01") })).toEqual([]);
  });

  it("shows nothing that is deleted or expired, of a fenced person, or of another tenant's", async () => {
    const [gone] = await seed({ userId: "fay" }, "Fay dives.", "Fay reads.");
    await createMemoryStore(record.database).delete(tenant, [{ memoryId: gone?.id as string, etag: "" }], {
      rpc: "DeleteMemory",
      requestId: randomUUID(),
      body: new Uint8Array(),
    });
    expect(await textsOf({ userId: "fay" })).toEqual(["Fay reads."]);
    expect(await textsOf({ userId: "fay" }, {}, await record.provision("stranger"))).toEqual([]);
    const set = (table: string, change: string) =>
      record.admin.query(
        `update mneme.${table} t set ${change} from mneme.memories m where m.id = $1 and t.tenant_id = m.tenant_id
         and t.id = m.${table === "subjects" ? "subject_id" : "id"}`,
        [reads],
      );
    const { memories } = await read({ userId: "fay" });
    const reads = memories[0]?.id;
    await set("memories", "expires_at = now()");
    expect(await textsOf({ userId: "fay" })).toEqual([]);
    expect(await textsOf({ userId: "fay" }, { knownAt: new Date() })).toEqual([]);
    await set("memories", "expires_at = null");
    expect(await textsOf({ userId: "fay" })).toEqual(["Fay reads."]);
    await set("subjects", "state = 'fenced'");
    expect(await textsOf({ userId: "fay" })).toEqual([]);
  });

  it("knows which memories tell of the same attribute, and who speaks", async () => {
    await seed({ userId: "hal", agentId: "coach" }, "The user lives in Rome.");
    await seed({ userId: "hal", agentId: "chef" }, "The user lives in Oslo.", "The user owns a boat.");
    const { memories, participants } = await read({ userId: "hal" });
    const slotsOf = (text: string) => memories.find((memory) => memory.text === text)?.slots;
    expect(slotsOf("The user lives in Rome.")).toEqual(["self lives_in"]);
    expect(slotsOf("The user lives in Oslo.")).toEqual(["self lives_in"]);
    expect(slotsOf("The user owns a boat.")).toEqual([]);
    expect(participants).toEqual([]);
  });

  it("leaves out what is damaged, and says so", async () => {
    const [broken] = await seed({ userId: "gus" }, "Gus hums.", "Gus whistles.");
    await record.admin.query(
      "update mneme.memory_versions set text_ct = set_byte(text_ct, octet_length(text_ct) - 1, 255 - get_byte(text_ct, octet_length(text_ct) - 1)) where memory_id = $1",
      [broken?.id],
    );
    const damaged: string[] = [];
    const store = createProfileStore(record.database, { onDamaged: (memoryId) => damaged.push(memoryId) });
    const reading = {
      scope: { userId: "gus" },
      kinds: [],
      categories: [],
      asOf: undefined,
      knownAt: undefined,
      limit: 9,
    };
    const { memories } = await store.read(tenant, reading);
    expect(memories.map(({ text }) => text)).toEqual(["Gus whistles."]);
    expect(damaged).toEqual([broken?.id]);
  });
});
