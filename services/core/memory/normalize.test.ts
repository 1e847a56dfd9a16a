import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalizeStatement } from "./normalize.ts";

describe("normalizeStatement", () => {
  it("folds case, white space, compatibility forms and closing punctuation", () => {
    expect(normalizeStatement("  Ada lives\n in  Ｐaris. ")).toBe("ada lives in paris");
    expect(normalizeStatement("ADA LIVES IN PARIS!?")).toBe("ada lives in paris");
  });

  it("keeps punctuation inside", () => {
    expect(normalizeStatement("Ada's rate is 3.5.")).toBe("ada's rate is 3.5");
  });

  it("is idempotent", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const once = normalizeStatement(text);
        expect(normalizeStatement(once)).toBe(once);
      }),
    );
  });
});
