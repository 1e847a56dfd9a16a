import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { languageOf } from "../language/languages.ts";
import { analyzeQuery } from "./analyze-query.ts";
import { dateRanges, namedDates } from "./named-dates.ts";
import { readQueryTime } from "./query-time/read-query-time.ts";
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

  test("leaves out of the keywords what was read as a time that is counted from now", () => {
    const time = readQueryTime("What did I paint last spring?", new Date("2026-11-22T12:00:00Z"));
    expect(analyzeQuery("What did I paint last spring?", { participants, time }).keywords).toBe(
      "paint spring",
    );
    expect(analyzeQuery("Who finished last?", { participants }).keywords).toBe("finished last");
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

  test("a named year is not crowded out by months of any year", () => {
    const months = [1, 2, 3, 4].map((month) => date(undefined, month));
    const ranges = dateRanges([...months, date(1999)], new Date("2026-05-08T12:00:00Z"));
    expect(ranges).toHaveLength(32);
    expect(ranges[0]?.from).toEqual(new Date("1999-01-01T00:00:00Z"));
  });
});

describe("a query in another language", () => {
  const now = new Date("2026-05-06T10:00:00Z");
  const analyze = (tag: string, text: string, participants: readonly string[] = []) =>
    analyzeQuery(text, { participants, now, language: languageOf(tag) });

  test.each([
    [
      "de",
      "Wann ist Annas Katze nach Graz gezogen?",
      { keywords: "katze graz gezogen", soleParticipant: "anna" },
    ],
    ["de", "Was hast du mir gestern empfohlen?", { prefersRole: "assistant", keywords: "gestern empfohlen" }],
    ["de", "Wo wohne ich?", { prefersRole: "user", keywords: "wohne", asksForTime: false }],
    [
      "es",
      "¿Cuándo se mudó mi hermana?",
      { prefersRole: "user", asksForTime: true, keywords: "mudó hermana" },
    ],
    ["es", "¿Qué me recomendaste?", { prefersRole: "assistant" }],
    ["ja", "田中さんはいつ東京に行きましたか？", { soleParticipant: "田中", asksForTime: true }],
    ["ja", "猫", { keywords: "猫", rare: ["猫"] }],
    ["de", "Hunde?", { rare: ["hunde"] }],
    ["de", "Welche Hunde haben Katzen?", { rare: [] }],
    ["en", "Dogs?", { rare: [] }],
    ["ja", "私の猫の名前は何ですか？", { keywords: "猫 名前", prefersRole: "user" }],
    ["zh", "我什么时候去上海？", { keywords: "去 上海", asksForTime: true, prefersRole: "user" }],
    ["fi", "Missä kissani on?", { keywords: "missä kissani on", asksForTime: false, prefersRole: undefined }],
  ] as const)("%s: %s", (tag, text, expected) => {
    expect(analyze(tag, text, ["Anna", "田中"])).toMatchObject(expected);
  });

  test.each([
    ["de", "Was war gestern?", [2026, 5, 5]],
    ["de", "Wo war ich im Mai 2024?", [2024, 5]],
    ["de", "Was geschah am 12. August?", [undefined, 8, 12]],
    ["de", "Was habe ich letzten Monat gekauft?", [2026, 4]],
    ["de", "Was war vor drei Tagen?", [2026, 5, 3]],
    ["de", "Was war letztes Jahr?", [2025]],
    ["es", "¿Qué hice ayer?", [2026, 5, 5]],
    ["es", "¿Qué hay pasado mañana?", [2026, 5, 8]],
    ["es", "¿Qué pasó en agosto de 2025?", [2025, 8]],
    ["es", "¿Qué pasó hace dos meses?", [2026, 3]],
    ["ja", "2024年5月に何をしましたか", [2024, 5]],
    ["ja", "先月は何を買った？", [2026, 4]],
    ["ja", "三日前は？", [2026, 5, 3]],
    ["zh", "5月12日我做了什么？", [undefined, 5, 12]],
    ["zh", "上个月我去了哪里？", [2026, 4]],
  ] as const)("names a date: %s: %s", (tag, text, [year, month, day]) => {
    expect(analyze(tag, text).dates).toEqual([{ year, month, day }]);
  });

  test.each([
    ["de", "Guten Morgen, was trinke ich am Morgen?"],
    ["es", "¿Qué desayuno por la mañana?"],
    ["fi", "Mitä tein eilen?"],
  ])("names none: %s: %s", (tag, text) => {
    expect(analyze(tag, text).dates).toEqual([]);
  });

  test("holds codes in any language, and calls no word rare", () => {
    expect(analyze("ja", "iPhone15はいつ買いましたか").rare).toEqual(["iphone15"]);
    expect(analyze("de", "Wo liegt die Donaudampfschifffahrtsgesellschaft, Akte QX-4471?").rare).toEqual([
      "qx-4471",
    ]);
  });
});
