import { DEFAULT_LANGUAGE, type Language, languageOf } from "../language/languages.ts";
import type { NamedDate } from "./named-dates.ts";
import { type QueryRules, queryRulesOf } from "./query-rules.ts";
import type { AnchoredTime, QueryTime } from "./query-time/read-query-time.ts";

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
  /** Dates that the query names, each with whatever of year, month and day it gives; none where `time` says more. */
  readonly dates: readonly NamedDate[];
  /** When it asks about, where it says so. */
  readonly time?: AnchoredTime | undefined;
  /** Lower-cased names in the query that are not participants. */
  readonly entities: readonly string[];
  /** Lower-cased words that a statement must hold itself, not its neighbours: see `rareWords`. */
  readonly rare: readonly string[];
}

export interface AnalyzeOptions {
  /** Names of those who speak in the searched scope, as written; roles are not names. */
  readonly participants: readonly string[];
  /** What "last month" is relative to in languages whose dates are read word by word; without it none are read there. */
  readonly now?: Date;
  /** What the project's people write in; English unless told. */
  readonly language?: Language;
  /** When the query asks about, as it was read. */
  readonly time?: QueryTime | undefined;
}

/** Read of these, dates are matched by what is known of them: a month without its year is that month of any year. */
const DATED: ReadonlySet<QueryTime["kind"]> = new Set(["date", "event", "past"]);

/** Of English times that are counted from now: they name none. */
const POINTS_IN_TIME: ReadonlySet<string> = new Set(
  "last past next previous ago recently lately yesterday today tonight tomorrow".split(" "),
);

/** Reads a query by rules; pure, some 20 microseconds. */
export function analyzeQuery(query: string, options: AnalyzeOptions): QueryAnalysis {
  const rules = queryRulesOf(options.language ?? languageOf());
  const text = query.normalize("NFC").replaceAll("’", "'").trim();
  const names = nameForms(options.participants, rules);
  const named = new Set<string>();
  const stripped = stripNames(text, names, named, rules);
  const words = telling(stripped, rules);
  // "Last spring" was read as a time: what was said of "last month" is no nearer to it.
  const isRelative = options.time?.kind === "relative";
  const keywords = isRelative ? words.filter((word) => !POINTS_IN_TIME.has(word)) : words;
  return {
    text,
    denseText: words.length > 0 ? stripped : text,
    keywords: keywords.join(" "),
    soleParticipant: named.size === 1 ? [...named][0] : undefined,
    prefersRole: named.size === 0 ? rules.preferredRole(text) : undefined,
    asksForTime: rules.asksForTime(text),
    dates: options.time === undefined || DATED.has(options.time.kind) ? rules.dates(text, options.now) : [],
    time: options.time,
    entities: namedEntities(stripped, rules),
    rare: [...new Set([...rules.rare(stripped), ...aloneOf(words, rules)])],
  };
}

/** Of a language that the embedder may not know, the one word that is asked for is what tells statements apart. */
function aloneOf(words: readonly string[], { language: { tag } }: QueryRules): readonly string[] {
  return words.length === 1 && tag !== DEFAULT_LANGUAGE ? words : [];
}

function telling(text: string, { words, language: { stopWords } }: QueryRules): string[] {
  return words(text).filter((word) => !stopWords.has(word));
}

/** Every written form of a participant (whole name, its first word) to the lower-cased whole name. */
function nameForms(
  participants: readonly string[],
  { language: { stopWords } }: QueryRules,
): ReadonlyMap<string, string> {
  const forms = new Map<string, string>();
  for (const participant of participants) {
    const whole = participant.normalize("NFC").trim().toLowerCase();
    if (!whole) continue;
    const first = whole.split(/\s+/)[0] ?? whole;
    if (!forms.has(first) && first.length > 1 && !stopWords.has(first)) forms.set(first, whole);
    forms.set(whole, whole);
  }
  return forms;
}

function stripNames(
  text: string,
  forms: ReadonlyMap<string, string>,
  named: Set<string>,
  { nameEnding, language: { isSpaced } }: QueryRules,
): string {
  let rest = text;
  for (const form of [...forms.keys()].sort((a, b) => b.length - a.length)) {
    const written = `${RegExp.escape(form)}(?:${nameEnding})?`;
    const pattern = new RegExp(isSpaced ? `(?<![\\p{L}\\p{N}])${written}(?![\\p{L}\\p{N}])` : written, "giu");
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

/** Quoted titles and runs of capitalised words, the first word of a sentence only inside a longer run. */
function namedEntities(text: string, { language: { stopWords } }: QueryRules): string[] {
  const found = new Set<string>();
  for (const [, title] of text.matchAll(/["“„«「『《]([^"”“»」』》]{2,80})["”“»」』》]/g))
    found.add((title ?? "").toLowerCase());
  for (const match of text.matchAll(
    /\p{Lu}[\p{L}\p{N}'.-]*(?: (?:(?:of|the|and|de|la) )?\p{Lu}[\p{L}\p{N}'.-]*)*/gu,
  )) {
    const words = match[0].split(" ");
    while (words.length > 0 && stopWords.has((words[0] ?? "").toLowerCase())) words.shift();
    const name = words
      .join(" ")
      .replace(/'s$/, "")
      .replace(/(?<![.'])[.']+$/, "")
      .toLowerCase();
    if (name.length > 1 && !stopWords.has(name)) found.add(name);
  }
  return [...found];
}
