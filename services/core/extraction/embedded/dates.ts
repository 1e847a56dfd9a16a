import * as chrono from "chrono-node/en";
import { type DatePhrase, datePhrase, phraseOf, type ResolvedDate, type Tense } from "./date-phrases.ts";

export interface DatedText {
  readonly text: string;
  readonly dates: readonly ResolvedDate[];
}

interface Found extends DatePhrase {
  readonly index: number;
  readonly text: string;
}

const MAYBE =
  /\b(?:yesterday|today|tonight|tomorrow|morning|night|weekends?|weeks?|months?|years?|ago|days?|last|next|this|(?:mon|tues?|wednes|wed|thurs?|fri|satur|sun)(?:day)?|jan\w*|feb\w*|mar(?:ch)?|apr\w*|may|june?|july?|aug\w*|sept?\w*|oct\w*|nov\w*|dec\w*|summer|winter|spring|fall|autumn|christmas)\b|\d[/.-]\d/i;
const AMBIGUOUS =
  /^(?:sat|sun|mon|wed|thu|fri|may|march|mar|jan|dec|sep|oct|now|the week before|\d.*|at .*|from \d.*|second)$/i;
const UNRESOLVABLE =
  /\b(?:later|earlier|now|after(?! tomorrow)|week before|month before|year before|day before$|night before)\b|^(?:for|over|within|the(?! day (?:before yesterday|after tomorrow)$)|past) /i;
/** "Tuesday and Thursday mornings", "Monday to Friday": a habit, not a date. */
const WEEKDAY = "(?:mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?s?\\b";
const REPEATED = new RegExp(
  `^(?:s\\b|\\s+(?:mornings|afternoons|evenings|nights)\\b|\\s*(?:and|or|to|through|,|-)\\s*${WEEKDAY})`,
  "i",
);
const REPEATING = new RegExp(`${WEEKDAY}\\s*(?:and|or|to|through|,|-)\\s*$`, "i");
/** "Do it in twelve days" is how long it takes. */
const TAKES =
  /\b(?:do|did|done|finish\w*|complet\w*|read|wrote|learn\w*|buil\w+|made|make|lost|gain\w*|ran|run|walk\w*|cook\w*|solved?)\b[^.,;]{0,30}$/i;
const LEADS =
  /\b(on|in|since|until|till|by|for|from|to|of|before|after|during|through|around|about|over|between|and|early|late|mid|the)[ -]$/i;
