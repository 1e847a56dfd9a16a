import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, it } from "vitest";
import { MnemeError } from "../errors.ts";
import { profileMemory } from "../profile/profile-testing.ts";
import { candidateOf, memoryOf, TENANCY, type World, worldOf } from "../search/search-testing.ts";
import type { ContextCommand } from "./context-request.ts";
import { type Around, contextCommand, contextDepsOf, keptTurn, messageOf } from "./context-testing.ts";
import { getContext } from "./get-context.ts";

const context = (world: World, members: Partial<ContextCommand> = {}, around: Around = {}) =>
  getContext(contextDepsOf(world, around), TENANCY, contextCommand("anything", members));

function saidOn(day: string, id: string) {
  const sentAt = new Date(`${day}T12:00:00Z`);
  const source = {
    messageId: `m-${id}`,
    start: 0,
    end: 1,
    role: "user",
    name: "Ada",
    text: "",
    sentAt,
  } as const;
  return { sources: [source, { ...source, start: 2, end: 3 }] };
}

/** Ada's world: two facts, an event, a rule; all that a search finds. */
function adasWorld(): World {
  const world = worldOf({ a: "", b: "", c: "", d: "" });
  world.memories = [
    memoryOf("a", "Ada sails.", saidOn("2026-03-02", "a")),
    memoryOf("b", "Ada\nmoved to  Lisbon.", { kind: "episodic", ...saidOn("2025-01-05", "b") }),
    memoryOf("c", "Ada likes tea.", saidOn("2024-12-31", "c")),
    memoryOf("d", "Ada's letters are answered first.", { kind: "procedural", ...saidOn("2025-02-01", "d") }),
  ];
  world.candidates = world.memories.map(({ id, kind }, place) =>
    candidateOf(id, 0.9 - place / 100, { kind }),
  );
  return world;
}

const inSession = { scope: { userId: "ada", sessionId: "monday" } };

