import type { Token } from "../extraction/embedded/language.ts";
import type { Claim } from "./claim.ts";
import { sortWords } from "./words.ts";

/** What stands behind a preposition, up to the next one. */
export function placeOf(
  behind: readonly Token[],
  preposition: RegExp,
): Partial<Claim> & { readonly value?: readonly string[] } {
  return { value: sortWords(phraseOf(behind, preposition)).value };
}

/** As `placeOf`, the words themselves. */
export function phraseOf(behind: readonly Token[], preposition: RegExp): readonly Token[] {
  const at = behind.findIndex(({ lower }, i) => preposition.test(lower) && !isTimePhrase(behind, i));
  if (at < 0) return [];
  const end = behind.findIndex(
    ({ lower, pos }, i) =>
      i > at + 1 &&
      ((pos === "ADP" && lower !== "of") ||
        /^(?:with|because|since|and|but|now|,|from|to|as|on|in|at|for|not|instead)$/.test(lower)),
  );
  return behind.slice(at + 1, end < 0 ? undefined : end);
}

function isTimePhrase(tokens: readonly Token[], at: number): boolean {
  return sortWords(tokens.slice(at + 1, at + 3)).times.length > 0;
}

export function until(tokens: readonly Token[], stop: RegExp): readonly Token[] {
  const end = tokens.findIndex(({ lower }) => stop.test(lower));
  return end < 0 ? tokens : tokens.slice(0, end);
}
