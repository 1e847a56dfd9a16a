import * as chrono from "chrono-node/en";
import { MONTHS } from "../../search/time-words.ts";

export type DateGrain = "day" | "weekend" | "week" | "month" | "year";

/** A time that a sentence names, resolved against the moment it was said. */
export interface ResolvedDate {
  readonly grain: DateGrain;
  /** Its first moment, UTC. */
  readonly start: Date;
  /** True where it lies after the message. */
  readonly future: boolean;
}

export interface DatedText {
  readonly text: string;
  readonly dates: readonly ResolvedDate[];
}

interface Found {
  readonly index: number;
  readonly text: string;
  readonly plain: string;
  readonly date: ResolvedDate;
}

const MAYBE =
  /\b(?:yesterday|today|tonight|tomorrow|morning|night|weekends?|weeks?|months?|years?|ago|days?|last|next|this|(?:mon|tues?|wednes|wed|thurs?|fri|satur|sun)(?:day)?|jan\w*|feb\w*|mar(?:ch)?|apr\w*|may|june?|july?|aug\w*|sept?\w*|oct\w*|nov\w*|dec\w*|summer|winter|spring|fall|autumn|christmas)\b|\d[/.-]\d/i;
const AMBIGUOUS =
  /^(?:sat|sun|mon|wed|thu|fri|may|march|mar|jan|dec|sep|oct|now|the week before|\d.*|at .*|from \d.*|second)$/i;
const UNRESOLVABLE =
  /\b(?:later|earlier|now|after|week before|month before|year before|day before$|night before)\b|^(?:for|over|within|the|past) /i;
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
  /\b(on|in|at|since|until|till|by|for|from|to|of|before|after|during|through|around|about|over|between|and|early|late|mid|the)[ -]$/i;
const VERB_FOLLOWS = /^\s*(?:is|was|will|would|has|had|'s|are|were|can|could|should|might|may)\b/i;

/** What the verbs of a sentence say about the times that it names. */
export type Tense = "past" | "present" | "future";

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
    out += before + (kept ? item.text : place(item.plain, out + before, after));
    cursor = item.index + item.text.length;
    dates.push(item.date);
  }
  return { text: out + text.slice(cursor), dates };
}

