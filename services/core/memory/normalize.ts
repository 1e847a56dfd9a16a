/**
 * One spelling for statements that differ in case, white space, compatibility forms or closing punctuation
 * only. Two statements are exact duplicates when this is equal; keyed hashes are taken of it. Idempotent.
 */
export function normalizeStatement(text: string): string {
  // Lower-casing can undo a composition ("İ"), so it is normalised again.
  const folded = text.normalize("NFKC").toLowerCase().normalize("NFKC");
  return folded
    .replace(/\s+/gu, " ")
    .replace(/[\p{P}\s]+$/u, "")
    .trimStart();
}
