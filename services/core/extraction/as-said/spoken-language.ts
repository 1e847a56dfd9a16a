import { DEFAULT_LANGUAGE } from "../../language/languages.ts";
import { RULED, rulesOf } from "../../language/rules/rules.ts";
import { WINDOW_STOP_WORDS } from "../../search/stop-words.ts";
import { isForeign } from "../embedded/foreign.ts";
import { isSmallWord, isWord } from "../embedded/names/names.ts";
import { isPastForm } from "../embedded/verbs.ts";
import { foreignness } from "./foreign-words.ts";

/** A language that is none of ours: no rule of any reads it. */
export const UNKNOWN_LANGUAGE = "und";

const LETTER = /\p{L}/gu;
const LATIN = /\p{Script=Latin}/gu;
const SCRIPTS: readonly (readonly [RegExp, string])[] = [
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/u, "ja"],
  [/\p{Script=Hangul}/u, "ko"],
  [/\p{Script=Han}/u, "zh"],
  [/\p{Script=Thai}/u, "th"],
];
const WORD = /\p{L}+(?:'\p{L}+)?/gu;
const SMALL = new Set(WINDOW_STOP_WORDS);
/** Of words that a lexicon need not hold. */
const ENGLISH_ENDING =
  /(?:ing|ed|ly|tion|ness|ful|ment|ity|ous|able|ible|ies|ght|ck|'s|n't|'m|'re|'ve|'ll|'d)$/;
/** No other language that is written in these letters has them as small words. */
const SURE = new Set("the and of with i'm my you is are have this that from".split(" "));
/** In a few words that are all English no other language has these. */
const TOLD = /^(?:i|we|she|they|it|he|i'(?:m|ve|ll|d)|(?:we|they)'(?:re|ve|ll|d)|(?:he|she|it)'(?:s|ll|d))$/;
/** More of a turn says no more. In UTF-16 code units. */
const READ = 2_000;
/** In words; of fewer too few tell. */
const ENOUGH = 4;
/** Of so many words one must be of another language. */
const FEW = 6;
/** English has twice as many known words, also where it is full of names (`LoCoMo`: no turn of 2,760 has less). */
const MOST_KNOWN = 0.4;

/**
 * What a turn is told in: `en`, a language that there are rules for or whose script says it, or
 * {@link UNKNOWN_LANGUAGE}; undefined where it is too short to tell.
 */
export function spokenLanguage(text: string): string | undefined {
  const plain = text.slice(0, READ).normalize("NFC").replaceAll("’", "'");
  const letters = plain.match(LETTER)?.length ?? 0;
  const latin = plain.match(LATIN)?.length ?? 0;
  if (letters - latin > latin) return SCRIPTS.find(([script]) => script.test(plain))?.[1] ?? UNKNOWN_LANGUAGE;
  if (isForeign(plain)) return closest(plain);
  // Names tell nothing of the language around them.
  const words = (plain.match(WORD) ?? [])
    .filter((word, i) => i === 0 || !/^\p{Lu}/u.test(word))
    .map((word) => word.toLowerCase());
  const isSure = words.some((word) => SURE.has(word));
  // "My" are "we" in Polish.
  const mayBeForeign = words.every((word) => word === "my" || !SURE.has(word));
  if (mayBeForeign && foreignness(words) >= Math.max(1, words.length / FEW)) return closest(plain);
  if (words.length < ENOUGH) return isShortEnglish(words) ? DEFAULT_LANGUAGE : undefined;
  if (isSure) return DEFAULT_LANGUAGE;
  const known = words.filter(isEnglish).length / words.length;
  return known < MOST_KNOWN ? closest(plain) : DEFAULT_LANGUAGE;
}

/** "I live in Oslo": nothing but English, told of somebody. */
function isShortEnglish(words: readonly string[]): boolean {
  return words.length > 1 && words.every(isEnglish) && words.some((word) => TOLD.test(word));
}

/** Whether a text is English beyond doubt, as it must be where another language is expected: Dutch has "is" and "of". */
export function isPlainEnglish(text: string): boolean {
  if (spokenLanguage(text) !== DEFAULT_LANGUAGE) return false;
  const words = (text.slice(0, READ).replaceAll("’", "'").match(WORD) ?? []).filter(
    (word, i) => i === 0 || !/^\p{Lu}/u.test(word),
  );
  return words.filter((word) => isEnglish(word.toLowerCase())).length >= PLAIN * words.length;
}

const PLAIN = 0.75;

function isEnglish(word: string): boolean {
  return (
    SMALL.has(word) ||
    ENGLISH_ENDING.test(word) ||
    isWord(word) ||
    isSmallWord(word) ||
    isPastForm(word) ||
    isWord(word.replace(/e?s$/, ""))
  );
}

/** The ruled language whose small words it has most of. */
function closest(text: string): string {
  const words = (text.toLowerCase().match(WORD) ?? []).filter((word) => word !== "");
  const counts = RULED.map((tag) => {
    const marks = rulesOf(tag)?.marks;
    return { tag, count: words.filter((word) => marks?.has(word)).length };
  }).sort((a, b) => b.count - a.count);
  const [best, second] = counts;
  const isSure =
    best && best.count >= 2 && best.count >= 0.25 * words.length && best.count > (second?.count ?? 0);
  return isSure ? best.tag : UNKNOWN_LANGUAGE;
}

/** What each turn is told in: one that is too short to tell goes on as the last one did that was not. */
export function spokenLanguages(texts: readonly string[]): string[] {
  let last = DEFAULT_LANGUAGE;
  return texts.map((text) => {
    last = spokenLanguage(text) ?? last;
    return last;
  });
}