const VERB_FOLLOWS = /^\s*(?:is|was|will|would|has|had|'s|are|were|can|could|should|might|may)\b/i;

/**
 * Replaces times relative to the message ("yesterday", "last Friday", "next month") by calendar dates, and
 * adds the year where a month or day lacks it. What cannot be resolved surely stays as it is.
 * @param tenseAt of the clause around a place in the text; decides a bare weekday or month: "I have a
 *   meeting on Friday" is the Friday to come.
 */
export function resolveDates(text: string, sentAt: Date, tenseAt: (index: number) => Tense): DatedText {
  if (!MAYBE.test(text) && !YEAR.test(text)) return { text, dates: [] };
  const found = [...parsed(text, sentAt, tenseAt), ...seasons(text, sentAt), ...years(text, sentAt)].sort(
    (a, b) => a.index - b.index,
  );
  let out = "";
  let cursor = 0;
  const dates: ResolvedDate[] = [];
  for (const item of found) {
    if (item.index < cursor) continue;
    const before = text.slice(cursor, item.index);
    const after = text.slice(item.index + item.text.length);
    const kept = item.plain === item.text;
    out += before + (kept ? item.text : place(item, out + before, after));
    cursor = item.index + item.text.length;
    dates.push(item.date);
  }
  return { text: out + text.slice(cursor), dates };
}

/** Puts a phrase such as "on 7 May 2023" into its sentence: without its preposition where one leads or it is the subject. */
function place({ plain, text }: Found, before: string, after: string): string {
  const bare = plain.replace(/^(?:on|in) /, "");
  if (/^(?:'s|s\b)/.test(after)) return plain.replace(/^(?:on|in|around) /, "");
  // "The house I stayed in yesterday": that "in" does not lead the day.
  const stranded =
    /\b(?:in|on) $/i.test(before) && /^(?:yesterday|today|tonight|tomorrow|last|next|this)\b/i.test(text);
  if (LEADS.test(before) && !stranded) return plain.replace(/^(?:on|in|around) /, "");
  const opens =
    before.trim() === "" ||
    /(?:[,;:.]|\b(?:that|and|but|so|because|if|says?|said|thinks?|thought|knows?|hopes?)) $/.test(before);
  if (opens && VERB_FOLLOWS.test(after)) return capitalizeIf(before.trim() === "", bare);
  return capitalizeIf(before.trim() === "", plain);
}

function capitalizeIf(condition: boolean, text: string): string {
  return condition ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

function parsed(text: string, sentAt: Date, tenseAt: (index: number) => Tense): Found[] {
  const found: Found[] = [];
  for (const result of chrono.parse(text, { instant: sentAt, timezone: 0 })) {
    const named = result.text.replace(/[\s,.;:]+$/, "");
    const before = text.slice(0, result.index);
    const after = text.slice(result.index + named.length);
    if (AMBIGUOUS.test(named) && !introduced(named, before)) continue;
    if (
      UNRESOLVABLE.test(named) ||
      REPEATED.test(after) ||
      REPEATING.test(before) ||
      /\b(?:every|each|most|the|past|per|a) $/i.test(before)
    )
      continue;
    // "My last day" is no yesterday.
    if (/^(?:last|next|past)\b/i.test(named) && /\b(?:my|your|his|her|our|their|its|the) $/i.test(before))
      continue;
    if (/^s\b|^-/i.test(after) || result.end || isPartOfName(named, before, after)) continue;
    if (/^in /i.test(named) && TAKES.test(before)) continue;
    const item = datePhrase(result, named, sentAt, tenseAt(result.index));
    if (item && /\b(?:birthday|born|anniversary)\b/i.test(text) && !tiedToYear(result)) continue;
    if (item) found.push({ index: result.index, text: named, ...item });
  }
  return found;
}

/** "May Street", "June Carter", "Sunday Times": the day or month is the first word of a name. */
function isPartOfName(named: string, before: string, after: string): boolean {
  const next = /^ (\p{Lu}\p{Ll}+)\b/u.exec(after)?.[1];
  if (next === undefined || !/^(?:(?:on|in) )?\p{Lu}\p{Ll}+$/u.test(named) || MAYBE.test(next)) return false;
  // "In May Anna came" names a month, "in May Street" does not.
  if (NAMED_AFTER_DATES.test(next)) return true;
  return !LEADS.test(before) && !/^(?:on|in) /.test(named) && (before.trim() !== "" || !/day$/.test(named));
}

const NAMED_AFTER_DATES =
  /^(?:Street|Road|Avenue|Lane|Square|Place|Drive|Court|Hill|Park|Hall|House|Ball|Fair|Fools?|Madness|Times|Post|Herald|Night|Morning|School|Club|Market)$/;

/** True where the day or month is the message's own; false for "5 June", which comes back every year. */
function tiedToYear({ start: named, text }: chrono.ParsedResult): boolean {
  return named.isCertain("year") || named.isCertain("weekday") || /\b(?:last|next|this)\b/i.test(text);
}

/** "In March", "last may": a word that is also no date counts where it is led in and capitalised. */
function introduced(text: string, before: string): boolean {
  if (/^\d{1,4}[/.-]\d/.test(text) || /^\d{1,2}(?:st|nd|rd|th)? (?:of )?[a-z]{3}/i.test(text)) return true;
  return /\b(?:in|since|until|till|by|during|last|next|this|of) $/i.test(before) && /^\p{Lu}/u.test(text);
}

const SEASON = /\b(last|next|this) (spring|summer|autumn|fall|winter|christmas)\b/gi;
const SEASON_MONTH: Readonly<Record<string, number>> = {
  spring: 2,
  summer: 5,
  autumn: 8,
  fall: 8,
  winter: 11,
  christmas: 11,
};

function seasons(text: string, sentAt: Date): Found[] {
  return [...text.matchAll(SEASON)].map((match) => {
    const [whole, which = "", season = ""] = match;
    const month = SEASON_MONTH[season.toLowerCase()] ?? 0;
    let year = sentAt.getUTCFullYear();
    const ended = Date.UTC(year, month + 3, 1) <= sentAt.getTime();
    const begun = Date.UTC(year, month, 1) <= sentAt.getTime();
    if (which.toLowerCase() === "last" && !ended) year -= 1;
    if (which.toLowerCase() === "next" && begun) year += 1;
    const start = new Date(Date.UTC(year, month, 1));
    const name = season.toLowerCase() === "christmas" ? "at Christmas" : `in ${season.toLowerCase()}`;
    return { index: match.index, text: whole, ...phraseOf(`${name} ${year}`, "month", start, sentAt) };
  });
}

const YEAR = /\b(?:in|since|from|until|by|of) ((?:19|20)\d{2})\b/i;

/** A year that stands by itself is kept as it is. */
function years(text: string, sentAt: Date): Found[] {
  return [...text.matchAll(new RegExp(YEAR, "gi"))].map((match) => {
    const start = new Date(Date.UTC(Number(match[1]), 0, 1));
    return { index: match.index, text: match[0], ...phraseOf(match[0], "year", start, sentAt) };
  });
}
