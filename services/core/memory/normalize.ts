/** From the first of a run on: tried at each of its characters it would take quadratic time. */
const CLOSING = /(?<![\p{P}\s])[\p{P}\s]+$/u;

/**
 * One spelling for statements that differ in case, white space, compatibility forms or closing punctuation
 * only. Two statements are exact duplicates when this is equal; keyed hashes are taken of it. Idempotent.
 */
export function normalizeStatement(text: string): string {
  // Lower-casing can undo a composition ("İ"), so it is normalised again.
  const folded = text.normalize("NFKC").toLowerCase().normalize("NFKC");
  return folded.replace(/\s+/gu, " ").replace(CLOSING, "").trimStart();
}
