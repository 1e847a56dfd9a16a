/** Words without which a statement says the same: articles, the perfect tense, emphasis. */
const EMPTY = new Set(
  "a an the has have really very just also so quite actually totally definitely".split(" "),
);

/**
 * What a statement says, word by word, in one spelling: equal where two differ in nothing but articles and
 * emphasis. Order, roles, negations, tense and numbers tell: "from Rome to Paris" is not "from Paris to Rome".
 */
export function wordingOf(text: string): string {
  const words =
    text
      .normalize("NFKC")
      .toLowerCase()
      .replaceAll("’", "'")
      .replaceAll("−", "-")
      .match(/(?:(?<![\p{L}\p{N}])-(?=\p{N}))?[\p{L}\p{N}]+(?:['.,:/-][\p{L}\p{N}]+)*|[€$£%]/gu) ?? [];
  return words.filter((word) => !EMPTY.has(word)).join(" ");
}
