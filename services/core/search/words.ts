/** No finer than the index's tokenizer parts words, or "snake_case" and "3,000" would not be found. */
const WORD = /[\p{L}\p{M}\p{N}_]+(?:(?:['.]|(?<=\p{N}),(?=\p{N}))[\p{L}\p{M}\p{N}_]+)*/gu;

/** The words of a text in order, lower-cased, without a possessive's ending: of queries and of statements alike. */
export function wordsOf(text: string): string[] {
  const plain = text.normalize("NFC").replaceAll("’", "'").toLowerCase();
  return (plain.match(WORD) ?? []).map((word) => word.replace(/'s$/, ""));
}
