import { isPastForm } from "../../extraction/embedded/verbs.ts";
import { anyCase } from "../../language/any-case.ts";
import { WINDOW_STOP_WORDS } from "../stop-words.ts";
import { wordsOf } from "../words.ts";
import type { Stretch } from "./stretches.ts";

/** An event that a query tells its time by: "before I moved to Oslo". */
export interface EventAnchor {
  /** On which side of the event, or with it. */
  readonly relation: "before" | "after" | "when";
  /** The event in the query's words: "I moved to Oslo". */
  readonly phrase: string;
  /** Lower-cased words that a memory of the event holds, without endings; at least one. */
  readonly words: readonly string[];
}

const SIDES: Readonly<Record<string, EventAnchor["relation"]>> = {
  before: "before",
  "prior to": "before",
  until: "before",
  till: "before",
  after: "after",
  since: "after",
  following: "after",
  when: "when",
  while: "when",
  during: "when",
  "at the time of": "when",
  "at the time": "when",
  "back when": "when",
};
/** Events begin with whom they befell, or are named. */
const WHO =
  "(?:I|we|he|she|they|you|my|our|his|her|their|your|the|moving|getting|starting|leaving|joining|having|becoming|meeting|buying|adopting|quitting|\\p{Lu}[\\p{L}']+)";
const LEADS = Object.keys(SIDES).sort((a, b) => b.length - a.length);
const ANCHOR = new RegExp(
  `(?<![\\p{L}\\p{N}])(${LEADS.map(anyCase).join("|")}) (${WHO}(?![\\p{L}\\p{N}])[^?.!,;]{0,200})`,
  "u",
);
/** "When did I move?" asks for the time itself. */
const ASKED = /^(?:when|while)$/i;
const STOP = new Set(WINDOW_STOP_WORDS);

/**
 * The event that a query tells its time by; undefined where there is none: "before last week" names no event, and
 * "when I am sad" tells of no one time.
 *
 * @param stretches that the query names.
 */
export function eventAnchor(query: string, stretches: readonly Stretch[]): EventAnchor | undefined {
  const match = ANCHOR.exec(query);
  const [, lead = "", phrase = ""] = match ?? [];
  const relation = SIDES[lead.toLowerCase()];
  if (!match || !relation) return undefined;
  const begin = match.index + lead.length + 1;
  const isTime = stretches.some(({ index, text }) => index <= begin + 4 && index + text.length > match.index);
  const asksWhen = ASKED.test(lead) && query.slice(0, match.index).trim() === "";
  if (isTime || asksWhen || !(isPast(relation === "when" ? phrase : query) || /^during|since$/i.test(lead)))
    return undefined;
  const telling = wordsOf(phrase).filter((word) => !STOP.has(word) && word !== "time");
  const words = [...new Set(telling.map(withoutEnding))];
  return words.length === 0 ? undefined : { relation, phrase: phrase.trim(), words };
}

function isPast(text: string): boolean {
  return wordsOf(text).some(
    (word) => /^(?:did|was|were|had|have|has|i've|we've)$/.test(word) || isPastForm(word),
  );
}

/**
 * "Moved", "moving" and "move" are one word.
 *
 * @param word lower-cased.
 */
export function withoutEnding(word: string): string {
  const bare = word.replace(/(?:ies|ied|ing|ed|es|s|e|y)$/, "");
  return bare.length < 3 ? word : bare.replace(/([^aeiou])\1$/, "$1");
}