describe("getContext", () => {
  it("says of what lay ahead that it is over, and as of a day before it tells it as what is to come", async () => {
    const world = worldOf({ a: "" });
    world.memories = [memoryOf("a", "Ada is flying to Rome on 3 May 2026.", saidOn("2026-04-20", "a"))];
    world.candidates = [candidateOf("a", 0.9, {})];
    const line = async (day: string) => {
      const { text } = await context(world, { asOf: new Date(day) });
      return text.split("\n").find((one) => one.startsWith("- "));
    };
    expect(await line("2026-05-01T00:00:00Z")).toBe(
      "- Ada is flying to Rome on 3 May 2026. (2026-04-20) [1]",
    );
    expect(await line("2026-05-04T00:00:00Z")).toBe(
      "- Ada is flying to Rome on 3 May 2026. (2026-04-20, over since 2026-05-04) [1]",
    );
  });

  it("shows no turn's sentence that holds what the project keeps out, of a window or of what was added", async () => {
    const world = worldOf({}, { settings: { extraction: { excludeSensitive: ["health"] } } });
    const text = "I have asthma. Let us sail.";
    for (const around of [{ window: [messageOf(text)] }, { turns: [keptTurn("t", text)] }]) {
      const block = await context(world, inSession, around);
      expect(block.text).toBe("Last turns:\n- Ada: Let us sail. (2026-03-01 10:00) [1]");
    }
    expect((await context(world, inSession, { window: [messageOf("I have asthma.")] })).text).toBe("");
  });

  it("shows the beginning of a long turn, and nothing of what it holds back", async () => {
    const world = worldOf({}, { settings: { extraction: { excludeSensitive: ["health"] } } });
    const sailing = "Let us sail to the islands. ";
    const text = `I have asthma. ${sailing.repeat(2_000)}`;
    const [, line = ""] = (await context(world, inSession, { window: [messageOf(text)] })).text.split("\n");
    expect(line).toMatch(
      /^- Ada: (?:Let us sail to the islands\. ){21}Let us \S+ … \(2026-03-01 10:00\) \[1\]$/u,
    );
    // Where its first sentence goes on and on, nobody knows what it holds.
    const endless = `Ada ${"and Bo ".repeat(200)}has asthma`;
    expect((await context(world, inSession, { window: [messageOf(endless.repeat(2))] })).text).not.toContain(
      "asthma",
    );
  });

  it("shows more of a long turn where there is more room, 4,000 characters at most", async () => {
    const text = "Let us sail to the islands. ".repeat(2_000);
    const shown = async (tokenBudget: number) => {
      const block = await context(worldOf({}), { ...inSession, tokenBudget }, { window: [messageOf(text)] });
      return block.text.length;
    };
    expect(await shown(300)).toBeLessThan(700);
    expect(await shown(2_000)).toBeGreaterThan(1_900);
    expect(await shown(32_000)).toBeGreaterThan(3_900);
    expect(await shown(32_000)).toBeLessThan(4_100);
  });

  it("counts what is left out of the profile, and was found as well, once", async () => {
    const world = worldOf({ a: "" });
    world.memories = [
      memoryOf("a", "Ada lives in Quito, the capital of Ecuador.", saidOn("2026-03-01", "a")),
    ];
    world.candidates = [candidateOf("a", 0.9, {})];
    const profile = [profileMemory("a", "Ada lives in Quito, the capital of Ecuador.", { category: "home" })];
    const { text, leftOutCounts } = await context(world, { ...inSession, tokenBudget: 10 }, { profile });
    expect([text, leftOutCounts]).toEqual(["", [{ section: "facts", reason: "budget", count: 1 }]]);
  });

  it("tells a turn instead of what rests on it, also where its section's share has no room for it", async () => {
    const world = worldOf({ a: "" });
    world.memories = [memoryOf("a", "Ada lives in Quito.", saidOn("2026-03-01", "a"))];
    world.candidates = [candidateOf("a", 0.9, {})];
    const turns = [
      keptTurn("m-a", "I live in Quito. What is the capital of Peru, and can you book me a bus there?"),
    ];
    const block = await context(world, { ...inSession, tokenBudget: 200 }, { turns });
    expect(block.text).toBe(
      "Last turns:\n- Ada: I live in Quito. What is the capital of Peru, and can you book me a bus there? (2026-03-01 10:00) [1]",
    );
    expect(block.leftOutCounts).toEqual([{ section: "facts", reason: "duplicate", count: 1 }]);
    // Without room for both, what a search found stays.
    const narrow = await context(world, { ...inSession, tokenBudget: 40 }, { turns });
    expect(narrow.text).toBe("Known facts:\n- Ada lives in Quito. (2026-03-01) [1]");
  });

  it("writes sections, one line each, with dates and citations", async () => {
    const profile = [
      profileMemory("h", "Ada lives in Lisbon.", { category: "home", importance: 0.2 }),
      profileMemory("p", "Ada prefers tea.", { category: "preferences", importance: 0.9 }),
      profileMemory("i", "Ada is 36.", { category: "identity", importance: 0.4 }),
    ];
    const turns = [
      keptTurn("t2", "Where\nto?", { role: "assistant", name: undefined }),
      keptTurn("t1", "Let us sail on Friday.", { sentAt: new Date("2026-03-01T09:58:00Z") }),
    ];
    const block = await context(adasWorld(), { ...inSession, tokenBudget: 500 }, { profile, turns });
    expect(block.text).toBe(
      [
        "Who this is about:",
        "- Ada is 36. (2026-03-01) [1]",
        "- Ada lives in Lisbon. (2026-03-01) [2]",
        "- Ada prefers tea. (2026-03-01) [3]",
        "",
        "Known facts:",
        "- Ada likes tea. (2024-12-31) [4]",
        "- Ada sails. (2026-03-02) [5]",
        "",
        "What happened:",
        "- Ada moved to Lisbon. (2025-01-05) [6]",
        "",
        "How things are done:",
        "- Ada's letters are answered first. (2025-02-01) [7]",
        "",
        "Last turns:",
        "- Ada: Let us sail on Friday. (2026-03-01 09:58) [8]",
        "- Assistant: Where to? (2026-03-01 10:00) [9]",
      ].join("\n"),
    );
    expect(block.tokens).toBe(countTokens(block.text));
    expect(block.tokenizer).toBe("o200k_base");
    const cited = block.citations.map(({ number, section, memoryId, messageIds }) => [
      number,
      section,
      memoryId,
      messageIds,
    ]);
    expect(cited).toEqual([
      [1, "profile", "i", ["m-i"]],
      [2, "profile", "h", ["m-h"]],
      [3, "profile", "p", ["m-p"]],
      [4, "facts", "c", ["m-c"]],
      [5, "facts", "a", ["m-a"]],
      [6, "events", "b", ["m-b"]],
      [7, "procedures", "d", ["m-d"]],
      [8, "turns", undefined, ["t1"]],
      [9, "turns", undefined, ["t2"]],
    ]);
    // The same, in parts.
    expect(block.sections.map(({ section, lines }) => [section, lines.length])).toEqual([
      ["profile", 3],
      ["facts", 2],
      ["events", 1],
      ["procedures", 1],
      ["turns", 2],
    ]);
    expect(block.sections[1]).toMatchObject({
      heading: "Known facts:",
      lines: [
        { text: "Ada likes tea.", number: 4 },
        { text: "Ada sails.", number: 5 },
      ],
    });
  });

  it("writes the sections that are asked for, in that order, and searches for no others", async () => {
    const world = adasWorld();
    const sections = [
      { section: "events", share: 1 },
      { section: "facts", share: 1 },
    ] as const;
    const { text } = await context(world, { ...inSession, sections }, { turns: [keptTurn("t", "Hello!")] });
    expect(text).toMatch(/^What happened:\n.*\n\nKnown facts:\n.*\n.*$/);
    expect(world.asked.index.map(({ filter }) => filter.kinds)).toEqual([["semantic", "episodic"]]);
    const alone = await context(world, { ...inSession, sections: [{ section: "turns", share: 1 }] });
    expect(alone).toMatchObject({ text: "", timings: undefined });
    expect(world.asked.index).toHaveLength(1);
  });

  it("is empty where nothing is known", async () => {
    const nothing = { text: "", citations: [], sections: [], tokens: 0, leftOut: [], leftOutCounts: [] };
    expect(await context(worldOf({}))).toMatchObject(nothing);
    expect(await context(worldOf({ a: "x" }, { isKnown: false }))).toMatchObject(nothing);
  });

  it("finds memories of all sessions where that is asked for", async () => {
    const scopes: unknown[] = [];
    const deps = contextDepsOf(worldOf({ a: "Ada sails." }));
    const watching = {
      ...deps,
      search: {
        ...deps.search,
        resolve: (...of: Parameters<typeof deps.search.resolve>) => {
          scopes.push(of[1]);
          return deps.search.resolve(...of);
        },
      },
    };
    for (const allSessions of [false, true]) {
      await getContext(watching, TENANCY, contextCommand("anything", { ...inSession, allSessions }));
    }
    expect(scopes).toEqual([inSession.scope, { userId: "ada" }]);
  });

  it("counts by the tokenizer of the model, and says where that is an estimate", async () => {
    const texts = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`m${i}`, `Ada zählt Größe ${i}.`]),
    );
    const byGpt4 = await context(worldOf(texts), { model: "gpt-4" });
    const byDefault = await context(worldOf(texts));
    expect(byGpt4.tokenizer).toBe("cl100k_base");
    expect(byGpt4.citations.length).toBeLessThan(byDefault.citations.length);
    expect((await context(worldOf(texts), { model: "claude-sonnet-4" })).tokenizer).toBe(
      "o200k_base (estimate)",
    );
  });

  it("uses most of its budget", async () => {
    const texts = Array.from({ length: 60 }, (_, i) => [
      `m${i}`,
      `Ada wrote note ${i} about sailing to the isles.`,
    ]);
    for (const tokenBudget of [60, 200, 1_000]) {
      const { tokens } = await context(worldOf(Object.fromEntries(texts)), { tokenBudget });
      expect(tokens).toBeGreaterThan(tokenBudget * 0.6);
    }
  });

  it("lets a filter restrict the profile too", async () => {
    const profile = [
      profileMemory("a", "Ada sails.", { category: "hobbies", metadata: { color: "red" } }),
      profileMemory("b", "Ada works.", { category: "work", metadata: { color: "blue" } }),
    ];
    const told = async (filter: ContextCommand["filter"]) =>
      (await context(worldOf({}), { filter }, { profile })).citations.map(({ memoryId }) => memoryId);
    expect(await told({ metadata: { color: "blue" } })).toEqual(["b"]);
    expect(await told({ categories: ["hobbies"] })).toEqual(["a"]);
    expect(await told({ kinds: ["procedural"] })).toEqual([]);
    expect(await told({ saidAfter: new Date("2026-03-02") })).toEqual([]);
  });

  it("says what the answer lacks", async () => {
    const world = worldOf({ a: "Ada sails." });
    world.candidates = new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", "down");
    expect((await context(world)).degraded).toEqual([expect.objectContaining({ part: "index" })]);
  });
});
