import fc from "fast-check";
import { expect, it } from "vitest";
import { customId } from "./custom-id.ts";

const asked = fc.record({
  batchId: fc.uuid(),
  model: fc.constantFrom("small", "large"),
  extractorVersion: fc.constantFrom("v1", "v2"),
});
const request = fc.record({
  number: fc.nat({ max: 3 }),
  messageIds: fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 }),
});

it("is the same for the same question alone, and short enough for a server", () => {
  fc.assert(
    fc.property(asked, request, asked, request, (of, one, ofOther, other) => {
      const isSame = JSON.stringify([of, one]) === JSON.stringify([ofOther, other]);
      expect(customId(of, one) === customId(ofOther, other)).toBe(isSame);
      expect(customId(of, one)).toMatch(/^r\d-[\w-]{22}$/);
    }),
  );
});

it("shows no id that is in it", () => {
  const id = "0190a000-0000-7000-8000-000000000001";
  const of = { batchId: id, model: "small", extractorVersion: "v1" };
  expect(customId(of, { number: 7, messageIds: [id] })).not.toContain("0190a000");
});
