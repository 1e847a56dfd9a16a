import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { QuotedText } from "./evidence.ts";

function quoted(text: string, quote: string): string | undefined {
  const span = new QuotedText(text).locate(quote);
  return span && text.slice(span.start, span.end);
}

describe("a quote is found", () => {
  test.each([
    ["as it stands", "I moved to Lisbon in May.", "moved to Lisbon", "moved to Lisbon"],
    ["in another case", "I moved to LISBON.", "Moved to Lisbon", "moved to LISBON"],
    [
      "with the model's full stop and quotation marks",
      "we adopted a dog",
      '"We adopted a dog."',
      "we adopted a dog",
    ],
    [
      "with other apostrophes and dashes",
      "It’s a twenty‑year loan",
      "it's a twenty-year loan",
      "It’s a twenty‑year loan",
    ],
    [
      "over line breaks",
      "my sister\n  lives in Kyiv",
      "my sister lives in Kyiv",
      "my sister\n  lives in Kyiv",
    ],
    [
      "around an ellipsis",
      "I bought, after all, a red bike",
      "I bought … a red bike",
      "I bought, after all, a red bike",
    ],
    [
      "in composed and decomposed letters",
      "the cafe\u0301 in Nice",
      "the café in Nice",
      "the cafe\u0301 in Nice",
    ],
    ["after emoji", "🦀🦀 my crab is called Bob 🦀", "crab is called Bob", "crab is called Bob"],
    ["in Chinese, inside a run of characters", "我上个月搬到了上海工作", "搬到了上海", "搬到了上海"],
    ["when it is short but all there is", "no", "No.", "no"],
  ])("%s", (_, text, quote, expected) => {
    expect(quoted(text, quote)).toBe(expected);
  });
});

describe("a quote is not found", () => {
  test.each([
    ["that says another thing", "I moved to Lisbon", "I moved to Porto"],
    ["that is a part of a word", "we had a party", "art"],
    ["that is too short to say anything", "I am so happy", "so"],
    ["of nothing", "I am happy", ""],
    ["of punctuation", "I am happy...", "..."],
    ["with words left out without saying so", "I bought, after all, a red bike", "I bought a red bike"],
    ["whose parts stand in another order", "first tea then coffee", "coffee … tea"],
  ])("%s", (_, text, quote) => {
    expect(quoted(text, quote)).toBeUndefined();
  });
});

test("any stretch of words of any text is found, and what is found reads the same", () => {
  const word = fc.stringMatching(/^[A-Za-z0-9éüß]{3,8}$/);
  const blanks = fc.constantFrom(" ", "  ", "\n", ", ", " – ");
  fc.assert(
    fc.property(
      fc.array(fc.tuple(word, blanks), { minLength: 1, maxLength: 30 }),
      fc.nat(),
      fc.nat(),
      (all, a, b) => {
        const text = all.map(([w, gap]) => w + gap).join("");
        const [from, to] = [a % all.length, b % all.length].toSorted((x, y) => x - y) as [number, number];
        const words = all.slice(from, to + 1);
        const quote = words.map(([w, gap], i) => (i < words.length - 1 ? w + gap : w)).join("");
        expect(quoted(text, quote)?.replace(/\s+/g, " ")).toBe(quote.replace(/\s+/g, " "));
      },
    ),
  );
});
