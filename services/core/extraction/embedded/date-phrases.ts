import type * as chrono from "chrono-node/en";
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

/** What the verbs of a sentence say about the times that it names. */
export type Tense = "past" | "present" | "future";

/** A time with the words that stand for it: "on 7 May 2023". */
export interface DatePhrase {
  readonly plain: string;
  readonly date: ResolvedDate;
}

/**
 * Words for what chrono has read; undefined where it is too vague to name a day, week, month or year.
 * @param text as it stands in the sentence.
 */
export function datePhrase(
  result: chrono.ParsedResult,
  text: string,
  sentAt: Date,
  tense: Tense,
): DatePhrase | undefined {
  const { start } = result;
  const lower = text.toLowerCase();
  const day = utcDay(start.get("year"), start.get("month"), start.get("day"));
  if (!day) return undefined;
  const vague = /\b(?:few|couple|several|some)\b/.test(lower);
  const ago = /\b(?:ago|from now)$/.test(lower);
  if (lower.includes("weekend")) {
    const saturday = day.getUTCDay() === 0 ? addDays(day, -1) : day;
    return phraseOf(`on the weekend of ${dayText(saturday)}`, "weekend", saturday, sentAt);
  }
  if (/\bweeks?\b/.test(lower)) {
    if (ago || /\d|\b(?:two|three|four|five|six)\b/.test(lower))
      return phraseOf(`around ${dayText(day)}`, "week", day, sentAt);
    // Chrono has "this week" begin on the Sunday before.
    const within = /\bthis week\b/.test(lower) ? startOfDay(sentAt) : day;
    const monday = addDays(within, -((within.getUTCDay() + 6) % 7));
    return phraseOf(`in the week of ${dayText(monday)}`, "week", monday, sentAt);
  }
  if (start.isCertain("day") || start.isCertain("weekday"))
    return describeDay(start, text, day, sentAt, tense, vague);
  if (/\b(?:morning|afternoon|evening|night|noon|midnight)\b/.test(lower)) {
    const part = /^this (morning|afternoon|evening|night)/.exec(lower)?.[1];
    if (part && /\d/.test(lower)) return phraseOf(`${text} (${dayText(day)})`, "day", day, sentAt);
    return part ? phraseOf(`on the ${part} of ${dayText(day)}`, "day", day, sentAt) : undefined;
  }
  if (start.isCertain("month")) {
    const named = monthOf(start, sentAt, tense);
    const plain = ago ? `around ${monthText(named)}` : `in ${monthText(named)}`;
    return phraseOf(vague ? `${text} (${plain})` : plain, "month", named, sentAt);
  }
  if (start.isCertain("year")) {
    const year = new Date(Date.UTC(day.getUTCFullYear(), 0, 1));
    const plain = ago ? `around ${year.getUTCFullYear()}` : `in ${year.getUTCFullYear()}`;
    return phraseOf(vague ? `${text} (${plain})` : plain, "year", year, sentAt);
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
): DatePhrase | undefined {
  const lower = text.toLowerCase();
  let day = parsedDay;
  const bareWeekday =
    start.isCertain("weekday") && !start.isCertain("day") && !/\b(?:last|next|this)\b/.test(lower);
  if (bareWeekday && tense !== "past" && day < startOfDay(sentAt)) day = addDays(day, 7);
  if (bareWeekday && tense === "past" && day > sentAt) day = addDays(day, -7);
  if (start.isCertain("month") && start.isCertain("day") && !start.isCertain("year"))
    day = nearestYear(day, "day", sentAt, tense);
  const partOfDay = /\b(?:tonight|morning|afternoon|evening|night)\b/.test(lower) && !/\d/.test(lower);
  if (start.isCertain("hour") && !partOfDay) return phraseOf(`${text} (${dayText(day)})`, "day", day, sentAt);
  if (/^(?:on )?.*\b(?:19|20)\d{2}$/.test(lower)) return phraseOf(text, "day", day, sentAt);
  const part = lower === "tonight" ? "evening" : /morning|afternoon|evening|night/.exec(lower)?.[0];
  const plain = part ? `on the ${part} of ${dayText(day)}` : `on ${dayText(day)}`;
  if (vague) return phraseOf(`${text} (around ${dayText(day)})`, "day", day, sentAt);
  return phraseOf(plain, "day", day, sentAt);
}

/** Joins words and time. */
export function phraseOf(plain: string, grain: DateGrain, start: Date, sentAt: Date): DatePhrase {
  return { plain, date: { grain, start, future: start > sentAt } };
}

function monthOf(start: chrono.ParsedResult["start"], sentAt: Date, tense: Tense): Date {
  const month = (start.get("month") ?? 1) - 1;
  if (start.isCertain("year")) return new Date(Date.UTC(start.get("year") ?? 0, month, 1));
  const named = new Date(Date.UTC(sentAt.getUTCFullYear(), month, 1));
  return nearestYear(named, "month", sentAt, tense);
}

/** The same day or month of the year that the tense asks for; in the present tense whichever lies nearer. */
function nearestYear(day: Date, grain: "day" | "month", sentAt: Date, tense: Tense): Date {
  const inYear = (shift: number) => {
    const shifted = new Date(day);
    shifted.setUTCFullYear(sentAt.getUTCFullYear() + shift);
    return shifted;
  };
  const own = inYear(0);
  // A month that has begun may still be meant, a day that has passed may not.
  const over = grain === "day" ? own < startOfDay(sentAt) : addDays(own, 31) < sentAt;
  if (tense === "future") return over ? inYear(1) : own;
  if (tense === "past") return own > sentAt ? inYear(-1) : own;
  const gap = (date: Date) => Math.abs(date.getTime() - sentAt.getTime());
  return [inYear(-1), own, inYear(1)].reduce((best, date) => (gap(date) < gap(best) ? date : best));
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
function dayText(date: Date): string {
  return `${date.getUTCDate()} ${monthText(date)}`;
}

function monthText(date: Date): string {
  const month = MONTHS[date.getUTCMonth()] ?? "";
  return `${month.charAt(0).toUpperCase()}${month.slice(1)} ${date.getUTCFullYear()}`;
}
