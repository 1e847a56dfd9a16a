import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withTimeLimit } from "../extraction/embedded/time-limit.ts";
import { normalizeStatement } from "./normalize.ts";
import { wordingOf } from "./wording.ts";

/** What stands behind a text and changes what it says. */
const SIGNS = [
  "+",
  "-",
  "#",
  "++",
  "%",
  "*",
  "?",
  "&",
  "°",
  "€",
  "'",
  '"',
  "😀",
  "😢",
  " > 5",
  " < 5",
  " -5",
];

/** Texts of everything that the rules look at, which strings by chance hardly hold. */
const texts = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ..."a an the has x 5 ½ ² दि ß İ - – − . … , : ' ’ \" ” ! ? # % + < > € 😀 ❤️".split(" "),
      ),
      fc.constantFrom(" ", "\n", "\u0301", "\ufe0f", "\u200d"),
      fc.string({ unit: "binary", maxLength: 2 }),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(""));

describe("wordingOf", () => {
  it.each([
    ["Her blood type is A+", "Her blood type is A-"],
    ["Her blood type is A−", "Her blood type is A"],
    ["Ada programs in C", "Ada programs in C#"],
    ["Ada programs in C", "Ada programs in C++"],
    ["Her score is > 5", "Her score is < 5"],
    ["Her share is 50%", "Her share is 50"],
    ["Her balance is -$5", "Her balance is $5"],
    ["A stamp costs .5 euros", "A stamp costs 5 euros"],
    ["The shelf is 6' wide", 'The shelf is 6" wide'],
    ["It has 10² parts", "It has 102 parts"],
    ["Ada takes vitamin A", "Ada takes a vitamin"],
    ["Ada signs with 😀", "Ada signs with 😢"],
    ["Her flag is 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "Her flag is 🏴󠁧󠁢󠁳󠁣󠁴󠁿"],
    ["यह एक दिन है", "यह एक दान है"],
  ])("tells %j from %j", (a, b) => {
    expect(wordingOf(a)).not.toBe(wordingOf(b));
  });

  it.each([
    ["Her share is 50%", "her share is 50 %."],
    ["Ada has really moved to the coast.", "Ada moved to the coast!"],
    ["It was –5 °C", "It was -5°C"],
    ["Ada (a nurse) lives in Rome", "Ada, a nurse, lives in Rome"],
    ["Ada – a nurse – rows", "Ada - the nurse - rows"],
    ["Ada’s “den”", `Ada's "den"`],
    ["Ada signs with ❤️", "Ada signs with ❤"],
  ])("takes %j and %j for one", (a, b) => {
    expect(wordingOf(a)).toBe(wordingOf(b));
  });

  it("tells any two signs behind any text", () => {
    fc.assert(
      fc.property(
        fc.lorem(),
        fc.uniqueArray(fc.constantFrom("", ...SIGNS), { minLength: 2 }),
        (text, signs) => {
          const wordings = new Set(signs.map((sign) => wordingOf(`${text} of A5${sign}`)));
          expect(wordings.size).toBe(signs.length);
        },
      ),
    );
  });

  it("doesn't mind case, white space, a closing full stop, or what the exact rule doesn't", () => {
    fc.assert(
      fc.property(fc.lorem(), fc.constantFrom("", ...SIGNS), (words, sign) => {
        const text = `${words}${sign}`;
        const other = `  ${text.toUpperCase().replaceAll(" ", " \n ")} . `;
        expect(wordingOf(other)).toBe(wordingOf(text));
      }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(wordingOf(normalizeStatement(text))).toBe(wordingOf(text));
      }),
    );
  });

  it("is idempotent", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const once = wordingOf(text);
        expect(wordingOf(once)).toBe(once);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([..."-.…!?+²'\"–दि\u0301\ufe0f \u200d", "a-", "5'", ". ", "- ", "the ", "5².", "😀\ufe0f", "-.5"])(
    "reads a run of %j in linear time, and so does the exact rule",
    (part) => {
      const text = `Ada ${part.repeat(200_000)} x`;
      withTimeLimit(10_000, () => wordingOf(text));
      withTimeLimit(10_000, () => normalizeStatement(text));
    },
  );
});
