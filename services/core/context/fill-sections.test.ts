import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ContextItem, lineOf } from "./context-item.ts";
import { type Candidates, fillSections } from "./fill-sections.ts";
import { CONTEXT_SECTIONS, type ContextSectionName, HEADINGS } from "./sections.ts";

/** Each word and mark is a token, so that sums can be told by hand: a line takes 8 and its words, a heading 5, the profile's 7. */
const count = (text: string) => text.match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu)?.length ?? 0;

const item = (section: ContextSectionName, id: string, words = 3): ContextItem => ({
  section,
  text: `${id} ${"so ".repeat(words - 1)}`.trim(),
  when: "day",
  source: { memoryId: id, messageIds: [`m-${id}`], turn: undefined, saidAt: new Date(0) },
  memoryIds: section === "turns" ? [] : [id],
  saying: id,
  place: 0,
  isWhole: true,
});

/** Items by section, a letter each. */
const many = (letters: Partial<Record<ContextSectionName, string>>): Candidates =>
  Object.fromEntries(
    CONTEXT_SECTIONS.map((section) => [
      section,
      [...(letters[section] ?? "")].map((id) => item(section, id)),
    ]),
  ) as unknown as Candidates;

const fill = (
  candidates: Candidates,
  shares: Partial<Record<ContextSectionName, number>>,
  tokenBudget: number,
) => {
  const wishes = Object.entries(shares).map(([section, share]) => ({
    section: section as ContextSectionName,
    share,
  }));
  const ranked = [...candidates.facts, ...candidates.events, ...candidates.procedures];
  const { items, leftOut } = fillSections({ wishes, candidates, ranked, tokenBudget, count });
  const of = Map.groupBy(items, ({ section }) => section);
  return {
    taken: Object.fromEntries(
      [...of].map(([section, list]) => [section, list.map(({ saying }) => saying).join("")]),
    ),
    leftOut: [...leftOut].map(([{ saying }, reason]) => [saying, reason]),
  };
};

/** What is written of these: lines, and a heading for each section that has some. */
const written = (items: readonly ContextItem[]) => {
  const headings = [...new Set(items.map(({ section }) => section))].map((section) => HEADINGS[section]);
  const lines = items.map((one) => count(lineOf(one, 999)) + 1);
  return [...lines, ...headings.map((heading) => count(heading) + 2)].reduce((sum, each) => sum + each, 0);
};

describe("fillSections", () => {
  it("never passes its budget, whatever gives way for a turn", () => {
    const anyFact = fc.record({
      words: fc.integer({ min: 1, max: 12 }),
      turn: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(
        fc.array(anyFact, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 4 }),
        fc.integer({ min: 10, max: 300 }),
        (facts, turns, tokenBudget) => {
          const told = facts.map(({ words, turn }, i) => {
            const one = item("facts", `f${i}`, words);
            return turn === undefined
              ? one
              : { ...one, source: { ...one.source, messageIds: [`m-t${turn}`] } };
          });
          const said = turns.map((words, i) => item("turns", `t${i}`, words));
          const candidates = { ...many({}), facts: told, turns: said };
          const wishes = [
            { section: "turns", share: 1 },
            { section: "facts", share: 2 },
          ] as const;
          const { items } = fillSections({ wishes, candidates, ranked: told, tokenBudget, count });
          expect(written(items)).toBeLessThanOrEqual(tokenBudget);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("gives each section its share", () => {
    const candidates = many({ profile: "abcdefgh", facts: "ijklmnop" });
    expect(fill(candidates, { profile: 1, facts: 1 }, 100).taken).toEqual({ profile: "abc", facts: "ijklm" });
    expect(fill(candidates, { profile: 1, facts: 3 }, 130).taken).toEqual({
      profile: "ab",
      facts: "ijklmnop",
    });
  });

  it("gives what a section leaves to the next, and what the last leaves to what is found best", () => {
    const middle = many({ profile: "abcdefgh", facts: "i", events: "jklmnop" });
    expect(fill(middle, { profile: 1, facts: 1, events: 1 }, 120).taken).toEqual({
      profile: "abc",
      facts: "i",
      events: "jklmn",
    });
    const last = many({ profile: "abcdefgh", facts: "ijklmnop", events: "q" });
    expect(fill(last, { profile: 1, facts: 1, events: 1 }, 150).taken).toEqual({
      profile: "abc",
      facts: "ijklmnop",
      events: "q",
    });
    // Turns too leave theirs to the section behind them.
    const early = many({ turns: "t", events: "jklmnop", facts: "abcdefg" });
    expect(fill(early, { turns: 1, events: 1, facts: 1 }, 150).taken).toEqual({
      turns: "t",
      events: "jklmnop",
      facts: "abcd",
    });
  });

  it("tells the best of what is found where no share has room for it", () => {
    const candidates = many({ profile: "a", facts: "bc", events: "d", turns: "t" });
    expect(fill(candidates, { profile: 1, events: 1, facts: 1, turns: 1 }, 30).taken).toEqual({
      facts: "bc",
    });
  });

  it("keeps turns without gaps, newest first", () => {
    const candidates = {
      ...many({}),
      turns: [item("turns", "a"), item("turns", "b", 40), item("turns", "c")],
    };
    expect(fill(candidates, { turns: 1 }, 50)).toEqual({
      taken: { turns: "a" },
      leftOut: [
        ["b", "budget"],
        ["c", "budget"],
      ],
    });
  });

  it("tells nothing twice, and says so", () => {
    const twice = item("facts", "a");
    const candidates = {
      ...many({ profile: "a", events: "x", turns: "t" }),
      facts: [item("facts", "z"), twice, { ...item("facts", "b"), saying: "a" }, item("facts", "t")],
    };
    expect(fill(candidates, { profile: 1, facts: 1, events: 1, turns: 1 }, 400)).toEqual({
      taken: { profile: "a", facts: "z", events: "x", turns: "t" },
      leftOut: [
        ["a", "duplicate"],
        ["a", "duplicate"],
        ["t", "duplicate"],
      ],
    });
  });
});
