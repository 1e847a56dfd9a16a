import fc from "fast-check";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, it } from "vitest";
import { MnemeError } from "../errors.ts";
import { getContext } from "./get-context.ts";
import { commandOf, depsOf, memoryOf, TENANCY, type World, worldOf } from "./search-testing.ts";

const context = (world: World, tokenBudget = 200) =>
  getContext(depsOf(world), TENANCY, commandOf("anything", { tokenBudget }));

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

describe("getContext", () => {
  it("writes one line a memory by kind, oldest first, with dates and citations", async () => {
    const world = worldOf({ a: "", b: "", c: "" });
    world.memories = [
      memoryOf("a", "Ada sails.", saidOn("2026-03-02", "a")),
      memoryOf("b", "Ada\nmoved to  Lisbon.", { kind: "episodic", ...saidOn("2025-01-05", "b") }),
      memoryOf("c", "Ada likes tea.", saidOn("2024-12-31", "c")),
    ];
    const { text, citations, tokens } = await context(world);
    expect(text).toBe(
      [
        "Known facts:",
        "- Ada likes tea. (2024-12-31) [1]",
        "- Ada sails. (2026-03-02) [2]",
        "",
        "What happened:",
        "- Ada moved to Lisbon. (2025-01-05) [3]",
      ].join("\n"),
    );
    expect(citations.map(({ number, memoryId, messageIds }) => [number, memoryId, messageIds])).toEqual([
      [1, "c", ["m-c"]],
      [2, "a", ["m-a"]],
      [3, "b", ["m-b"]],
    ]);
    expect(tokens).toBe(countTokens(text));
  });

  it("is empty where nothing is known", async () => {
    expect(await context(worldOf({}))).toMatchObject({ text: "", citations: [], tokens: 0 });
    expect(await context(worldOf({ a: "x" }, { isKnown: false }))).toMatchObject({ text: "", tokens: 0 });
  });

  it("never exceeds its budget, whatever the texts", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 120 }), { maxLength: 30 }),
        fc.array(fc.constantFrom("semantic" as const, "episodic" as const, "procedural" as const), {
          minLength: 30,
          maxLength: 30,
        }),
        fc.integer({ min: 0, max: 400 }),
        async (texts, kinds, budget) => {
          const world = worldOf(Object.fromEntries(texts.map((text, i) => [`m${i}`, text])));
          world.memories = world.memories.map((memory, i) => ({ ...memory, kind: kinds[i] ?? "semantic" }));
          const { text, tokens, citations } = await context(world, budget);
          expect(tokens).toBe(text === "" ? 0 : countTokens(text));
          expect(tokens).toBeLessThanOrEqual(budget);
          expect(citations.map(({ number }) => number)).toEqual(citations.map((_, i) => i + 1));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("uses most of its budget", async () => {
    const texts = Array.from({ length: 60 }, (_, i) => [
      `m${i}`,
      `Ada wrote note ${i} about sailing to the isles.`,
    ]);
    for (const budget of [60, 200, 1_000]) {
      const { tokens } = await context(worldOf(Object.fromEntries(texts)), budget);
      expect(tokens).toBeGreaterThan(budget * 0.6);
    }
  });

  it("says what the answer lacks", async () => {
    const world = worldOf({ a: "Ada sails." });
    world.candidates = new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", "down");
    expect((await context(world)).degraded).toEqual([expect.objectContaining({ part: "index" })]);
  });
});
