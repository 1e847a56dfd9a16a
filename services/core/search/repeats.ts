import { contentWords } from "../memory/content-words.ts";

/** Share of content words that two hits must have in common (Jaccard) to say the same. */
const OVERLAP = 0.9;

/**
 * Finds texts that say nothing which one before them does not say: nearly all content words in common, and
 * those in which they differ neither numbers nor negations.
 */
export class RepeatFilter {
  readonly #seen: ReadonlySet<string>[] = [];

  /** @returns true for a repeat; anything else is remembered. */
  isRepeat(text: string): boolean {
    const words = contentWords(text);
    if (this.#seen.some((earlier) => saysTheSame(earlier, words))) return true;
    this.#seen.push(words);
    return false;
  }
}

const TELLING = /\d|^(?:not?|never|none|nobody|nothing|neither|nor|without|cannot|\p{L}+n['’]t)$/u;

function saysTheSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const onlyA = [...a].filter((word) => !b.has(word));
  const onlyB = [...b].filter((word) => !a.has(word));
  const union = b.size + onlyA.length;
  if (union === 0 || (union - onlyA.length - onlyB.length) / union < OVERLAP) return false;
  return ![...onlyA, ...onlyB].some((word) => TELLING.test(word));
}
