/**
 * Words that carry no fact. Negations stay out of it on purpose: "likes" and "does not like" must differ.
 */
const EMPTY_WORDS = new Set(
  "a an the and or of to in on at for with by from as is are was were be been am do does did has have had that this these those it its".split(
    " ",
  ),
);

/** Lower-cased words and numbers of a statement without articles, prepositions and auxiliaries. */
export function contentWords(text: string): Set<string> {
  const words =
    text
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+(?:['’][\p{L}]+)?/gu) ?? [];
  return new Set(words.filter((word) => !EMPTY_WORDS.has(word)));
}