/** Puts a phrase such as "on 7 May 2023" into its sentence: without its preposition where one leads or it is the subject. */
function place(plain: string, before: string, after: string): string {
  const bare = plain.replace(/^(?:on|in) /, "");
  if (/^(?:'s|s\b)/.test(after)) return plain.replace(/^(?:on|in|around) /, "");
  if (LEADS.test(before)) return plain.replace(/^(?:on|in|around) /, "");
  const opens = before.trim() === "" || /[,;:.] $/.test(before);
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
    if (/^s\b|^-/i.test(after) || result.end) continue;
    if (/^in /i.test(named) && TAKES.test(before)) continue;
    const item = describe(result, named, sentAt, tenseAt(result.index));
    if (item && /\b(?:birthday|born|anniversary)\b/i.test(text) && !tiedToYear(result)) continue;
    if (item) found.push({ index: result.index, text: named, ...item });
  }
  return found;
}

/** True where the day or month is the message's own; false for "5 June", which comes back every year. */
function tiedToYear({ start: named, text }: chrono.ParsedResult): boolean {
  return named.isCertain("year") || named.isCertain("weekday") || /\b(?:last|next|this)\b/i.test(text);
}

/** "In March", "last may": a word that is also no date counts where it is led in and capitalised. */
function introduced(text: string, before: string): boolean {
  if (/^\d{1,4}[/.-]\d/.test(text) || /^\d{1,2}(?:st|nd|rd|th)? (?:of )?[a-z]{3}/i.test(text)) return true;
  return /\b(?:in|since|until|till|by|during|last|next|this|of) $/i.test(before) && /^\p{Lu}/u.test(text);
}

function describe(
  result: chrono.ParsedResult,
  text: string,
  sentAt: Date,
  tense: Tense,
): { plain: string; date: ResolvedDate } | undefined {
  const { start } = result;
  const lower = text.toLowerCase();
  const day = utcDay(start.get("year"), start.get("month"), start.get("day"));
  if (!day) return undefined;
  const vague = /\b(?:few|couple|several|some)\b/.test(lower);
  const ago = /\bago$/.test(lower);
  if (lower.includes("weekend")) {
    const saturday = day.getUTCDay() === 0 ? addDays(day, -1) : day;
    return item(`on the weekend of ${dayText(saturday)}`, "weekend", saturday, sentAt);
  }
  if (/\bweeks?\b/.test(lower)) {
    if (ago || /\d|\b(?:two|three|four|five|six)\b/.test(lower))
      return item(`around ${dayText(day)}`, "week", day, sentAt);
    const monday = addDays(day, -((day.getUTCDay() + 6) % 7));
    return item(`in the week of ${dayText(monday)}`, "week", monday, sentAt);
  }
  if (start.isCertain("day") || start.isCertain("weekday"))
    return describeDay(start, text, day, sentAt, tense, vague);
  if (/\b(?:morning|afternoon|evening|night|noon|midnight)\b/.test(lower)) {
    const part = /^this (morning|afternoon|evening|night)/.exec(lower)?.[1];
    return part ? item(`on the ${part} of ${dayText(day)}`, "day", day, sentAt) : undefined;
  }
  if (start.isCertain("month")) {
    const named = monthOf(start, sentAt, tense);
    const plain = ago ? `around ${monthText(named)}` : `in ${monthText(named)}`;
    return item(vague ? `${text} (${plain})` : plain, "month", named, sentAt);
  }
  if (start.isCertain("year")) {
    const year = new Date(Date.UTC(day.getUTCFullYear(), 0, 1));
    const plain = ago ? `around ${year.getUTCFullYear()}` : `in ${year.getUTCFullYear()}`;
    return item(vague ? `${text} (${plain})` : plain, "year", year, sentAt);
  }
  return undefined;
}

function describeDay(
  start: chrono.ParsedResult["start"],
  text: string,
  parsedDay: Date,
  sentAt: Date,
  tense: Tense,
  vague: boolean,
): { plain: string; date: ResolvedDate } | undefined {
  const lower = text.toLowerCase();
  let day = parsedDay;
  const bareWeekday =
    start.isCertain("weekday") && !start.isCertain("day") && !/\b(?:last|next|this)\b/.test(lower);
  if (bareWeekday && tense !== "past" && day < startOfDay(sentAt)) day = addDays(day, 7);
  if (bareWeekday && tense === "past" && day > sentAt) day = addDays(day, -7);
  if (start.isCertain("month") && start.isCertain("day") && !start.isCertain("year"))
    day = nearestYear(day, sentAt, tense);
  if (start.isCertain("hour") && !/\b(?:tonight|morning|afternoon|evening|night)\b/.test(lower))
    return item(`${text} (${dayText(day)})`, "day", day, sentAt);
  if (/^(?:on )?.*\b(?:19|20)\d{2}$/.test(lower)) return item(text, "day", day, sentAt);
  const part = lower === "tonight" ? "evening" : /morning|afternoon|evening|night/.exec(lower)?.[0];
  const plain = part ? `on the ${part} of ${dayText(day)}` : `on ${dayText(day)}`;
  if (vague) return item(`${text} (around ${dayText(day)})`, "day", day, sentAt);
  return item(plain, "day", day, sentAt);
}

function item(plain: string, grain: DateGrain, start: Date, sentAt: Date) {
  return { plain, date: { grain, start, future: start > sentAt } };
}

function monthOf(start: chrono.ParsedResult["start"], sentAt: Date, tense: Tense): Date {
  const month = (start.get("month") ?? 1) - 1;
  if (start.isCertain("year")) return new Date(Date.UTC(start.get("year") ?? 0, month, 1));
  const named = new Date(Date.UTC(sentAt.getUTCFullYear(), month, 1));
  return nearestYear(named, sentAt, tense);
}

/** The same day of the year that the tense asks for; in the present tense whichever lies nearer. */
function nearestYear(day: Date, sentAt: Date, tense: Tense): Date {
  const inYear = (shift: number) => {
    const shifted = new Date(day);
    shifted.setUTCFullYear(sentAt.getUTCFullYear() + shift);
    return shifted;
  };
  const own = inYear(0);
  if (tense === "future") return addDays(own, 31) < sentAt ? inYear(1) : own;
  if (tense === "past") return own > sentAt ? inYear(-1) : own;
  const gap = (date: Date) => Math.abs(date.getTime() - sentAt.getTime());
  return [inYear(-1), own, inYear(1)].reduce((best, date) => (gap(date) < gap(best) ? date : best));
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
    return { index: match.index, text: whole, ...item(`${name} ${year}`, "month", start, sentAt) };
  });
}

const YEAR = /\b(?:in|since|from|until|by|of) ((?:19|20)\d{2})\b/i;

/** A year that stands by itself is kept as it is. */
function years(text: string, sentAt: Date): Found[] {
  return [...text.matchAll(new RegExp(YEAR, "gi"))].map((match) => {
    const start = new Date(Date.UTC(Number(match[1]), 0, 1));
    return { index: match.index, text: match[0], ...item(match[0], "year", start, sentAt) };
  });
}

function utcDay(year: number | null, month: number | null, day: number | null): Date | undefined {
  if (year === null || month === null || day === null) return undefined;
  const date = new Date(Date.UTC(year, month - 1, day));
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function startOfDay(date: Date): Date {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()));
}

function addDays(date: Date, days: number): Date {
  return new Date(date.getTime() + days * 86_400_000);
}

/** "7 May 2023", UTC. */
export function dayText(date: Date): string {
  return `${date.getUTCDate()} ${monthText(date)}`;
}

function monthText(date: Date): string {
  const month = MONTHS[date.getUTCMonth()] ?? "";
  return `${month.charAt(0).toUpperCase()}${month.slice(1)} ${date.getUTCFullYear()}`;
}
