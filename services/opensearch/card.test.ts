import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeCard, encodeCard, isOfModel, modelMark } from "./card.ts";
import { memory } from "./index-testing.ts";

const facts = fc.record({
  memoryId: fc.uuid(),
  version: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  kind: fc.constantFrom("semantic" as const, "episodic" as const, "procedural" as const),
  origin: fc.constantFrom("stated" as const, "inferred" as const, "tool" as const),
  role: fc.constantFrom("user" as const, "assistant" as const, "system" as const, "tool" as const, undefined),
  isQuestion: fc.boolean(),
  hasTime: fc.boolean(),
  confidence: fc.integer({ min: 0, max: 1_000 }).map((n) => n / 1_000),
  importance: fc.integer({ min: 0, max: 1_000 }).map((n) => n / 1_000),
  saidAt: fc.date({ noInvalidDate: true }),
  speaker: fc.option(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }), { nil: undefined }),
});

describe("a card", () => {
  it("gives back what was written on it", () => {
    fc.assert(
      fc.property(facts, fc.boolean(), (fact, hasWindow) => {
        const words = { text: "own words", window: hasWindow ? "more than own words" : "own words" };
        const card = encodeCard(memory({ tenantId: "t", ...words, ...fact }));
        expect(decodeCard(card)).toEqual({ ...fact, hasWindow });
      }),
    );
  });

  it("tells whose vector its document has", () => {
    const card = encodeCard(memory({ tenantId: "t", embeddingModel: "a/1" }));
    expect(["a/1", "a/2"].map((model) => isOfModel(card, modelMark(model)))).toEqual([true, false]);
  });

  it("of another layout, or cut short, is not read", () => {
    const card = encodeCard(memory({ tenantId: "t" }));
    expect(decodeCard(card.subarray(0, 10))).toBeUndefined();
    card.writeUInt8(1, 0);
    expect(decodeCard(card)).toBeUndefined();
    expect(decodeCard(Buffer.alloc(0))).toBeUndefined();
  });
});
