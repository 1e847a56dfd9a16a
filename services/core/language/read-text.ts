import { holdsTime as holdsTimeInEnglish } from "../search/time-words.ts";
import { datesIn } from "./dates.ts";
import { DEFAULT_LANGUAGE, type Language } from "./languages.ts";
import { rulesOf } from "./rules/rules.ts";

/** Question marks of all scripts, with what closes behind them. */
const ASKS = /[?？؟;⸮՞]["'”»」』)\]]*$/u;
/** Greek writes its question mark as a semicolon, which elsewhere is none. */
const ASKS_NOT_GREEK = /[?？؟⸮՞]["'”»」』)\]]*$/u;

/** Characters that stand for one word where blanks part none: "東京" is a word, "に" as well. */
const CHARACTERS_A_WORD = 2;

/** How long a text is; where no blanks part words, by its letters. */
export function countWords(text: string, { isSpaced }: Pick<Language, "isSpaced">): number {
  if (isSpaced) return text.match(/\S+/g)?.length ?? 0;
  const unspaced = text.match(/[^\p{ASCII}\p{P}\s]/gu)?.length ?? 0;
  const spaced = text.match(/[\p{ASCII}--[\s\p{P}]]+/gv)?.length ?? 0;
  return Math.ceil(unspaced / CHARACTERS_A_WORD) + spaced;
}

/** Whether a sentence asks: by its mark, or by the rules of its language. */
export function asksAnything(sentence: string, { tag }: Language): boolean {
  const text = sentence.trimEnd();
  return (tag === "el" ? ASKS : ASKS_NOT_GREEK).test(text) || (rulesOf(tag)?.asks.test(text) ?? false);
}

/** Whether a text holds an expression of time; of a language without rules only a year or a date in digits. */
export function holdsTime(text: string, { tag }: Language): boolean {
  if (tag === DEFAULT_LANGUAGE) return holdsTimeInEnglish(text);
  const rules = rulesOf(tag);
  return rules ? rules.time.test(text) || datesIn(text, tag, ANY_DAY).length > 0 : IN_DIGITS.test(text);
}

/** Which days are meant does not matter. */
const ANY_DAY = new Date(0);
const IN_DIGITS = /(?<!\d)(?:(?:19|20)\d{2}|\d{1,2}[./]\d{1,2}[./](?:19|20)?\d{2})(?!\d)/u;
