import { expect, test } from "vitest";
import { SAID } from "../testing/conversation.ts";
import { createEmbeddedExtractor } from "./extractor.ts";

const extractor = createEmbeddedExtractor();

/** What one tells. */
function extract(name: string, text: string) {
  const turns = [{ messageId: "m", sessionId: "s", role: "user" as const, name, text, sentAt: SAID }];
  return extractor.extract({ turns, context: [], summary: "", nearest: [] });
}

test.each([
  ["a", "", 131_072],
  ["😀", "x", 15_000],
  ["日本", "", 30_000],
  ["which goes on and on, ", "", 6_000],
  ["I ", "", 10_000],
  ["[image: a dog] ", "", 8_000],
])(
  "of %j no statement grows without bound, and nothing of what is read is left out",
  async (fragment, front, times) => {
    const text = front + fragment.repeat(times);
    for (const name of ["Emil", "E".repeat(100)]) {
      const { statements } = await extract(name, text);
      expect(Math.max(...statements.map((statement) => statement.text.length))).toBeLessThan(4_000);
      const spans = statements.flatMap(({ sources }) => sources.filter(({ messageId }) => messageId === "m"));
      const own = spans
        .filter(({ start }, i) => start !== spans[i - 1]?.start)
        .sort((a, b) => a.start - b.start);
      for (const [i, { start, end }] of own.entries()) {
        expect(text.slice(own[i - 1]?.end ?? 0, start).trim()).toBe("");
        expect(end - start).toBeLessThanOrEqual(3_000);
        expect(/[\ud800-\udbff]/.test(text[end - 1] ?? "")).toBe(false);
      }
    }
  },
);

test("what a long message tells last is told", async () => {
  const brief = createEmbeddedExtractor({ statementsPerTurn: 4 });
  const text = [
    ...[
      "I have a dog.",
      "I live in Graz.",
      "I work at Fiat.",
      "I play chess.",
      "I like jazz.",
      "I drive a Volvo.",
    ],
    ...["My sister lives in Cork.", "I speak Welsh.", "I am allergic to nuts.", "I am vegan."],
  ].join(" ");
  const turns = [{ messageId: "m", sessionId: "s", role: "user" as const, name: "Ada", text, sentAt: SAID }];
  const { statements } = await brief.extract({ turns, context: [], summary: "", nearest: [] });
  expect(statements.map(({ text: told }) => told)).toEqual([
    "Ada has a dog.",
    "Ada lives in Graz.",
    "Ada works at Fiat.",
    "Ada plays chess.",
    "Ada likes jazz. Ada drives a Volvo. Ada's sister lives in Cork. Ada speaks Welsh. Ada is allergic to nuts. Ada is vegan.",
  ]);
});
