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
  const towns = Array.from(
    { length: 60 },
    (_, i) => `I have a friend called Bo${String.fromCharCode(97 + (i % 26))}${i} in Rome.`,
  );
  const { statements } = await extract("Ada", [...towns, "I am allergic to nuts.", "I am vegan."].join(" "));
  const all = statements.map(({ text }) => text).join(" ");
  expect(all).toContain("Ada is allergic to nuts.");
  expect(all).toContain("Ada is vegan.");
  expect(statements.length).toBeGreaterThan(40);
});
