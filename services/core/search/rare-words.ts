import { countTokens } from "../tokens/count-tokens.ts";
import { WINDOW_STOP_WORDS } from "./stop-words.ts";

/** Each has an arm of its own in the index. */
const MOST_RARE_WORDS = 4;
/** Longer runs are addresses and encoded data, of more terms than an arm should hold. */
const MOST_CHARACTERS = 128;
/** Pieces of a byte-pair vocabulary: everyday words and names have one or two, also those of other languages. */
const RARE_PIECES = 3;

const STOP = new Set(WINDOW_STOP_WORDS);
/** What stands between white space, brackets and quotes, without the punctuation around it. */
const RUN = /[\p{L}\p{N}](?:[^\s"“”„«»()[\]{}<>!?;|]*[\p{L}\p{N}])?/gu;
const LETTERS = /\p{L}[\p{L}\p{M}]*/gu;
/** Days, years, times, decimals, amounts and counts: many statements hold them, and dates are read elsewhere. */
const EVERYDAY =
  /^(?:\d{1,3}[\p{L}%]{0,2}|(?:19|20)\d\ds?|\d{1,2}:\d{2}(?::\d{2})?\p{L}{0,2}|\d{4}-\d{1,2}(?:-\d{1,2})?|\d{1,2}[./-]\d{1,2}(?:[./-]\d{2,4})?|\d+[.,]\d{1,2})$/u;

/**
 * Words of a query that mean the one thing they stand for, lower-cased: identifiers, codes and numbers, then
 * names and words that hardly occur elsewhere, at most four. A statement that holds one is meant, not those
 * around it.
 */
export function rareWords(text: string): string[] {
  const runs = runsOf(text);
  const words = new Set(runs.filter((run) => !/\p{N}/u.test(run)).flatMap((run) => run.match(LETTERS) ?? []));
  const telling = [...words].filter(isTelling).slice(0, 64);
  const unusual = telling.filter((word) => countTokens(` ${word}`) >= RARE_PIECES);
  // Where every second word looks rare, the vocabulary does not know the language.
  const isForeign = unusual.length > 2 && unusual.length * 2 >= telling.length;
  return [...codesAmong(runs), ...(isForeign ? [] : unusual)].slice(0, MOST_RARE_WORDS);
}

/** No blanks part these from a code: "iPhone15を買った". */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]+/gu;

/** Of those the identifiers, codes and numbers alone, which are the same in every language. */
export function rareCodes(text: string): string[] {
  return codesAmong(runsOf(text.replace(UNSPACED, " "))).slice(0, MOST_RARE_WORDS);
}

function runsOf(text: string): string[] {
  return [...new Set((text.match(RUN) ?? []).map((run) => run.toLowerCase().replace(/['’]s$/, "")))];
}

function codesAmong(runs: readonly string[]): string[] {
  return runs.filter((run) => /\p{N}/u.test(run) && isCode(run));
}

/** Parting a long word into pieces takes quadratic time. */
function isTelling(word: string): boolean {
  return word.length <= MOST_CHARACTERS && !STOP.has(word);
}

function isCode(run: string): boolean {
  return run.length <= MOST_CHARACTERS && !EVERYDAY.test(run);
}
