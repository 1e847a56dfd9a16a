import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countTokens } from "../tokens/count-tokens.ts";
import { pack } from "./pack.ts";

const items = fc
  .array(fc.lorem({ maxCount: 40 }), { maxLength: 30 })
  .map((texts) => texts.map((text, i) => ({ memoryId: String(i), text })));

describe("pack", () => {
  test("never exceeds the budget or the limit, keeps the order, and accounts for every item", () => {
    fc.assert(
      fc.property(items, fc.nat(400), fc.nat(12), fc.nat(12), (list, tokenBudget, minHits, maxHits) => {
        const packed = pack(list, { tokenBudget, minHits, maxHits });
        const block = packed.hits.map(({ text }) => text).join("\n");
        expect(packed.tokens).toBeLessThanOrEqual(tokenBudget);
        expect(countTokens(block)).toBeLessThanOrEqual(tokenBudget);
        expect(packed.hits.length).toBeLessThanOrEqual(maxHits);
        const places = packed.hits.map((item) => list.indexOf(item));
        expect(places).toEqual([...places].sort((a, b) => a - b));
        expect(packed.hits.length + packed.omitted.length).toBe(list.length);
      }),
    );
  });

  test("passes over a long one while hits are few, and stops at it once there are enough", () => {
    const long = { memoryId: "long", text: "word ".repeat(300) };
    const short = (i: number) => ({ memoryId: `s${i}`, text: "Ada lives in Porto." });
    const few = pack([short(0), long, short(1)], { minHits: 5 });
    expect(few.hits.map(({ memoryId }) => memoryId)).toEqual(["s0", "s1"]);
    expect(few).toMatchObject({ omitted: [{ item: long, reason: "token_budget" }], full: undefined });
    const many = pack([short(0), long, short(1)], { minHits: 1 });
    expect(many.hits.map(({ memoryId }) => memoryId)).toEqual(["s0"]);
    expect(many.omitted.map(({ reason }) => reason)).toEqual(["token_budget", "token_budget"]);
    expect(many.full).toBe("token_budget");
    expect(pack([short(0), short(1)], { maxHits: 1 }).full).toBe("max_hits");
  });

  test("passes over what is too large for the answer, but for the first, and says so", () => {
    const list = [9, 4, 12, 3, 30, 3].map((bytes, i) => ({
      memoryId: `${bytes}@${i}`,
      text: `note ${i}`,
      bytes,
    }));
    const packed = pack(list, { maxBytes: 20, bytesOf: ({ bytes }) => bytes });
    expect(packed.hits.map(({ bytes }) => bytes)).toEqual([9, 4, 3, 3]);
    expect(packed.omitted.map(({ item, reason }) => [item.memoryId, reason])).toEqual([
      ["12@2", "max_bytes"],
      ["30@4", "max_bytes"],
    ]);
    expect(packed.full).toBe("max_bytes");
    const first = pack(list, { maxBytes: 5, bytesOf: ({ bytes }) => bytes });
    expect(first).toMatchObject({ hits: [list[0]], full: "max_bytes" });
  });

  test("is not full of bytes for one that is too large alone", () => {
    const list = [3, 30, 4].map((bytes, i) => ({ text: `note ${i}`, bytes }));
    const packed = pack(list, { maxBytes: 20, bytesOf: ({ bytes }) => bytes });
    expect(packed).toMatchObject({ hits: [list[0], list[2]], full: undefined });
  });

  test("what is written around a text counts", () => {
    const item = { memoryId: "a", text: "Ada lives in Porto." };
    const plain = pack([item]).tokens;
    expect(pack([item], { render: ({ text }) => `- ${text} [1] (said 3 May 2026)` }).tokens).toBeGreaterThan(
      plain,
    );
  });
});
