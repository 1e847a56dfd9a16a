import { createRouterTransport } from "@connectrpc/connect";
import { beforeEach, describe, expect, it } from "vitest";
import { InvalidArgumentError, Mneme, NotFoundError } from "./node.ts";
import { KEY, MemoryServer } from "./test/memory-server.ts";

describe("Mneme", () => {
  let server: MemoryServer;
  let mneme: Mneme;

  beforeEach(() => {
    server = new MemoryServer();
    mneme = new Mneme({ apiKey: KEY, transport: createRouterTransport(server.routes) });
  });

  it("adds a text and finds it", async () => {
    const ada = mneme.user("ada");
    const sentAt = new Date("2026-03-01T10:00:00.123Z");
    const added = await ada.add("I moved to Lisbon", {
      name: "Ada",
      sentAt,
      metadata: { city: "Lisbon", n: 1, ok: true },
    });
    expect(added.messageIds).toHaveLength(1);
    await expect(mneme.waitFor(added)).resolves.toMatchObject({ state: "searchable" });

    const { hits, timings } = await ada.search("moved where", { atLeastAsFresh: added });
    expect(hits).toHaveLength(1);
    expect(hits[0]?.memory).toMatchObject({
      text: "I moved to Lisbon",
      kind: "semantic",
      origin: "stated",
      scope: { userId: "ada" },
      metadata: { city: "Lisbon", n: 1, ok: true },
      validFrom: sentAt,
      sources: [{ messageId: added.messageIds[0], role: "user", name: "Ada", sentAt }],
    });
    expect(timings.totalMs).toBe(2);
    const { time } = await ada.search("where before I moved");
    const event = {
      kind: "event",
      from: undefined,
      to: new Date(0),
      anchorMemoryId: "moved",
      withEnded: true,
    };
    expect(time).toEqual(event);
  });

  it("narrows a scope from any start", async () => {
    await mneme.agent("support").user("ada").session("s1").add("tea, please");
    await mneme.app("shop").team("sales").add("coffee, please");
    const all = await mneme.user("ada").agent("support").list().toArray();
    expect(all.map(({ text, scope }) => ({ text, scope }))).toEqual([
      { text: "tea, please", scope: { userId: "ada", agentId: "support", sessionId: "s1" } },
    ]);
    expect(await mneme.team("sales").search("coffee")).toMatchObject({
      hits: [{ memory: { text: "coffee, please" } }],
    });
  });

  it("lists page by page", async () => {
    const ada = mneme.user("ada");
    await ada.add(Array.from({ length: 7 }, (_, index) => ({ text: `fact ${index}` })));
    const pages = [];
    for await (const page of ada.list({ pageSize: 3 }).pages()) pages.push(page.items.length);
    expect(pages).toEqual([3, 3, 1]);
    expect(await ada.list({ pageSize: 3 }).toArray(4)).toHaveLength(4);
    expect(await ada.deleteAll()).toEqual({ deleted: 7 });
    expect(await ada.list().toArray()).toEqual([]);
  });

  it("reads, changes and deletes by id", async () => {
    const added = await mneme.user("ada").add([{ text: "one" }, { text: "two" }]);
    const [first = "", second = ""] = added.extraction?.memoryIds ?? [];
    const read = await mneme.memories.get(first);
    const { memory } = await mneme.memories.update(
      first,
      { text: "uno", validTo: new Date(0) },
      { etag: read.etag },
    );
    expect(memory).toMatchObject({ text: "uno", version: 2, validTo: new Date(0) });
    expect((await mneme.memories.update(first, { validTo: null })).memory.validTo).toBeUndefined();
    // @ts-expect-error: a memory always holds since some time
    await expect(mneme.memories.update(first, { validFrom: null })).rejects.toMatchObject({
      kind: "invalid_argument",
      fields: [{ field: "update.memory.valid_from" }],
    });
    expect((await mneme.memories.versions(first).toArray()).map(({ version }) => version)).toEqual([3, 2, 1]);

    const history = await mneme.memories.history(first);
    expect(history.story).toBe("It was said: “one”.\nIt was said: “uno”.\nIt was said: “uno”.");
    expect(history.entries[0]).toMatchObject({
      event: "told",
      memoryId: first,
      sources: [{ quote: "one", name: undefined }],
      provenance: { extractor: "test", rule: "new" },
    });
    expect(history.entries[2]).toMatchObject({ event: "by_hand", version: 3, replacedBy: undefined });
    const past = new Date(0);
    for (const times of [{ asOf: past }, { knownAt: past }]) {
      await expect(mneme.memories.get(first, times)).rejects.toBeInstanceOf(NotFoundError);
      expect(await mneme.memories.batchGet([first], times)).toEqual({ memories: [], notFound: [first] });
      expect(await mneme.user("ada").list(times).toArray()).toEqual([]);
    }
    const now = new Date();
    expect(await mneme.memories.get(first, { asOf: now, knownAt: now })).toMatchObject({ version: 3 });

    const unknown = "0197a0a0-0000-7000-8000-000000000000";
    const batch = await mneme.memories.batchGet([second, unknown]);
    expect(batch).toMatchObject({ memories: [{ text: "two" }], notFound: [unknown] });
    const changed = await mneme.memories.batchUpdate([{ id: second, patch: { importance: 1 } }]);
    expect(changed.memories[0]?.importance).toBe(1);
    await mneme.memories.delete(first);
    await expect(mneme.memories.get(first)).rejects.toBeInstanceOf(NotFoundError);
    expect(await mneme.memories.batchDelete([second])).toEqual({ deleted: 1 });
  });

  it("archives a memory and brings it back", async () => {
    const ada = mneme.user("ada");
    await ada.add("Ada plays the cello");
    const [cello] = await ada.list().toArray();
    const id = cello?.id ?? "";
    const { memory, freshnessToken } = await mneme.memories.archive(id, { etag: cello?.etag });
    expect(memory).toMatchObject({ archiveTime: expect.any(Date), archiveReason: "by_hand" });
    expect(freshnessToken).not.toBe("");
    expect(await ada.list().toArray()).toEqual([]);
    expect(await ada.list({ showArchived: true }).toArray()).toHaveLength(1);
    await expect(mneme.memories.restore(id, { etag: "other" })).rejects.toMatchObject({
      reason: "ETAG_MISMATCH",
    });
    const restored = await mneme.memories.restore(id);
    expect(restored.memory).toMatchObject({ archiveTime: undefined, archiveReason: undefined });
    expect(await ada.list().toArray()).toHaveLength(1);
  });

  it("tells a profile by groups", async () => {
    await mneme.user("ada").add("Ada plays the cello");
    const profile = await mneme.user("ada").profile({ categories: ["cello"], maxLines: 7, model: "gpt-5" });
    expect(profile).toMatchObject({
      groups: [{ name: "people", lines: [{ kind: "semantic", memoryIds: [expect.any(String)] }] }],
      tokenizer: "gpt-5",
      leftOut: { limit: 7, budget: 0, outdated: 0, notRead: 3 },
    });
  });

  it("writes a context with citations", async () => {
    const added = await mneme.user("ada").add("Ada plays the cello");
    const context = await mneme.user("ada").context("cello?");
    expect(context).toMatchObject({
      text: "Ada plays the cello [1]",
      citations: [{ number: 1, section: "facts", messageIds: added.messageIds, turn: undefined }],
      tokenizer: "o200k_base",
    });
    const sections = ["turns", { name: "facts", share: 3 }] as const;
    const chosen = await mneme.user("ada").context("cello?", { sections, model: "gpt-4", allSessions: true });
    expect(chosen).toMatchObject({
      tokenizer: "gpt-4",
      sections: [
        { name: "turns", tokens: 0 },
        { name: "facts", tokens: 3 },
      ],
      leftOutCounts: [{ section: "turns", reason: "budget", count: 3 }],
    });
  });

  it("keeps a session's window", async () => {
    const session = mneme.user("ada").session("s1");
    const toolCalls = [{ id: "c1", name: "weather", arguments: { city: "Porto" } }];
    const first = await session.append([{ text: "hi" }, { role: "assistant", text: "", toolCalls }], {
      taskState: { step: 1, open: ["a", null] },
    });
    expect(first).toMatchObject({
      turnCount: 2,
      taskState: { step: 1, open: ["a", null] },
      scope: { sessionId: "s1" },
    });
    const window = await session.window({ lastTurns: 10 });
    expect(window.turns[1]).toMatchObject({ role: "assistant", toolCalls });
    await expect(session.append("late", { etag: "other" })).rejects.toMatchObject({
      reason: "ETAG_MISMATCH",
    });
    await session.end();
    await expect(session.window()).rejects.toMatchObject({ reason: "SESSION_NOT_FOUND" });
  });

  it("imports in parts that can be repeated", async () => {
    async function* statements() {
      for (let index = 0; index < 5; index++) yield { text: `statement ${index}`, kind: "episodic" as const };
    }
    const progress: number[] = [];
    const options = { partSize: 2, requestId: "import-1", onProgress: (n: number) => progress.push(n) };
    const result = await mneme.user("ada").import(statements(), options);
    expect(result).toMatchObject({ accepted: 5 });
    expect(result.extractionIds).toHaveLength(3);
    expect(progress).toEqual([2, 4, 5]);
    expect(await mneme.waitFor(result)).toHaveLength(3);
    await mneme.user("ada").import(statements(), { partSize: 2, requestId: "import-1" });
    expect(await mneme.user("ada").list().toArray()).toHaveLength(5);
  });

  it("imports when a statement was said where it comes from", async () => {
    const saidAt = new Date("2024-11-20T09:30:00Z");
    await mneme.user("ada").import([{ text: "Ada rows.", saidAt }]);
    const [memory] = await mneme.user("ada").list().toArray();
    expect(memory).toMatchObject({ validFrom: saidAt, sources: [{ sentAt: saidAt }] });
    await expect(
      mneme.user("ada").import([{ text: "x", saidAt: new Date(Number.NaN) }]),
    ).rejects.toMatchObject({ fields: [{ field: "memories[0].said_at" }] });
  });

  const broken = "half \ud800 a pair";
  const user = () => mneme.user("ada");
  it.each<[string, () => Promise<unknown>]>([
    ["limit", () => user().search("tea", { limit: 1.5 })],
    ["limit", () => user().search("tea", { limit: 2 ** 40 })],
    ["limit", () => user().search("tea", { limit: Number.NaN })],
    ["limit", () => user().search("tea", { limit: "5" as never })],
    ["min_similarity", () => user().search("tea", { minSimilarity: Number.NaN })],
    ["min_score", () => user().search("tea", { minScore: Number.NEGATIVE_INFINITY })],
    ["query", () => user().search(broken)],
    ["query", () => user().context(5 as never)],
    ["token_budget", () => user().context("tea", { tokenBudget: 2 ** 31 })],
    ["ranking.rrf_k", () => user().search("tea", { ranking: { rrfK: 0.1 } })],
    [
      "ranking.weights.entity",
      () => user().search("tea", { ranking: { weights: { semantic: 1, keyword: 0, entity: Number.NaN } } }),
    ],
    ["filter.categories[1]", () => user().search("tea", { filter: { categories: ["a", broken] } })],
    [
      'filter.metadata["city"].string_value',
      () => user().search("tea", { filter: { metadata: { city: broken } } }),
    ],
    ["metadata", () => user().add("tea", { metadata: { [broken]: 1 } })],
    ['metadata["n"].number_value', () => user().add("tea", { metadata: { n: Number.NaN } })],
    ["messages[1].text", () => user().add([{ text: "tea" }, { text: broken }])],
    ["scope.user_id", () => mneme.user(broken).add("tea")],
    ["request_id", () => user().add("tea", { requestId: broken })],
    ["infer", () => user().add("tea", { infer: "no" as never })],
    ["memories[1].text", () => user().import(["tea", broken])],
    ["page_size", () => user().list({ pageSize: 1.5 }).toArray()],
    ["memory_ids[0]", () => mneme.memories.batchGet([broken])],
    ["update.memory.importance", () => mneme.memories.update("id", { importance: Number.NaN })],
    [
      'task_state["a"][1]["b"]',
      () =>
        user()
          .session("s")
          .append("hi", { taskState: { a: [1, { b: broken }] } }),
    ],
    [
      'task_state["n"]',
      () =>
        user()
          .session("s")
          .append("hi", { taskState: { n: Number.NaN } }),
    ],
    [
      'task_state["u"]',
      () =>
        user()
          .session("s")
          .append("hi", { taskState: { u: (() => 1) as never } }),
    ],
    ["ttl_seconds", () => user().session("s").append("hi", { ttlSeconds: 0.5 })],
  ])("refuses what the wire cannot carry before it sends anything: %s", async (field, call) => {
    const thrown = await call().catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(InvalidArgumentError);
    expect(thrown).toMatchObject({ reason: "FIELD_INVALID", fields: [{ field }], metadata: { field } });
    expect((thrown as Error).message).not.toContain("half \ud800");
    expect(server.calls).toEqual([]);
  });

  it.each([
    ["", "CREDENTIALS_MISSING", /^no API key was given: apiKey is empty; pass a key .*MNEME_API_KEY$/],
    [" \n", "CREDENTIALS_MISSING", /^no API key was given/],
    [() => "", "CREDENTIALS_MISSING", /^no API key was given/],
    ["se\u00e9cret", "CREDENTIALS_INVALID", /^the API key must be visible ASCII characters$/],
  ])("says what is wrong with a key that cannot be sent: %j", async (apiKey, reason, message) => {
    const keyed = new Mneme({ apiKey, transport: createRouterTransport(server.routes) });
    const thrown = await keyed
      .user("ada")
      .add("tea")
      .catch((error: unknown) => error);
    expect(thrown).toMatchObject({
      kind: "unauthenticated",
      reason,
      message: expect.stringMatching(message),
    });
    expect(server.calls).toEqual([]);
  });

  it("says whether the server serves, without a key", async () => {
    const keyless = new Mneme({ transport: createRouterTransport(server.routes) });
    expect(await keyless.status()).toMatchObject({ serving: true });
  });
});
