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
        ..."a A an the has x _ / 5 ½ ² दि ß İ - – − . … , : ' ’ \" ” ! ? # % + < > € 😀 ❤️".split(" "),
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
    ["Ada needs vitamin A tablets", "Ada needs vitamin tablets"],
    ["Ada got the hepatitis A vaccine", "Ada got the hepatitis vaccine"],
    ["Ada has a type A personality", "Ada has a type personality"],
    ["Ada moved to group A in May", "Ada moved to group in May"],
    ["ADA MOVED TO GROUP A IN MAY", "ADA MOVED TO GROUP IN MAY"],
    ["Ada rows. The A team won", "Ada rows. The team won"],
    ["Rome won 5 - 3", "Rome won 5 3"],
    ["Rome won 5 – 3", "Rome won 5 3"],
    ["Rome won 5 - 3", "Rome won 5 -3"],
    ["Ada ate 1 / 2 of it", "Ada ate 1 2 of it"],
    ["Ada ate 1/ 2 of it", "Ada ate 1 2 of it"],
    ["Ada writes as ada_l@x.org", "Ada writes as ada l@x.org"],
    ["Ada writes as _ada", "Ada writes as ada"],
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
    ["Rome won 5 – 3", "Rome won 5-3"],
    ["Ada rows. A friend steers. Why? A club asked.", "Ada rows. Friend steers. Why? Club asked"],
    ["A nurse really is a friend", "nurse is friend"],
    ["Οδος 5... Β", "ΟΔΟΣ 5... Β"],
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
        // A capital A may be a name.
        const text = `${words.replace(/\ba\b/giu, "the")}${sign}`;
        const other = `  ${text.toUpperCase().replaceAll(" ", " \n ")} . `;
        expect(wordingOf(other)).toBe(wordingOf(text));
      }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const lower = text.replaceAll("A", "a");
        expect(wordingOf(normalizeStatement(lower))).toBe(wordingOf(lower));
      }),
    );
  });

  it("is idempotent", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const once = wordingOf(text);
        expect(wordingOf(once)).toBe(once);
      }),
      { numRuns: 1_000, examples: [["a…A”a"]] },
    );
  });

  it.each([
    ..."-.…!?+²'\"–दि\u0301\ufe0f \u200d",
    "a-",
    "5'",
    ". ",
    "- ",
    "the ",
    "5².",
    "5 ",
    "5 - ",
    "5 /",
    "_",
    "A ",
    "A a ",
    "the A ",
    "😀\ufe0f",
    "-.5",
  ])("reads a run of %j in linear time, and so does the exact rule", (part) => {
    const text = `Ada ${part.repeat(200_000)} x`;
    withTimeLimit(10_000, () => wordingOf(text));
    withTimeLimit(10_000, () => normalizeStatement(text));
  });
});
