import { describe, expect, it } from "vitest";
import { contextCommand, contextDepsOf } from "../context/context-testing.ts";
import { getContext } from "../context/get-context.ts";
import { MnemeError } from "../errors.ts";
import type { Settings } from "../tenancy/settings.ts";
import { searchMemories } from "./search-memories.ts";
import type { SearchCommand } from "./search-request.ts";
import { candidateOf, commandOf, depsOf, memoryOf, TENANCY, type World, worldOf } from "./search-testing.ts";

const OUTAGE = new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", "down");
const search = (world: World, query: string, members: Partial<SearchCommand> = {}) =>
  searchMemories(depsOf(world), TENANCY, commandOf(query, members));
const idsOf = async (result: ReturnType<typeof search>) => (await result).hits.map(({ memory }) => memory.id);
const many = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`m${i}`, `Ada noted the item numbered ${i} in her diary.`]),
  );

describe("searchMemories", () => {
  it("ranks what the index finds and shows every part of the score", async () => {
    const world = worldOf({ a: "Ada sails.", b: "Ada paints.", c: "Ada reads." });
    world.candidates = [
      candidateOf("a", 0.3),
      candidateOf("b", 0.6, { bm25: 2 }),
      candidateOf("c", 0.5, { bm25: 4, entity: 1 }),
    ];
    const { hits, leftOut, degraded, tokens, timings } = await search(world, "What does Ada paint?");
    expect(hits.map(({ memory }) => memory.id)).toEqual(["c", "b", "a"]);
    for (const { score, parts } of hits) {
      expect(parts.fused).toBeCloseTo(Object.values(parts.terms).reduce((sum, term) => sum + term, 0));
      expect(score).toBeCloseTo(
        Object.values(parts.factors).reduce((product, factor) => product * factor, parts.fused),
      );
    }
    expect(hits[0]?.parts).toMatchObject({ similarity: 0.5, bm25: 4, entity: 1 });
    expect({ leftOut, degraded }).toEqual({ leftOut: [], degraded: [] });
    expect(tokens).toBe(hits.reduce((sum, hit) => sum + hit.tokens + 1, 0));
    expect(timings.total).toBeGreaterThanOrEqual(timings.fuse + timings.pack);
  });

  it("says that what was said last is not in it where that waits for a budget", async () => {
    const { hits, degraded } = await search(worldOf({ a: "Ada sails." }, { isHeld: true }), "Who sails?");
    expect(hits).toHaveLength(1);
    expect(degraded).toEqual([{ part: "extractor", effect: expect.stringContaining("budget") }]);
  });

  it("finds what quotes a tokenizer's own signs", async () => {
    const world = worldOf({ a: "Ada's prompts end with <|endoftext|>, she says." });
    const { hits } = await search(world, "What is <|endoftext|> for?");
    expect(hits).toEqual([expect.objectContaining({ tokens: expect.any(Number) })]);
  });

  it("asks with the participants' names taken out, inside the scope's filter", async () => {
    const world = worldOf({ a: "Ada sails." }, { participants: ["Ada", "Bob"] });
    await search(world, "What does Ada like to sail?", {
      filter: { kinds: ["semantic"], categories: [], metadata: { color: "red" } },
      asOf: new Date(5),
    });
    expect(world.asked.embedded).toEqual(["What does like to sail?"]);
    expect(world.asked.index[0]).toMatchObject({
      filter: {
        tenantId: "t",
        projectId: "p",
        subjectId: "s",
        subjectEpoch: 3,
        kinds: ["semantic"],
        categories: undefined,
        metadata: { color: "red" },
        asOf: new Date(5),
      },
      keywords: "like sail",
      keywordField: "window",
      pool: 64,
    });
  });

  it("embeds while the scope is resolved, and again where somebody new speaks in it", async () => {
    const world = worldOf({ a: "Ada sails." });
    const deps = depsOf(world);
    const ask = () => searchMemories(deps, TENANCY, commandOf("What do Ada and Bob sail?"));
    await ask();
    await ask();
    expect(world.asked.embedded).toEqual(["What do and Bob sail?", "What do and Bob sail?"]);
    world.participants = ["Ada", "Bob"];
    await ask();
    expect(world.asked.embedded.slice(2)).toEqual(["What do and Bob sail?", "What do and sail?"]);
    world.isKnown = false;
    world.embed = () => Promise.reject(new Error("broken"));
    expect(await ask()).toMatchObject({ hits: [] });
    const before = world.asked.embedded.length;
    await ask();
    expect(world.asked.embedded).toHaveLength(before);
  });

  it("asks the arms that a recipe needs", async () => {
    const world = worldOf({ a: "Ada sails.", b: "Ada paints." });
    world.candidates = [candidateOf("a", 0, { bm25: 1 }), candidateOf("b", 0)];
    expect(await idsOf(search(world, "Ada sails", { ranking: { recipe: "bm25" } }))).toEqual(["a"]);
    expect(world.asked.embedded).toEqual([]);
    expect(world.asked.index[0]).toMatchObject({ vector: undefined, keywordField: "text" });
    await search(world, "Ada sails", { ranking: { recipe: "knn" } });
    expect(world.asked.embedded).toEqual(["Ada sails"]);
    expect(world.asked.index[1]).toMatchObject({ keywords: "", entities: [] });
  });

  it("ranks by what the request says, member by member, and else by what the project sets", async () => {
    const ranking = { recipe: "weighted", weights: { semantic: 0, keyword: 1, entity: 0 } } as const;
    const world = worldOf({ a: "Ada sails.", b: "Ada paints." }, { settings: { ranking } });
    world.candidates = [candidateOf("a", 0.9), candidateOf("b", 0.1, { bm25: 3 })];
    const firstOf = async (asked: SearchCommand["ranking"]) =>
      (await idsOf(search(world, "Who?", { ranking: asked })))[0];
    expect(await firstOf({})).toBe("b");
    expect(world.asked.index.at(-1)).toMatchObject({ keywordField: "text" });
    expect(await firstOf({ weights: { semantic: 1, keyword: 0, entity: 0 } })).toBe("a");
    expect(world.asked.index.at(-1)).toMatchObject({ keywordField: "text" });
    expect(await firstOf({ recipe: "knn" })).toBe("a");
    expect(await firstOf({ recipe: "s1" })).toBe("a");
    expect(world.asked.index.at(-1)).toMatchObject({ keywordField: "window" });
  });

  it("ages by the project's rule and days where the request leaves them out", async () => {
    const settings: Settings = { ranking: { recency: "linear", maxDays: 1 } };
    const world = worldOf({ a: "Ada sails." }, { settings });
    world.candidates = [candidateOf("a", 0.9, { saidAt: new Date("2020-01-01T00:00:00Z") })];
    const recencyOf = async (ranking: SearchCommand["ranking"]) =>
      (await search(world, "sails", { ranking })).hits[0]?.parts.factors.recency;
    expect(await recencyOf({})).toBeCloseTo(0.7);
    world.candidates = [candidateOf("a", 0.9, { saidAt: new Date(Date.now() - 10 * 86_400_000) })];
    expect(await recencyOf({ maxDays: 100 })).toBeCloseTo(0.97);
    expect(await recencyOf({ recency: "off" })).toBe(1);
  });

  it("weighs who vouches for a memory as the project sets it, and shows by how much", async () => {
    const origins = { inferred: 0.5, tool: 1.25 };
    const world = worldOf({ a: "Ada sails.", b: "Ada paints.", c: "Ada reads." }, { settings: {} });
    world.candidates = [
      candidateOf("a", 0.62, { origin: "inferred" }),
      candidateOf("b", 0.6),
      candidateOf("c", 0.58, { origin: "tool" }),
    ];
    const ranked = async () => {
      const { hits } = await search(world, "Who?");
      return hits.map(({ memory, parts }) => [memory.id, parts.factors.origin]);
    };
    expect(await ranked()).toEqual([
      ["a", 1],
      ["b", 1],
      ["c", 1],
    ]);
    world.settings = { ranking: { origins } };
    expect(await ranked()).toEqual([
      ["c", 1.25],
      ["b", 1],
      ["a", 0.5],
    ]);
    const { hits } = await search(world, "Who?", { ranking: { origins: { stated: 1.5 } } });
    expect(hits[0]).toMatchObject({ memory: { id: "b" }, parts: { factors: { origin: 1.5 } } });
  });

  it("finds nothing in a scope that nobody knows, without asking anybody", async () => {
    const world = worldOf({ a: "Ada sails." }, { isKnown: false });
    expect(await search(world, "sails")).toMatchObject({ hits: [], leftOut: [], degraded: [], tokens: 0 });
    expect(world.asked).toMatchObject({ index: [], embedded: [], hydrated: [] });
  });

  describe("leaves out, and says why,", () => {
    it("what the record does not show, filling up from behind in the same read", async () => {
      const world = worldOf(many(12));
      world.memories = world.memories.filter(({ id }) => id !== "m0" && id !== "m4");
      const { hits, leftOut } = await search(world, "diary", { tokenBudget: 10_000 });
      expect(hits).toHaveLength(10);
      expect(world.asked.hydrated).toHaveLength(1);
      expect(leftOut.map(({ memoryId, reason }) => [memoryId, reason])).toEqual([
        ["m0", "not_current"],
        ["m4", "not_current"],
      ]);
    });

    it("a version that another one has replaced", async () => {
      const world = worldOf({ a: "Ada sails." });
      world.candidates = [candidateOf("a", 0.9, { version: 1 }), candidateOf("a", 0.8, { version: 2 })];
      world.memories = [memoryOf("a", "Ada paints.", { version: 2 })];
      const { hits, leftOut } = await search(world, "sails");
      expect(hits.map(({ memory }) => memory.text)).toEqual(["Ada paints."]);
      expect(leftOut).toEqual([]);
    });

    it("what lies under the thresholds", async () => {
      const world = worldOf({ a: "Ada sails.", b: "Ada paints.", c: "Ada reads." });
      world.candidates = [
        candidateOf("a", 0.9),
        candidateOf("b", 0.2, { bm25: 5 }),
        candidateOf("c", 0.5, { isQuestion: true }),
      ];
      const { hits, leftOut } = await search(world, "x", { minSimilarity: 0.3, minScore: 0.45 });
      expect(hits.map(({ memory }) => memory.id)).toEqual(["a"]);
      expect(leftOut.map(({ memoryId, reason }) => `${memoryId} ${reason}`).sort()).toEqual([
        "b similarity",
        "c score",
      ]);
    });

    it("what says the same as a better hit, but not what only looks alike", async () => {
      const world = worldOf({
        a: "Ada moved to Lisbon in 2021 with her brother, two cats, a piano, old books and paintings.",
        b: "Ada has moved to Lisbon in 2021 with her brother, two cats, a piano, old books and the paintings!",
        c: "Ada moved to Lisbon in 2022 with her brother, two cats, a piano, old books and paintings.",
        d: "Ada never moved to Lisbon in 2021 with her brother, two cats, a piano, old books and paintings.",
        e: "Ada moved her brother to Lisbon in 2021 with two cats, a piano, old books and paintings.",
      });
      const { hits, leftOut } = await search(world, "Lisbon", { tokenBudget: 1_000 });
      expect(hits.map(({ memory }) => memory.id)).toEqual(["a", "c", "d", "e"]);
      expect(leftOut).toEqual([expect.objectContaining({ memoryId: "b", reason: "duplicate" })]);
    });

    it("what would make the answer larger than a client takes, its sources' texts counted", async () => {
      const world = worldOf(many(100));
      const body = "é".repeat(60_000);
      world.memories = world.memories.map((memory) => ({
        ...memory,
        sources: memory.sources.map((source) => ({ ...source, text: body })),
      }));
      const wide = { limit: 100, tokenBudget: 32_000 };
      const { hits, leftOut, tokens } = await search(world, "diary", wide);
      expect(Buffer.byteLength(JSON.stringify(hits))).toBeLessThan(3.5 * 1024 * 1024);
      expect(hits).toHaveLength(26);
      expect(leftOut[0]).toMatchObject({ memoryId: "m26", reason: "size" });
      // Of so large a page forty are read at first.
      const reasons = leftOut.map(({ reason }) => reason);
      expect(reasons).toEqual([...Array(14).fill("size"), ...Array(36).fill("not_read")]);
      expect(tokens).toBe(hits.reduce((sum, hit) => sum + hit.tokens + 1, 0));
      // It is not read on for smaller ones, and a context, which quotes no source, holds them all.
      expect(world.asked.hydrated).toHaveLength(1);
      const block = await getContext(contextDepsOf(world), TENANCY, contextCommand("diary", wide));
      expect(block.citations).toHaveLength(100);
    });

    it("what is too large alone, and reads on behind it for what is not", async () => {
      const world = worldOf(many(60));
      const body = "é".repeat(2 * 1024 * 1024);
      world.memories = world.memories.map((memory, place) =>
        place === 0 || place > 15
          ? memory
          : { ...memory, sources: memory.sources.map((source) => ({ ...source, text: body })) },
      );
      const { hits, leftOut } = await search(world, "diary", { tokenBudget: 10_000 });
      const ids = ["m0", ...Array.from({ length: 9 }, (_, i) => `m${i + 16}`)];
      expect(hits.map(({ memory }) => memory.id)).toEqual(ids);
      const reasons = Object.groupBy(leftOut, ({ reason }) => reason);
      expect(reasons.size?.map(({ memoryId }) => memoryId)).toEqual(
        Array.from({ length: 15 }, (_, i) => `m${i + 1}`),
      );
      expect(reasons.limit).toHaveLength(60 - 10 - 15);
    });

    it("what was never read, where the answer was full of bytes or too little could be shown", async () => {
      const world = worldOf(many(100));
      const body = "x".repeat(800_000);
      world.memories = world.memories.map((memory) => ({
        ...memory,
        sources: memory.sources.map((source) => ({ ...source, text: body })),
      }));
      const full = await search(world, "diary", { tokenBudget: 10_000 });
      expect(full.hits).toHaveLength(3);
      expect(world.asked.hydrated).toHaveLength(1);
      const reasons = full.leftOut.map(({ reason }) => reason);
      expect(reasons).toEqual([...Array(10).fill("size"), ...Array(40).fill("not_read")]);
      world.memories = [];
      const { hits, leftOut } = await search(world, "diary", { limit: 1, tokenBudget: 10_000 });
      expect(hits).toEqual([]);
      expect(leftOut.slice(0, 28).every(({ reason }) => reason === "not_current")).toBe(true);
      expect(leftOut.slice(28).every(({ reason }) => reason === "not_read")).toBe(true);
    });

    it("what is over the limit or the budget, at most fifty", async () => {
      const over = await search(worldOf(many(100)), "diary", { limit: 3, tokenBudget: 10_000 });
      expect(over.hits).toHaveLength(3);
      expect(over.leftOut).toHaveLength(50);
      expect(new Set(over.leftOut.map(({ reason }) => reason))).toEqual(new Set(["limit"]));
      const tight = await search(worldOf(many(100)), "diary", { limit: 50, tokenBudget: 80 });
      expect(tight.tokens).toBeLessThanOrEqual(80);
      expect(tight.hits.length).toBeGreaterThan(3);
      expect(tight.leftOut.every(({ reason }) => reason === "budget")).toBe(true);
    });
  });

  it("reads on where hardly anything may be shown", async () => {
    const world = worldOf(many(60));
    world.memories = world.memories.slice(20);
    expect(await idsOf(search(world, "diary", { tokenBudget: 10_000 }))).toHaveLength(10);
    expect(world.asked.hydrated.length).toBe(2);
  });

  it("reads a large page in parts, and as far behind it as behind a small one", async () => {
    const world = worldOf(many(900));
    world.memories = world.memories.slice(800);
    const { hits } = await search(world, "diary", { limit: 100, tokenBudget: 32_000 });
    expect(world.asked.hydrated.map(({ length }) => length)).toEqual([40, 80, 160, 320, 240]);
    expect(hits).toHaveLength(40);
  });

  it("keeps to a budget that nothing fits into", async () => {
    const world = worldOf(many(300));
    expect(await search(world, "diary", { tokenBudget: 3 })).toMatchObject({ hits: [], tokens: 0 });
    expect(world.asked.hydrated.length).toBe(3);
  });

  describe("degraded", () => {
    it("answers from the recent memories while the index is down, by the words they share", async () => {
      const world = worldOf({ a: "Ada reads a lot.", b: "Ada owns a sailing boat.", c: "Ada likes tea." });
      world.candidates = OUTAGE;
      const { hits, degraded } = await search(world, "Does she sail?", { minSimilarity: 0.5 });
      expect(hits.map(({ memory }) => memory.id)).toEqual(["b", "a", "c"]);
      expect(degraded).toEqual([expect.objectContaining({ part: "index" })]);
    });

    it.each([
      ["max_retry", "Ada set max_retry to nine.", "Ada set the max and would retry it, a max of nine."],
      ["3,000", "Ada owes 3,000 crowns.", "Ada owes 3 crowns."],
      ["K10", "Ada keeps box k10.", "Ada keeps box k100095."],
      ["K1000", "Ada keeps box k1000.", "Ada keeps box k100095."],
    ])("finds %s as a whole word then", async (word, meant, other) => {
      const world = worldOf({ other, meant });
      world.candidates = OUTAGE;
      const { hits } = await search(world, `Where is ${word}?`, { minScore: 0.0001 });
      expect(hits.map(({ memory }) => memory.text)).toEqual([meant]);
    });

    it("keeps to the filter then", async () => {
      const world = worldOf({});
      world.candidates = OUTAGE;
      const later = new Date("2027-01-01T00:00:00Z");
      world.recent = [
        memoryOf("a", "Ada sails.", { category: "leisure", metadata: { color: "red" } }),
        memoryOf("b", "Ada works.", { category: "work" }),
        memoryOf("c", "Ada paints.", { category: "leisure", kind: "episodic" }),
      ];
      const ask = (filter: SearchCommand["filter"], members: Partial<SearchCommand> = {}) =>
        idsOf(search(world, "Ada", { filter, ...members }));
      expect(await ask({ categories: ["leisure"], kinds: ["semantic"] })).toEqual(["a"]);
      expect(await ask({ metadata: { color: "red" } })).toEqual(["a"]);
      expect(await ask({ saidAfter: later })).toEqual([]);
      world.recent = world.recent.map((memory) => ({
        ...memory,
        sources: memory.sources.flatMap((source) => [source, { ...source, sentAt: later }]),
      }));
      expect(await ask({ saidAfter: later })).toHaveLength(3);
      expect(await ask({ saidBefore: later })).toHaveLength(3);
      expect(await ask({}, { asOf: new Date(0) })).toEqual([]);
      expect(await ask({}, { knownAt: new Date(0) })).toEqual([]);
    });

    it("goes by keywords while the embedder is down", async () => {
      const world = worldOf({ a: "Ada sails.", b: "Ada paints." });
      world.embed = () => Promise.reject(OUTAGE);
      world.candidates = [candidateOf("a", 0, { bm25: 1 }), candidateOf("b", 0, { bm25: 2 })];
      const { hits, degraded } = await search(world, "sails or paints", { minSimilarity: 0.9 });
      expect(hits.map(({ memory }) => memory.id)).toEqual(["b", "a"]);
      expect(degraded).toEqual([expect.objectContaining({ part: "embedder" })]);
      expect(world.asked.index[0]?.vector).toBeUndefined();
    });

    it("goes by keywords where the embedder answers what it should not", async () => {
      const fault = new MnemeError("failed_precondition", "EMBEDDING_DIMENSION_MISMATCH", "wrong");
      const world = worldOf({ a: "Ada sails." }, { embed: () => Promise.reject(fault) });
      world.candidates = [candidateOf("a", 0, { bm25: 1 })];
      const { hits, degraded } = await search(world, "sails");
      expect(hits).toHaveLength(1);
      expect(degraded).toEqual([expect.objectContaining({ part: "embedder" })]);
    });

    it("goes by keywords while the index is still another model's", async () => {
      const otherModel = new MnemeError("failed_precondition", "EMBEDDING_DIMENSION_MISMATCH", "wrong");
      const world = worldOf({ a: "Ada sails." }, { otherModel });
      world.candidates = [candidateOf("a", 0, { bm25: 1 })];
      const { hits, degraded } = await search(world, "sails", { minSimilarity: 0.9 });
      expect(hits).toHaveLength(1);
      expect(degraded).toEqual([expect.objectContaining({ part: "embedder" })]);
    });

    it("says that the index lacks what another version wrote, whatever the rest of it gives", async () => {
      const world = worldOf({ a: "Ada sails." }, { hasUnreadable: true });
      const { hits, degraded } = await search(world, "sails");
      expect(hits).toHaveLength(1);
      expect(degraded).toEqual([{ part: "index", effect: expect.stringContaining("needs a rebuild") }]);
    });

    it("says both where both are down", async () => {
      const world = worldOf({ a: "Ada sails." }, { candidates: OUTAGE, embed: () => Promise.reject(OUTAGE) });
      const { hits, degraded } = await search(world, "sails");
      expect(hits).toHaveLength(1);
      expect(degraded.map(({ part }) => part)).toEqual(["embedder", "index"]);
    });

    it("does not hide a fault that is not an outage", async () => {
      const fault = new MnemeError("failed_precondition", "FRESHNESS_TOKEN_INVALID", "wrong");
      await expect(search(worldOf({ a: "x" }, { candidates: fault }), "x")).rejects.toBe(fault);
      const embed = () => Promise.reject(new Error("a bug"));
      await expect(search(worldOf({ a: "x" }, { embed }), "x")).rejects.toThrow("a bug");
    });

    it("ends with the call instead of answering degraded", async () => {
      const world = worldOf({ a: "Ada sails." });
      const call = new AbortController();
      world.embed = async () => {
        call.abort(new Error("cancelled"));
        throw OUTAGE;
      };
      await expect(searchMemories(depsOf(world), TENANCY, commandOf("sails"), call.signal)).rejects.toBe(
        OUTAGE,
      );
    });
  });

  it("waits first for the write that the caller wants to see", async () => {
    const world = worldOf({ a: "Ada sails." });
    const deps = depsOf(world);
    const order: string[] = [];
    const isSearchable = async () => {
      order.push("fresh");
      return order.length > 2;
    };
    const resolve: typeof deps.search.resolve = (...args) => {
      order.push("resolve");
      return deps.search.resolve(...args);
    };
    await searchMemories(
      { ...deps, freshness: { isSearchable }, search: { ...deps.search, resolve } },
      TENANCY,
      commandOf("sails", { atLeastAsFresh: "token" }),
    );
    expect(order).toEqual(["fresh", "fresh", "fresh", "resolve"]);
  });
});
