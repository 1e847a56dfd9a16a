import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalizeStatement } from "./normalize.ts";

describe("normalizeStatement", () => {
  it("folds case, white space, compatibility forms and a closing full stop or exclamation mark", () => {
    expect(normalizeStatement("  Ada lives\n in  Ｐaris. ")).toBe("ada lives in paris");
    expect(normalizeStatement("ADA LIVES IN PARIS! …")).toBe("ada lives in paris");
    expect(normalizeStatement("艾达住在巴黎。")).toBe(normalizeStatement("艾达住在巴黎！"));
  });

  it("folds the two pictures of one character", () => {
    expect(normalizeStatement("Ada signs with ❤️.")).toBe(normalizeStatement("Ada signs with ❤"));
  });

  it("keeps punctuation inside", () => {
    expect(normalizeStatement("Ada's rate is 3.5.")).toBe("ada's rate is 3.5");
  });

  it.each([
    ["Ada programs in C.", "Ada programs in C#."],
    ["Her share is 50", "Her share is 50%"],
    ["Her blood type is O-", "Her blood type is O"],
    ["Ada got a Grade A*.", "Ada got a Grade A."],
    ["Ada lives in Paris?", "Ada lives in Paris."],
    ["Her handle is ada_", "Her handle is ada"],
    ["Her password is (fox)", "Her password is (fox"],
    ["It has 10² parts", "It has 102 parts"],
    ["It weighs 1½ kilos", "It weighs 11⁄2 kilos"],
  ])("tells %j from %j", (a, b) => {
    expect(normalizeStatement(a)).not.toBe(normalizeStatement(b));
  });

  it("tells texts apart by any character but white space and closing marks", () => {
    fc.assert(
      fc.property(fc.lorem(), fc.stringMatching(/^[#-,/:-@[-`{-~-]$/), (text, mark) => {
        expect(normalizeStatement(`${text}${mark}`)).not.toBe(normalizeStatement(text));
        expect(normalizeStatement(`${text}${mark} .`)).toBe(normalizeStatement(`${text}${mark}`));
      }),
    );
  });

  it.each(["grapheme", "binary"] as const)("is idempotent for any %s string", (unit) => {
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        const once = normalizeStatement(text);
        expect(normalizeStatement(once)).toBe(once);
      }),
    );
  });
});
