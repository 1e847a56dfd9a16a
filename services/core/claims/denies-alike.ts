import { readClaims } from "./reading.ts";
import { undated } from "./undated.ts";

const NEGATIONS = /\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot)\b|n['’]t\b/iu;
const CLAUSES = /[,;:]|\b(?:and|but|while|whereas|then|although|though)\b/iu;

/**
 * Whether a sentence denies what is denied in what it rests on, and nothing else: each of its clauses is held to the episode
 * that it has most words in common with, and to all of them where several have as many.
 *
 * @param cited texts of episodes, at least one.
 */
export function deniesAlike(text: string, cited: readonly string[]): boolean {
  const denied = cited.map((one) => NEGATIONS.test(one));
  if (NEGATIONS.test(text) !== denied.includes(true)) return false;
  const words = cited.map(wordsOf);
  return bare(text)
    .split(CLAUSES)
    .every((clause) => {
      const own = [...wordsOf(clause)];
      const common = words.map((known) => own.filter((word) => known.has(word)).length);
      const most = Math.max(...common);
      return most === 0 || denied.every((is, i) => common[i] !== most || is === NEGATIONS.test(clause));
    });
}

function wordsOf(text: string): ReadonlySet<string> {
  return readClaims(bare(text), new Set()).words;
}

/** Days tell no episode from another that was on the same. */
function bare(text: string): string {
  return undated(text).at(-1) ?? text;
}
