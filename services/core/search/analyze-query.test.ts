import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { analyzeQuery } from "./analyze-query.ts";
import { dateRanges, namedDates } from "./named-dates.ts";
import { WINDOW_STOP_WORDS } from "./stop-words.ts";
import { asksForTime, holdsTime } from "./time-words.ts";

const participants = ["Ada Lovelace", "Ben"];

describe("analyzeQuery", () => {
  test("strips participants' names, whole or first, from vector and keywords", () => {
    const query = analyzeQuery("What did Ada's sister bake for Ben?", { participants });
    expect(query.denseText).toBe("What did sister bake for?");
    expect(query.keywords).toBe("sister bake");
    expect(query.soleParticipant).toBeUndefined();
    expect(analyzeQuery("Where does ada lovelace live?", { participants }).soleParticipant).toBe(
      "ada lovelace",
    );
  });

  test("keeps the whole query where nothing else is left", () => {
    expect(analyzeQuery("Who is Ben?", { participants }).denseText).toBe("Who is Ben?");
  });

  test("does not take a part of a word for a name", () => {
    const query = analyzeQuery("Which benches did they paint?", { participants });
    expect(query.soleParticipant).toBeUndefined();
    expect(query.keywords).toBe("benches paint");
  });

  test.each([
    ["Where do I live?", "user"],
    ["Which route did we choose?", "user"],
    ["What did you recommend to me?", "assistant"],
    ["Can you remind me of the hotel you suggested for Porto?", "assistant"],
    ["What train did the assistant mention?", "assistant"],
    ["How should you answer me?", "user"],
    ["What did I tell Ben?", undefined],
    ["Where is the river?", undefined],
  ])("%s is about turns of the %s", (text, role) => {
    expect(analyzeQuery(text, { participants }).prefersRole).toBe(role);
  });

  test("finds other names and quoted titles", () => {
    const query = analyzeQuery('Did Ada read "The Sea" with Rosa in Tel Aviv?', { participants });
    expect(query.entities).toEqual(expect.arrayContaining(["the sea", "rosa", "tel aviv"]));
    expect(query.entities).not.toContain("ada");
  });

  test("keeps words whole that the index keeps whole", () => {
    expect(analyzeQuery("Did 3,000 people set max_retry, or more?", { participants }).keywords).toBe(
      "3,000 people set max_retry",
    );
    expect(analyzeQuery("नमस्ते दुनिया", { participants }).keywords).toBe("नमस्ते दुनिया");
  });

  test("any text gives a dense text and keywords without stop words and names", () => {
    const stop = new Set(WINDOW_STOP_WORDS);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
        const query = analyzeQuery(`${text} Ben`, { participants });
        expect(query.denseText.length).toBeGreaterThan(0);
        for (const word of query.keywords.split(" ").filter(Boolean)) {
          expect(stop.has(word)).toBe(false);
          expect(word).not.toBe("ben");
        }
      }),
    );
  });
});

describe("time words", () => {
  test.each([
    "When did he leave?",
    "How long was it?",
    "In which year was it?",
    "What month?",
    "How many days?",
  ])("%s asks for a time", (text) => expect(asksForTime(text)).toBe(true));
  test.each(["Who left?", "What did they eat?", "How many apples?"])("%s does not", (text) =>
    expect(asksForTime(text)).toBe(false),
  );
  test.each([
    "I left yesterday",
    "two weeks ago",
    "in May",
    "on the 3rd",
    "since 2016",
    "last summer",
    "at 5pm",
  ])("%s holds a time", (text) => expect(holdsTime(text)).toBe(true));
  test.each(["I may go", "the blue house", "a second helping"])("%s does not", (text) =>
    expect(holdsTime(text)).toBe(false),
  );
});

describe("namedDates", () => {
  const date = (year?: number, month?: number, day?: number) => ({ year, month, day });
  test.each([
    ["on 7 May 2023", [date(2023, 5, 7)]],
    ["on May 7, 2023", [date(2023, 5, 7)]],
    ["on the 3rd of June", [date(undefined, 6, 3)]],
    ["in June 2023", [date(2023, 6)]],
    ["in May", [date(undefined, 5)]],
    ["in 2022", [date(2022)]],
    ["on 2024-02-29", [date(2024, 2, 29)]],
    ["may I go", []],
    ["the march of time", []],
    ["between January and March 2024", [date(2024, 3), date(undefined, 1)]],
  ])("%s", (text, expected) => expect(namedDates(text)).toEqual(expected));

  test("relative dates need to know now", () => {
    const now = new Date("2026-05-08T12:00:00Z");
    expect(namedDates("what happened yesterday")).toEqual([]);
    expect(namedDates("what happened yesterday", now)).toEqual([date(2026, 5, 7)]);
    expect(namedDates("what happened last month", now)).toEqual([date(2026, 4)]);
  });

  test("ranges cover the month, the year, or the month of ten years", () => {
    const now = new Date("2026-05-08T12:00:00Z");
    expect(dateRanges([date(2023, 12, 7)], now)).toEqual([
      { from: new Date("2023-12-01T00:00:00Z"), to: new Date("2024-01-01T00:00:00Z") },
    ]);
    expect(dateRanges([date(2022)], now)).toEqual([
      { from: new Date("2022-01-01T00:00:00Z"), to: new Date("2023-01-01T00:00:00Z") },
    ]);
    expect(dateRanges([date(undefined, 5)], now)).toHaveLength(10);
    expect(dateRanges([], now)).toEqual([]);
  });
});
