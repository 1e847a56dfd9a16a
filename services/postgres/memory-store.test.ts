import { randomUUID } from "node:crypto";
import { ANSWER_BYTES } from "@mneme/core/answer-bytes.ts";
import { MnemeError } from "@mneme/core/errors.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import type { MemoryChange } from "@mneme/core/memory/memory-store.ts";
import { normalizeStatement } from "@mneme/core/memory/normalize.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConversationStore } from "./conversation-store.ts";
import { sourcesQuery } from "./memory-rows.ts";
import { createMemoryStore } from "./memory-store.ts";
import type { Provisioned } from "./provision.ts";
import { openReader } from "./read-together.ts";
import { seedMemories, testEmbedder, workBucketOf } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

const NOBODY = "0198b7a0-0000-7000-8000-000000000000";

describe("memory store", () => {
  let record: TestRecord;
  let tenant: Provisioned;
  let other: Provisioned;
  const store = () => createMemoryStore(record.database);

  beforeAll(async () => {
    record = await openTestRecord("memory_store");
    tenant = record.tenant;
    other = await record.provision("other");
  });
  afterAll(() => record[Symbol.asyncDispose]());

  const write = (rpc = "UpdateMemory", body = "", requestId: string = randomUUID()) => ({
    rpc,
    requestId,
    body: Buffer.from(body),
  });
  const listing = (userId: string, members: object = {}) => ({
    scope: { userId },
    kinds: [],
    categories: [],
    showSuperseded: false,
    pageSize: 50,
    pageToken: "",
    ...members,
  });
  const count = async (text: string, values: unknown[]) =>
    Number((await record.admin.query<{ n: string }>(`select count(*) as n from ${text}`, values)).rows[0]?.n);
  const fence = (userId: string, state: "fenced" | "active") =>
    record.cipher
      .mac(tenant.tenantId, macKeyId, "user", userId)
      .then((mac) =>
        record.admin.query("update mneme.subjects set state = $1 where user_mac = $2", [state, mac]),
      );
  let macKeyId: string;
  beforeAll(async () => {
    const { rows } = await record.admin.query<{ mac_key_id: string }>(
      "select mac_key_id from mneme.tenants where id = $1",
      [tenant.tenantId],
    );
    macKeyId = rows[0]?.mac_key_id ?? "";
  });
  async function changeOf(memoryId: string, text: string, etag = ""): Promise<MemoryChange> {
    const [vector] = await testEmbedder.embed([text]);
    if (!vector) throw new Error("no vector");
    const embedding = { vector, model: testEmbedder.model, isQuestion: false, hasTime: false };
    return { memoryId, draft: draftOf(text), fields: new Set(["text"]), etag, at: "update", embedding };
  }

  describe("reads", () => {
    it("opens a memory whole, in the application's own ids", async () => {
      const scope = { userId: "ada@example.com", agentId: "planner", sessionId: "s1" };
      const [memory] = await seedMemories(record, tenant, scope, [
        draftOf("Ada owns a canoe.", {
          category: "leisure",
          kind: "episodic",
          importance: 0.9,
          metadata: { color: "red", seats: 2, sold: false },
        }),
      ]);
      expect(memory).toMatchObject({
        text: "Ada owns a canoe.",
        scope,
        category: "leisure",
        kind: "episodic",
        importance: 0.9,
        metadata: { color: "red", seats: 2, sold: false },
        version: 1,
        outcome: "add",
        embeddingModel: "test",
        recordedTo: undefined,
        replacedBy: undefined,
        expiresAt: undefined,
      });
      expect(memory?.sources).toEqual([
        expect.objectContaining({
          role: "user",
          text: "Ada owns a canoe.",
          sentAt: new Date("2026-03-01T10:00:00Z"),
        }),
      ]);
    });

    it("answers in the order asked for and leaves out what is not there", async () => {
      const [a, b] = await seedMemories(record, tenant, { userId: "order" }, ["First thing", "Second thing"]);
      const found = await store().get(tenant, [b?.id ?? "", NOBODY, a?.id ?? ""]);
      expect(found.map(({ id }) => id)).toEqual([b?.id, a?.id]);
    });

    it("shows nothing to another tenant", async () => {
      const [memory] = await seedMemories(record, tenant, { userId: "private" }, ["Private thing"]);
      const id = memory?.id ?? "";
      expect(await store().get(other, [id])).toEqual([]);
      expect((await store().list(other, listing("private"))).memories).toEqual([]);
      const versions = { memoryId: id, pageSize: 10, pageToken: "", knownAt: undefined };
      await expect(store().versions(other, versions)).rejects.toMatchObject({ reason: "MEMORY_NOT_FOUND" });
      // The other tenant's id with this tenant's project: the database refuses on its own.
      const crossed = { tenantId: other.tenantId, projectId: tenant.projectId };
      await expect(store().get(crossed, [id])).rejects.toThrow();
    });

    it("shows nothing of a fenced person, and nothing expired", async () => {
      const soon = new Date(Date.now() - 1_000);
      const [kept] = await seedMemories(record, tenant, { userId: "fenced" }, ["Fenced thing"]);
      await seedMemories(record, tenant, { userId: "fenced" }, [draftOf("Old offer", { expiresAt: soon })]);
      const id = kept?.id ?? "";
      for (const showSuperseded of [false, true]) {
        const { memories } = await store().list(tenant, listing("fenced", { showSuperseded }));
        expect(memories.map(({ text }) => text)).toEqual(["Fenced thing"]);
      }
      await fence("fenced", "fenced");
      expect(await store().get(tenant, [id])).toEqual([]);
      expect((await store().list(tenant, listing("fenced"))).memories).toEqual([]);
      const versions = { memoryId: id, pageSize: 10, pageToken: "", knownAt: undefined };
      await expect(store().versions(tenant, versions)).rejects.toMatchObject({ reason: "MEMORY_NOT_FOUND" });
      await expect(store().change(tenant, [await changeOf(id, "x")], write())).rejects.toMatchObject({
        reason: "SUBJECT_FENCED",
      });
      await expect(
        store().delete(tenant, [{ memoryId: id, etag: "" }], write("DeleteMemory")),
      ).rejects.toMatchObject({ reason: "SUBJECT_FENCED" });
      await expect(
        store().deleteAll(tenant, { userId: "fenced" }, write("DeleteAllMemories")),
      ).rejects.toMatchObject({ reason: "SUBJECT_FENCED" });
      await fence("fenced", "active");
      expect(await store().get(tenant, [id])).toHaveLength(1);
    });
  });

  describe("pages", () => {
    it("walks all memories once, newest first", async () => {
      const texts = Array.from({ length: 7 }, (_, i) => `Page thing number ${i}`);
      const seeded = await seedMemories(record, tenant, { userId: "pages" }, texts);
      const seen: string[] = [];
      let pageToken = "";
      do {
        const page = await store().list(tenant, listing("pages", { pageSize: 3, pageToken }));
        seen.push(...page.memories.map(({ id }) => id));
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      expect(seen).toEqual(
        seeded
          .map(({ id }) => id)
          .sort()
          .reverse(),
      );
    });

    it("ends a page early where its memories would be too large for one message", async () => {
      const drafts = Array.from({ length: 220 }, (_, i) => draftOf(`${i} ${"long ".repeat(1_600)}`));
      const wide = "\u{1f41d}".repeat(256);
      const scope = { userId: "long", agentId: wide, appId: wide, teamId: wide, sessionId: wide };
      const seeded = await seedMemories(record, tenant, scope, drafts);
      const first = await store().list(tenant, listing("long", { pageSize: 250 }));
      const { nextPageToken: pageToken } = first;
      const second = await store().list(tenant, listing("long", { pageSize: 250, pageToken }));
      expect(Buffer.byteLength(JSON.stringify(first.memories))).toBeLessThanOrEqual(ANSWER_BYTES);
      expect(second.nextPageToken).toBe("");
      const walked = [...first.memories, ...second.memories].map(({ id }) => id);
      expect(new Set(walked)).toEqual(new Set(seeded.map(({ id }) => id)));
      expect(walked).toHaveLength(seeded.length);
    });

    it("reads or changes no more at once than one message holds", async () => {
      const drafts = Array.from({ length: 220 }, (_, i) => draftOf(`${i} ${"wide ".repeat(1_600)}`));
      const ids = (await seedMemories(record, tenant, { userId: "wide" }, drafts)).map(({ id }) => id);
      const refused: unknown = await store()
        .get(tenant, [NOBODY, ...ids])
        .catch((error) => error);
      expect(refused).toMatchObject({ kind: "resource_exhausted", reason: "MESSAGE_TOO_LARGE" });
      const fitting = Number(refused instanceof MnemeError && refused.metadata.fitting);
      expect(await store().get(tenant, [NOBODY, ...ids].slice(0, fitting))).toHaveLength(fitting - 1);
      const changes = ids.map((memoryId) => ({
        memoryId,
        draft: draftOf("", { category: "wide" }),
        fields: new Set(["category"] as const),
        etag: "",
        at: "updates",
        embedding: undefined,
      }));
      const { memories } = await store().change(tenant, changes, write("BatchUpdateMemories"));
      expect(memories.map(({ id }) => id)).toEqual(ids.slice(0, memories.length));
      expect(memories.length).toBeGreaterThanOrEqual(fitting - 1);
      expect(memories.length).toBeLessThan(ids.length);
      const changed = "mneme.memory_versions where category = 'wide' and memory_id = any ($1)";
      expect(await count(changed, [ids])).toBe(ids.length);
    });

    it("answers with a memory of the longest turns whole, and with one of them at a time", async () => {
      const scope = { userId: "longest" };
      const memories = await seedMemories(record, tenant, scope, ["Ida is tall", "Ida is fast"]);
      const ids = memories.map(({ id }) => id);
      const message = {
        role: "user",
        name: "Ida",
        text: "x".repeat(128 * 1024),
        toolCalls: [],
        toolCallId: undefined,
        sentAt: new Date(),
      } as const;
      const { messageIds } = await createConversationStore(record.database).accept(tenant, {
        scope,
        items: Array.from({ length: 20 }, () => ({ type: "turn", message })),
        metadata: {},
        request: write("AddMessages"),
      });
      await record.admin.query(
        `insert into mneme.memory_sources
         select $1, m.id, t.place, t.id, 0, 9
         from unnest($2::uuid[]) as m (id), unnest($3::uuid[]) with ordinality as t (id, place)`,
        [tenant.tenantId, ids, messageIds],
      );
      const [one] = await store().get(tenant, ids.slice(0, 1));
      expect(one?.sources.filter(({ text }) => text === message.text)).toHaveLength(19);
      expect(Buffer.byteLength(JSON.stringify(one))).toBeLessThan(ANSWER_BYTES);
      await expect(store().get(tenant, ids)).rejects.toMatchObject({ metadata: { fitting: "1" } });
      const query = sourcesQuery(tenant.tenantId, ids, { maxBytes: ANSWER_BYTES });
      const [read] = await (await openReader(record.database, tenant)).read([query]);
      expect(read.reduce((sum, { body_ct }) => sum + (body_ct?.length ?? 0), 0)).toBeLessThan(ANSWER_BYTES);
      const page = await store().list(tenant, listing("longest"));
      const rest = await store().list(tenant, listing("longest", { pageToken: page.nextPageToken }));
      expect([page, rest].map((each) => each.memories.length)).toEqual([1, 1]);
    });

    it("filters by kind and category", async () => {
      await seedMemories(record, tenant, { userId: "kinds" }, [
        draftOf("Kind one", { kind: "episodic", category: "work" }),
        draftOf("Kind two", { kind: "semantic", category: "work" }),
        draftOf("Kind three", { kind: "semantic", category: "home" }),
      ]);
      const texts = async (members: object) =>
        (await store().list(tenant, listing("kinds", members))).memories.map(({ text }) => text).sort();
      expect(await texts({ kinds: ["episodic"] })).toEqual(["Kind one"]);
      expect(await texts({ categories: ["work"] })).toEqual(["Kind one", "Kind two"]);
      expect(await texts({ kinds: ["semantic"], categories: ["work"] })).toEqual(["Kind two"]);
    });

    it("refuses tokens that are broken, another tenant's, or of other filters", async () => {
      await seedMemories(record, tenant, { userId: "tokens" }, ["Token one", "Token two"]);
      await seedMemories(record, other, { userId: "tokens" }, ["Token one", "Token two"]);
      const mine = (await store().list(tenant, listing("tokens", { pageSize: 1 }))).nextPageToken;
      const foreign = (await store().list(other, listing("tokens", { pageSize: 1 }))).nextPageToken;
      const bent = `${mine.slice(0, -2)}${mine.endsWith("A") ? "BB" : "AA"}`;
      const refused = [
        listing("tokens", { pageToken: "x" }),
        listing("tokens", { pageToken: "not a token at all, and rather long for one" }),
        listing("tokens", { pageToken: bent }),
        listing("tokens", { pageToken: foreign }),
        listing("tokens", { pageToken: mine, kinds: ["episodic"] }),
        listing("tokens", { pageToken: mine, showSuperseded: true }),
        listing("tokens", { pageToken: mine, asOf: new Date() }),
        listing("tokens", { pageToken: mine, knownAt: new Date() }),
        listing("pages", { pageToken: mine }),
      ];
      for (const one of refused) {
        await expect(store().list(tenant, one)).rejects.toMatchObject({ reason: "PAGE_TOKEN_INVALID" });
      }
      expect((await store().list(tenant, listing("tokens", { pageToken: mine }))).memories).toHaveLength(1);
    });
  });

  describe("change", () => {
    it("writes the next version and ends the one before it at the same moment", async () => {
      const [before] = await seedMemories(record, tenant, { userId: "change" }, [
        draftOf("Change: lives in Rome", { metadata: { a: 1 } }),
      ]);
      const id = before?.id ?? "";
      const result = await store().change(tenant, [await changeOf(id, "Change: lives in Milan")], write());
      expect(result.memories).toEqual([
        expect.objectContaining({
          id,
          version: 2,
          text: "Change: lives in Milan",
          outcome: "update",
          extractor: "api",
          metadata: { a: 1 },
        }),
      ]);
      expect(result.memories[0]?.etag).not.toBe(before?.etag);
      const { memories } = await store().versions(tenant, {
        memoryId: id,
        pageSize: 10,
        pageToken: "",
        knownAt: undefined,
      });
      expect(memories.map(({ text, version }) => [version, text])).toEqual([
        [2, "Change: lives in Milan"],
        [1, "Change: lives in Rome"],
      ]);
      expect(memories[1]?.recordedTo).toEqual(memories[0]?.recordedFrom);
      expect(memories[0]?.recordedTo).toBeUndefined();
      const rows = await record.admin.query<{
        revision: string;
        indexed_revision: string;
        window_ct: Buffer;
      }>("select revision, indexed_revision, window_ct from mneme.memory_versions where memory_id = $1", [
        id,
      ]);
      expect(rows.rows.every((row) => BigInt(row.indexed_revision) < BigInt(row.revision))).toBe(true);
      expect(rows.rows.every((row) => BigInt(row.revision) <= result.revision)).toBe(true);
      const known = await store().versions(tenant, {
        memoryId: id,
        pageSize: 10,
        pageToken: "",
        knownAt: new Date((memories[0]?.recordedFrom.getTime() ?? 0) - 1),
      });
      expect(known.memories.map(({ version }) => version)).toEqual([1]);
    });

    it("changes only the fields of the mask and keeps the rest", async () => {
      const [memory] = await seedMemories(record, tenant, { userId: "mask" }, [
        draftOf("Mask thing", { category: "work", validTo: new Date("2030-01-01") }),
      ]);
      const draft = draftOf("ignored", { category: "home", importance: 0.1, metadata: { k: "v" } });
      const change: MemoryChange = {
        memoryId: memory?.id ?? "",
        draft,
        fields: new Set(["category", "metadata", "validTo"]),
        etag: "",
        at: "update",
        embedding: undefined,
      };
      const { memories } = await store().change(tenant, [change], write());
      expect(memories[0]).toMatchObject({
        text: "Mask thing",
        category: "home",
        importance: 0.5,
        metadata: { k: "v" },
        validTo: undefined,
      });
    });

    it("refuses a validity that ends before it begins", async () => {
      const [memory] = await seedMemories(record, tenant, { userId: "validity" }, ["Validity thing"]);
      const change: MemoryChange = {
        memoryId: memory?.id ?? "",
        draft: draftOf("", { validTo: new Date("1999-01-01") }),
        fields: new Set(["validTo"]),
        etag: "",
        at: "update",
        embedding: undefined,
      };
      await expect(store().change(tenant, [change], write())).rejects.toMatchObject({
        reason: "FIELD_INVALID",
      });
    });

    it("is all or none", async () => {
      const [a, b] = await seedMemories(record, tenant, { userId: "atomic" }, ["Atomic one", "Atomic two"]);
      const good = await changeOf(a?.id ?? "", "Atomic one, changed");
      const missing = await changeOf(NOBODY, "x");
      const stale = await changeOf(b?.id ?? "", "x", "not-its-etag");
      await expect(store().change(tenant, [good, missing], write())).rejects.toMatchObject({
        kind: "not_found",
        reason: "MEMORY_NOT_FOUND",
        metadata: { memory_id: NOBODY },
      });
      await expect(store().change(tenant, [good, stale], write())).rejects.toMatchObject({
        kind: "aborted",
        reason: "ETAG_MISMATCH",
      });
      expect(await store().get(tenant, [a?.id ?? ""])).toEqual([a]);
    });

    it("lets one of two writers with the same etag win", async () => {
      const [memory] = await seedMemories(record, tenant, { userId: "race" }, ["Race thing"]);
      const id = memory?.id ?? "";
      const tries = await Promise.allSettled(
        ["Race one", "Race two"].map(async (text) =>
          store().change(tenant, [await changeOf(id, text, memory?.etag)], write()),
        ),
      );
      expect(tries.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      const lost = tries.find((one) => one.status === "rejected");
      expect(lost?.reason).toMatchObject({ reason: "ETAG_MISMATCH" });
    });

    it("does a repeated request once, also when both come at once", async () => {
      const [memory] = await seedMemories(record, tenant, { userId: "repeat" }, ["Repeat thing"]);
      const id = memory?.id ?? "";
      const change = await changeOf(id, "Repeat thing, changed");
      const request = write("UpdateMemory", "body");
      const [one, two] = await Promise.all([
        store().change(tenant, [change], request),
        store().change(tenant, [change], request),
      ]);
      expect(two).toEqual(one);
      expect(one.memories[0]?.version).toBe(2);
      expect(await count("mneme.memory_versions where memory_id = $1", [id])).toBe(2);
      await expect(
        store().change(tenant, [change], { ...request, body: Buffer.from("another") }),
      ).rejects.toMatchObject({ reason: "REQUEST_ID_REUSED" });
    });

    it("does not find another tenant's memory", async () => {
      const [memory] = await seedMemories(record, tenant, { userId: "foreign" }, ["Foreign thing"]);
      await expect(
        store().change(other, [await changeOf(memory?.id ?? "", "x")], write()),
      ).rejects.toMatchObject({ reason: "MEMORY_NOT_FOUND" });
      await expect(
        store().delete(other, [{ memoryId: memory?.id ?? "", etag: "" }], write("DeleteMemory")),
      ).rejects.toMatchObject({ reason: "MEMORY_NOT_FOUND" });
      expect(await store().get(tenant, [memory?.id ?? ""])).toHaveLength(1);
    });
  });

  describe("delete", () => {
    it("leaves nothing but keyed tombstones of all versions", async () => {
      const scope = { userId: "delete" };
      const [memory] = await seedMemories(record, tenant, scope, ["Delete me, please."]);
      const id = memory?.id ?? "";
      await store().change(tenant, [await changeOf(id, "Delete me now.")], write());
      expect(await store().delete(tenant, [{ memoryId: id, etag: "" }], write("DeleteMemory"))).toBe(1);
      for (const table of [
        "memory_versions",
        "memory_sources",
        "memory_entities",
        "memory_derivations",
        "relations",
        "extraction_memories",
      ]) {
        expect([table, await count(`mneme.${table} where memory_id = $1`, [id])]).toEqual([table, 0]);
      }
      expect(await count("mneme.memories where id = $1", [id])).toBe(0);
      expect(await count("mneme.index_removals where memory_id = $1", [id])).toBe(1);
      for (const text of ["Delete me, please.", "Delete me now."]) {
        const mac = await record.cipher.mac(tenant.tenantId, macKeyId, "statement", normalizeStatement(text));
        expect(await count("mneme.tombstones where text_mac = $1", [mac])).toBe(1);
      }
      expect(await seedMemories(record, tenant, scope, ["DELETE ME NOW"])).toEqual([]);
    });

    it("is all or none, checks etags, and answers a repetition alike", async () => {
      const [a, b] = await seedMemories(record, tenant, { userId: "gone" }, ["Gone one", "Gone two"]);
      const targets = [a, b].map((memory) => ({ memoryId: memory?.id ?? "", etag: "" }));
      const remove = (list: typeof targets, request = write("BatchDeleteMemories")) =>
        store().delete(tenant, list, request);
      await expect(remove([...targets, { memoryId: NOBODY, etag: "" }])).rejects.toMatchObject({
        reason: "MEMORY_NOT_FOUND",
      });
      await expect(remove([{ memoryId: a?.id ?? "", etag: "stale" }])).rejects.toMatchObject({
        reason: "ETAG_MISMATCH",
      });
      const request = write("BatchDeleteMemories", "ids");
      expect(await Promise.all([remove(targets, request), remove(targets, request)])).toEqual([2, 2]);
      await expect(remove(targets)).rejects.toMatchObject({ reason: "MEMORY_NOT_FOUND" });
    });
  });

  describe("deleteAll", () => {
    it("deletes a scope in steps, nobody else's, and nothing that came later", async () => {
      const texts = Array.from({ length: 620 }, (_, i) => `Many things, of which this is ${i}`);
      await seedMemories(record, tenant, { userId: "many", agentId: "a" }, texts.slice(0, 600));
      await seedMemories(record, tenant, { userId: "many", agentId: "b" }, texts.slice(600));
      await seedMemories(record, tenant, { userId: "few" }, ["Few things"]);
      const request = write("DeleteAllMemories", "many");
      const both = await Promise.all([
        store().deleteAll(tenant, { userId: "many", agentId: "a" }, request),
        store().deleteAll(tenant, { userId: "many", agentId: "a" }, request),
      ]);
      expect(both).toEqual([600, 600]);
      expect((await store().list(tenant, listing("many"))).memories).toHaveLength(20);
      expect((await store().list(tenant, listing("few"))).memories).toHaveLength(1);
      await seedMemories(record, tenant, { userId: "many", agentId: "a" }, ["A new thing"]);
      expect(await store().deleteAll(tenant, { userId: "many", agentId: "a" }, request)).toBe(600);
      expect((await store().list(tenant, listing("many"))).memories).toHaveLength(21);
    });

    it("goes on where it was cut", async () => {
      const texts = Array.from({ length: 550 }, (_, i) => `Cut things, of which this is ${i}`);
      await seedMemories(record, tenant, { userId: "cut" }, texts);
      const request = write("DeleteAllMemories", "cut");
      const cutting = new AbortController();
      const removed = () =>
        count(
          "mneme.index_removals r where not exists (select from mneme.memories m where m.id = r.memory_id)",
          [],
        );
      const start = await removed();
      const first = store().deleteAll(tenant, { userId: "cut" }, request, cutting.signal);
      const watch = async () => {
        while ((await removed()) < start + 500);
        cutting.abort(new Error("cut"));
      };
      await Promise.all([first.catch(() => undefined), watch()]);
      expect(await store().deleteAll(tenant, { userId: "cut" }, request)).toBe(550);
      expect((await store().list(tenant, listing("cut"))).memories).toEqual([]);
    });

    it("finds nothing in a scope that nobody knows", async () => {
      expect(await store().deleteAll(tenant, { userId: "unknown" }, write("DeleteAllMemories"))).toBe(0);
    });
  });

  it("closes the extraction of a memory that was deleted before it was indexed", async () => {
    const [memory] = await seedMemories(record, tenant, { userId: "early" }, ["Early thing"]);
    await store().delete(tenant, [{ memoryId: memory?.id ?? "", etag: "" }], write("DeleteMemory"));
    await workBucketOf(record, tenant.tenantId, memory?.extractionId ?? "");
    expect(await count("mneme.index_removals where memory_id = $1", [memory?.id])).toBe(0);
  });
});
