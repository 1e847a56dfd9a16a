import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normalizeStatement } from "../../memory/normalize.ts";
import { wordingOf } from "../../memory/wording.ts";
import { analyzeQuery } from "../../search/analyze-query.ts";
import { readQueryTime } from "../../search/query-time/read-query-time.ts";
import { turnFeatures } from "../../search/turn-features.ts";
import type { ExtractionOutput, Turn } from "../extractor.ts";
import { mentionsOf } from "../mentions.ts";
import { createEmbeddedExtractor } from "./extractor.ts";
import { withTimeLimit } from "./time-limit.ts";

const extractor = createEmbeddedExtractor();
const SAID = new Date("2026-05-06T10:00:00Z");

function turn(text: string, name: string): Turn {
  return { messageId: text, sessionId: "s", role: "user", name, text, sentAt: SAID };
}

/** What one says, and another answers. */
function extract(name: string, text: string): Promise<ExtractionOutput> {
  const turns = [turn("Do you like it?", "Rosa"), turn(text, name), turn("We both do!", "Rosa")];
  return extractor.extract({ turns, context: [], summary: "", nearest: [] });
}

/** Far beyond what linear reading takes on a busy machine, far below what anything else does. */
const LIMIT_MS = 10_000;

/** Ends a pattern that never would; a test's own time limit can't. */
function inTime(work: () => unknown): void {
  withTimeLimit(LIMIT_MS, work);
}

describe("long texts take no more than linear time", () => {
  test.each(
    [
      ["my sister, ", "my parents, ", "my sister-in-law, ", "and my sister and I ", "with my friend Tom, "],
      [
        "and ",
        "the ",
        "of the ",
        "I ",
        "we ",
        "me and ",
        "has ",
        "just ",
        "not ",
        "can't ",
        "it is so very ",
      ],
      [
        "on Monday ",
        "Monday and ",
        "in May ",
        "2019 ",
        "until ",
        "two weeks ago ",
        "between 3 and 5 ",
        "the 5th ",
      ],
      ["1", "1, ", "1.", "1-", "1/2 ", "12:", "3,000 ", "a-", "a.", "a_", "a'b'", "x,", "-a "],
      ["'", '"', "`", "“", "«", "(", "[", "{", "<", "</", "[image: ", "**", "#", "==", "...", "!", "?", ";"],
      ["日本語", "日本。", "é", "e\u0301", "ﷺ", "İ", "🎉", "👩‍👩‍👧", "\ud800", "\u200b", "\u0000"],
      [
        "\n",
        "\t",
        " ",
        "- a\n",
        "```",
        "a@b.c",
        "https://a.b/",
        "at at ",
        "A",
        "Ab ",
        "Ab of ",
        "Dr. ",
        "Rosa's ",
      ],
      [
        "Rosa their ",
        "lives in ",
        "my boss told me: ",
        "translate ",
        "you and I ",
        "we should meet. ",
        "you two ",
        "my doctor says you can't ",
        "I'd never ",
        "oh, ",
      ],
    ].flat(),
  )("of %j", async (fragment) => {
    const of = (length: number) => fragment.repeat(length / fragment.length);
    for (const [front, behind] of [
      ["I met ", " and then we went."],
      ["Guess who ", "."],
      ["A", ""],
    ] as const) {
      await extract("Emil", `${front}${of(32_768)}${behind}`);
      inTime(() => turnFeatures([turn(`${front}${of(32_768)}${behind}`, "Emil")], 0));
      const statement = `${front}${of(8_192)}${behind}`;
      inTime(() => mentionsOf(statement, [], ["Rosa", "Emil"]));
      inTime(() => wordingOf(statement));
      inTime(() => normalizeStatement(statement));
      const query = `${front}${of(4_096)}${behind}`;
      inTime(() => analyzeQuery(query, { participants: ["Rosa", "Emil"], time: readQueryTime(query, SAID) }));
    }
  });
});

test.each([
  ["[image:", " ", ""],
  ["I ", "?", ", and so."],
  ["I said ", "?'", "."],
])("%j, many of %j, %j take linear time", async (front, fragment, behind) => {
  await extract("Emil", `${front}${fragment.repeat(60_000)}${behind}`);
});

test("a turn that takes too long is ended, and another one is read", async () => {
  const hurried = createEmbeddedExtractor({ turnMs: 1 });
  const read = (text: string) =>
    hurried.extract({ turns: [turn(text, "Emil")], context: [], summary: "", nearest: [] });
  await expect(read("I met my sister and her friends. ".repeat(3_000))).rejects.toMatchObject({
    code: "ERR_SCRIPT_EXECUTION_TIMEOUT",
  });
  await expect(extract("Emil", "I live in Bern.")).resolves.toMatchObject({ statements: [{}] });
});

const INHERITED = Object.getOwnPropertyNames(Object.prototype);

test.each(INHERITED)("%s is a word like any other", async (word) => {
  const text = `I told my sister that ${word} lives in Graz. We ${word} on Friday with ${word}, you ${word}.`;
  const { statements } = await extract("Emil", text);
  expect(statements[0]?.text).toContain(word.replaceAll("__", ""));
  const named = await extract(word, "I live in Graz and I love sailing.");
  expect(named.statements[0]?.text).toContain(`${word} lives in Graz`);
  expect(mentionsOf(`${word} lives in Graz.`, [{ name: word, type: "person" }], [word]).relations).toEqual([
    { source: word, type: "lives_in", target: "Graz" },
  ]);
  expect(analyzeQuery(`Where does ${word} live?`, { participants: [word] }).soleParticipant).toBe(
    word.toLowerCase(),
  );
});

describe("whatever is said, by whomever", () => {
  const names = fc.oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 20 }),
    fc.string({ unit: fc.constantFrom(..."]^[\\-$&()|*+?.{}/'\" ab🎉"), minLength: 1, maxLength: 6 }),
    fc.constantFrom(...INHERITED, "]bob", "^bob", "$&", "\\", "-a", "SUBJECT"),
  );
  const words = fc.constantFrom(
    ..."I you we my mine yourself and but if not was is have go went moved to in Rome Monday last week May 2019 sister Tom's constructor \" ' ? ! . , : ; - [image: ] ( ) ``` \n 🎉 日本 \ud800".split(
      " ",
    ),
  );
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.array(words, { maxLength: 40 }).map((list) => list.join(" ")),
  );

  test("nothing is thrown for any text", async () => {
    await fc.assert(
      fc.asyncProperty(names, texts, async (name, text) => {
        await extract(name, text);
        mentionsOf(text, [{ name, type: "person" }], [name]);
        analyzeQuery(text, { participants: [name], time: readQueryTime(text, SAID) });
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  test("a name is read letter by letter, whatever its characters", async () => {
    const named = names.map((name) => name.normalize("NFC").replace(/\s+/g, " ").trim()).filter(Boolean);
    await fc.assert(
      fc.asyncProperty(named, async (name) => {
        await extract(
          name,
          "I live in Graz. We moved there with my sister Anna. I love sailing and you do too.",
        );
        const { relations } = mentionsOf("Eve lives in Graz. Bob loves sailing.", [], [name]);
        expect(relations.filter(({ source }) => source !== "Eve" && source !== "Bob")).toEqual([]);
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});
