/** From the first of a run on: tried at each of its characters it would take quadratic time. */
const CLOSING = /(?<![.!。\s])[.!。\s]+$/u;

/** In front of "²" and "½" behind a number, which are numbers themselves: 10² is not 102. */
const BETWEEN_NUMBERS = /(?<=\p{N})(?=\p{No})/gu;

/**
 * One spelling for statements that differ in case, white space, compatibility forms or a closing full stop
 * or exclamation mark only. Any other character tells: C is not C#, O not O-, and a question states nothing.
 * Two statements are exact duplicates when this is equal; keyed hashes are taken of it. Idempotent.
 */
export function normalizeStatement(text: string): string {
  // Lower-casing can undo a composition ("İ"), so it is normalised again.
  const folded = compatibleForm(text).toLowerCase().normalize("NFKC");
  return folded.replace(/\s+/gu, " ").replace(CLOSING, "").trimStart();
}

/** One compatibility form of each character, its case kept. */
export function compatibleForm(text: string): string {
  // Variation selectors only choose a picture: ❤ and ❤️ are one.
  return text
    .replace(/\p{VS}/gu, "")
    .replace(BETWEEN_NUMBERS, " ")
    .normalize("NFKC");
}
