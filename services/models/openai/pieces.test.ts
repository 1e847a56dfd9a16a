import type { Turn } from "@mneme/core/extraction/extractor.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { toChunks } from "./pieces.ts";

const turn = (text: string, i = 0): Turn => ({
  messageId: `m${i}`,
  sessionId: undefined,
  role: "user",
  name: undefined,
  text,
  sentAt: new Date(0),
});

test("every character of every turn is in one piece, in order, and no request is beyond its limits", () => {
  const limits = fc.record({
    maxPieces: fc.integer({ min: 1, max: 9 }),
    maxCharacters: fc.integer({ min: 4, max: 80 }),
  });
  const texts = fc.array(fc.string({ unit: "binary", minLength: 1, maxLength: 300 }), { maxLength: 20 });
  fc.assert(
    fc.property(texts, limits, (all, limit) => {
      const turns = all.map(turn);
      const chunks = toChunks(turns, limit);
      const pieces = chunks.flat();
      for (const one of turns) {
        const own = pieces.filter((piece) => piece.turn === one);
        expect(own.map(({ text }) => text).join("")).toBe(one.text);
        for (const { offset, text } of own) expect(one.text.slice(offset, offset + text.length)).toBe(text);
      }
      for (const chunk of chunks) {
        expect(chunk.length).toBeLessThanOrEqual(limit.maxPieces);
        expect(chunk.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(
          limit.maxCharacters,
        );
      }
    }),
  );
});

test("a long message is cut where it pauses, and never inside a character", () => {
  const text = `${"One thing. ".repeat(8)}\n\n${"Another thing. ".repeat(8)}`;
  const [first] = toChunks([turn(text)], { maxPieces: 10, maxCharacters: 120 });
  expect(first?.[0]?.text.endsWith("\n\n")).toBe(true);
  for (const { text: piece } of toChunks([turn("🦀".repeat(50))], {
    maxPieces: 99,
    maxCharacters: 7,
  }).flat()) {
    expect(piece.isWellFormed()).toBe(true);
  }
});
