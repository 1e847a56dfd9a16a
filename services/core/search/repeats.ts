import { wordingOf } from "../memory/wording.ts";

/** Finds texts that say, word by word, what one before them says. */
export class RepeatFilter {
  readonly #seen = new Set<string>();

  /** @returns true for a repeat; anything else is remembered. */
  isRepeat(text: string): boolean {
    const wording = wordingOf(text);
    if (this.#seen.has(wording)) return true;
    this.#seen.add(wording);
    return false;
  }
}
