import { beforeAll, describe, expect, test } from "vitest";
import { deedKey } from "../consolidation/deed.ts";
import { spokenLanguage } from "../extraction/as-said/spoken-language.ts";
import { saidIn } from "../extraction/as-said/turn.ts";
import { withSlips } from "../extraction/embedded/slips.ts";
import { withTimeLimit } from "../extraction/embedded/time-limit.ts";
import type { Turn } from "../extraction/extractor.ts";
import { withoutSensitive } from "../extraction/sensitive/find-sensitive.ts";
import { SENSITIVE_KINDS } from "../extraction/sensitive/sensitive-kind.ts";
import { languageOf } from "../language/languages.ts";
import { analyzeQuery } from "../search/analyze-query.ts";
import { readQueryTime } from "../search/query-time/read-query-time.ts";
import { textFeatures } from "../search/turn-features.ts";
import { compare } from "./compare.ts";
import { forgetElsewhere, isAskedForElsewhere } from "./forgetting/elsewhere.ts";
import { forgetRequest } from "./forgetting/request.ts";
import { asSaid, readClaims } from "./reading.ts";
import { readTold } from "./told-in.ts";
import { undated } from "./undated.ts";

/** Longest texts that may be sent, in bytes. */
const MESSAGE = 131_072;
const STATEMENT = 8_192;
const QUERY = 4_096;
/** What is read sentence by sentence takes as much for each: some of the longest message's tell of all. */
const SENTENCES = MESSAGE / 8;

const NOW = new Date("2026-05-06T10:00:00Z");
const SELVES = new Set(["the user", "ada"]);
const KNOWN = readClaims("Ada lives in Berlin.", SELVES);
const COMPARED = {
  cosine: 0.9,
  mayEnd: () => true,
  isOtherMoment: false,
  isAnotherTime: false,
  isTalk: false,
};

function turn(text: string): Turn {
  return { messageId: "m", sessionId: "s", role: "user", name: "Ada", text, sentAt: NOW };
}

/** What reads a text of a user, with the longest that it may be given. */
const READERS: readonly (readonly [name: string, longest: number, read: (text: string) => unknown])[] = [
  ["a statement", STATEMENT, (text) => readTold(text, SELVES, "en")],
  ["what was said", MESSAGE, (text) => asSaid(KNOWN, text)],
  ["a request to forget", STATEMENT, (text) => forgetRequest(text)],
  ...["de", "es", "zh", "ja"].map(
    (tag) => [`a request to forget, ${tag}`, MESSAGE, (text: string) => forgetElsewhere(text, tag)] as const,
  ),
  [
    "what is asked for",
    STATEMENT,
    (text) => isAskedForElsewhere({ what: "topic", about: "mein Hund" }, text, "de"),
  ],
  ...["en", "de", "es", "zh", "ja"].map(
    (tag) =>
      [
        `a query, ${tag}`,
        QUERY,
        (text: string) => {
          const language = languageOf(tag);
          const time = readQueryTime(text, NOW, language);
          analyzeQuery(text, { participants: ["Rosa", "Emil"], now: NOW, language, time });
        },
      ] as const,
  ),
  ...["en", "de", "es", "zh", "ja", "ru"].map(
    (tag) => [`features, ${tag}`, MESSAGE, (text: string) => textFeatures(text, languageOf(tag))] as const,
  ),
  ["sensitive content", SENTENCES, (text) => withoutSensitive(text, SENSITIVE_KINDS)],
  ["the language", MESSAGE, (text) => spokenLanguage(text)],
  ...["de", "zh"].map((tag) => [`sentences, ${tag}`, MESSAGE, (text: string) => saidIn(text, tag)] as const),
  ["a slip", MESSAGE, (text) => withSlips([turn("I live in Bern."), turn(text), turn("No, I meant Rome.")])],
  ["an episode", STATEMENT, (text) => [undated(text), deedKey({ text, validFrom: NOW })]],
];

/** Runs of characters that rules look for, of words that they know, and what kept one of them busy for seconds. */
const FRAGMENTS = [
  ["a", "A", "Ab ", "Ab-", "ab-", "A'", "1", "1,", "12:", " ", "\n", "\t", ",", ", ", ".", "!", "? ", "-"],
  ['"', "“a", '"a" ', "(", "[image:", "«", "'", "@", "@!", "a@b.", "https://a.b/", "-eyJ-e", "l-", "lawµa"],
  [
    "my ",
    "My dog ",
    "Ada's ",
    "and ",
    "not ",
    "no, ",
    "that ",
    "of the ",
    "A told ",
    "forget that ",
    "haha ",
  ],
  [
    "in 0m   ",
    "a couple  d ",
    "half a day ",
    "3 May, ",
    "2019 ",
    "again tell me a ",
    "i mean ",
    "don't want ",
  ],
  ["日本。", "一", "来年", "vergiss ", "bitte ", "por favor ", "é", "🎉", "\ud800", "\u200b", "\0"],
].flat();

/** Far beyond what linear reading takes on a busy machine, far below what anything else does. */
const LIMIT_MS = 5_000;
/** A shorter time tells nothing of how it grows. */
const NOISE_MS = 100;
/** Twice the text takes twice the time; of what takes quadratic time, four times. */
const MOST_GROWTH = 3;
const RUNS = 24;

function msOf(read: (text: string) => unknown, text: string): number {
  const began = performance.now();
  withTimeLimit(LIMIT_MS, () => read(text));
  return performance.now() - began;
}

/**
 * Whether the text twice as long takes little more than twice as long, by the best of as many runs as it takes to say so:
 * on a busy machine a single one says nothing, and what takes quadratic time does so in all.
 */
function isLinear(read: (text: string) => unknown, of: (length: number) => string, longest: number): boolean {
  let whole = Number.POSITIVE_INFINITY;
  let half = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) {
    whole = Math.min(whole, msOf(read, of(longest)));
    if (whole < NOISE_MS) return true;
    half = Math.min(half, msOf(read, of(longest / 2)));
    if (run > 0 && whole < MOST_GROWTH * half) return true;
  }
  return false;
}

describe("whatever a text is made of, reading it takes linear time", () => {
  beforeAll(() => {
    // Models are loaded and patterns built once.
    for (const [, , read] of READERS) read("I moved to Rome on Monday.");
  });

  test.each(READERS)("%s", (_name, longest, read) => {
    for (const fragment of FRAGMENTS) {
      for (const [front, behind] of [
        ["", ""],
        ["Please forget in ", " ago x?"],
      ]) {
        const of = (length: number) =>
          `${front}${fragment.repeat(Math.floor(length / Buffer.byteLength(fragment)) - 12)}${behind}`;
        expect(isLinear(read, of, longest), JSON.stringify([front, fragment])).toBe(true);
      }
    }
  });

  test.each(["\t0m\t", "0m   ", "a couple d ", "5 min and  "])("a query of many %j", (unit) => {
    const query = `in ${unit.repeat(900 / unit.length)}ago x`;
    expect(msOf(() => readQueryTime(query, NOW), query)).toBeLessThan(LIMIT_MS / 2);
  });

  test("comparing what such a text claims with itself", () => {
    for (const fragment of FRAGMENTS) {
      const reading = readClaims(fragment.repeat(STATEMENT / Buffer.byteLength(fragment)), SELVES);
      expect(
        msOf(() => compare(reading, reading, COMPARED), ""),
        JSON.stringify(fragment),
      ).toBeLessThan(LIMIT_MS);
    }
  });
});
