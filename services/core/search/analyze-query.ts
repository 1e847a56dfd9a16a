import { type NamedDate, namedDates } from "./named-dates.ts";
import { rareWords } from "./rare-words.ts";
import { WINDOW_STOP_WORDS } from "./stop-words.ts";
import { asksForTime } from "./time-words.ts";
import { wordsOf } from "./words.ts";

/** What a query says besides its meaning; the parts of the recipe that are rules. */
export interface QueryAnalysis {
  readonly text: string;
  /** To embed: the query without the participants' names (a name pulls every turn of that person). */
  readonly denseText: string;
  /** Lower-cased words for the window arm, without names and stop words; empty when nothing is left. */
  readonly keywords: string;
  /** Lower-cased; set where the query names exactly one participant. */
  readonly soleParticipant: string | undefined;
  /**
   * Whose turns answer a query that names nobody: the user's for "where do I live?", the assistant's for
   * "what did you recommend?".
   */
  readonly prefersRole: "user" | "assistant" | undefined;
  readonly asksForTime: boolean;
  /** Dates that the query names, each with whatever of year, month and day it gives. */
  readonly dates: readonly NamedDate[];
  /** Lower-cased names in the query that are not participants. */
  readonly entities: readonly string[];
  /** Lower-cased words that a statement must hold itself, not its neighbours: see {@link rareWords}. */
  readonly rare: readonly string[];
}

export interface AnalyzeOptions {
  /** Names of those who speak in the searched scope, as written; roles are not names. */
  readonly participants: readonly string[];
  /** What "last month" is relative to; without it only absolute dates are read. */
  readonly now?: Date;
}

const STOP = new Set(WINDOW_STOP_WORDS);

/** Reads a query by rules; pure, some 20 microseconds. */
export function analyzeQuery(query: string, options: AnalyzeOptions): QueryAnalysis {
  const text = query.normalize("NFC").replaceAll("’", "'").trim();
  const names = nameForms(options.participants);
  const named = new Set<string>();
  const stripped = stripNames(text, names, named);
  return {
    text,
    denseText: hasWords(stripped) ? stripped : text,
    keywords: wordsOf(stripped)
      .filter((word) => !STOP.has(word))
      .join(" "),
    soleParticipant: named.size === 1 ? [...named][0] : undefined,
    prefersRole: named.size === 0 ? preferredRole(text) : undefined,
    asksForTime: asksForTime(text),
    dates: namedDates(text, options.now),
    entities: namedEntities(stripped),
    rare: rareWords(stripped),
  };
}

const FIRST_PERSON = /\b(?:i|me|my|mine|myself|we|us|our|ours|i'm|i've|i'd|i'll|we're|we've)\b/i;
const SAYS =
  "(?:recommend|suggest|advise?|propose?|mention|say|said|tell|told|give|gave|explain|list|provide?|share|shared|promise?|offer|describe?|answer|write|wrote|call)(?:d|ed)?";
const ASSISTANT_SAID = new RegExp(
  `\\b(?:did|had|have|has) (?:you|the assistant) (?:\\w+ )?${SAYS}\\b|\\b(?:you|the assistant) (?:had |have |has |just |previously |once |also )*(?:recommended|suggested|advised|proposed|mentioned|said|told|gave|explained|listed|provided|shared|promised|offered|described|wrote)\\b|\\b(?:the assistant|your (?:advice|suggestion|recommendation|answer|list)s?)\\b`,
  "i",
);

function preferredRole(text: string): "user" | "assistant" | undefined {
  if (ASSISTANT_SAID.test(text)) return "assistant";
  return FIRST_PERSON.test(text) ? "user" : undefined;
}

/** Every written form of a participant (whole name, its first word) to the lower-cased whole name. */
function nameForms(participants: readonly string[]): ReadonlyMap<string, string> {
  const forms = new Map<string, string>();
  for (const participant of participants) {
    const whole = participant.normalize("NFC").trim().toLowerCase();
    if (!whole) continue;
    const first = whole.split(/\s+/)[0] ?? whole;
    if (!forms.has(first) && first.length > 1 && !STOP.has(first)) forms.set(first, whole);
    forms.set(whole, whole);
  }
  return forms;
}

function stripNames(text: string, forms: ReadonlyMap<string, string>, named: Set<string>): string {
  let rest = text;
  for (const form of [...forms.keys()].sort((a, b) => b.length - a.length)) {
    const pattern = new RegExp(`(?<![\\p{L}\\p{N}])${RegExp.escape(form)}(?:'s|')?(?![\\p{L}\\p{N}])`, "giu");
    rest = rest.replace(pattern, () => {
      named.add(forms.get(form) ?? form);
      return " ";
    });
  }
  return rest
    .replace(/\s+/g, " ")
    .replace(/ ([?.!,;:])/g, "$1")
    .trim();
}

function hasWords(text: string): boolean {
  return wordsOf(text).some((word) => !STOP.has(word));
}

/** Quoted titles and runs of capitalised words, the first word of a sentence only inside a longer run. */
function namedEntities(text: string): string[] {
  const found = new Set<string>();
  for (const [, title] of text.matchAll(/["“]([^"”]{2,80})["”]/g)) found.add((title ?? "").toLowerCase());
  for (const match of text.matchAll(
    /\p{Lu}[\p{L}\p{N}'.-]*(?: (?:(?:of|the|and|de|la) )?\p{Lu}[\p{L}\p{N}'.-]*)*/gu,
  )) {
    const words = match[0].split(" ");
    while (words.length > 0 && STOP.has((words[0] ?? "").toLowerCase())) words.shift();
    const name = words
      .join(" ")
      .replace(/'s$/, "")
      .replace(/(?<![.'])[.']+$/, "")
      .toLowerCase();
    if (name.length > 1 && !STOP.has(name)) found.add(name);
  }
  return [...found];
}
