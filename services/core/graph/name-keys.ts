import { tokensOf } from "./fold-name.ts";

/** A name may have more; what is told apart by the seventh word is told apart. */
const MOST_TOKENS = 4;
/** Shorter names differ in a letter and are others: Tim, Tom. */
export const LEAST_LETTERS = 6;
/** Types whose spellings vary; a date or a thing that is described has no spelling to get wrong. */
export const SPELT: ReadonlySet<string> = new Set(["person", "organization", "place", "product", "animal"]);

/**
 * Keys that names have in common which may be one: the name itself, the words of a person's, and both ends of what
 * may be misspelt. Of two names with one letter's difference at least one end is the same.
 *
 * @param folded as `foldName`.
 */
export function nameKeys(folded: string, type: string): string[] {
  const keys = [`name/${folded}`];
  if (type === "person") {
    const tokens = tokensOf(folded).slice(0, MOST_TOKENS);
    keys.push(...tokens.map((token) => `token/${token}`));
  }
  const { length } = folded;
  if (!SPELT.has(type) || length < LEAST_LETTERS) return keys;
  // One letter more or less must not change which ends are compared, so lengths near the border have both.
  const ends = length < 8 ? [3] : length === 8 ? [3, 4] : [4];
  for (const n of ends) keys.push(`front/${folded.slice(0, n)}`, `back/${folded.slice(-n)}`);
  return [...new Set(keys)];
}
