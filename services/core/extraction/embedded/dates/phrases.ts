import type * as chrono from "chrono-node/en";
import { MONTHS } from "../../../search/time-words.ts";
import { addDays, dayOf, mondayOf } from "./calendar.ts";
import { dayMeant, yearMeant } from "./days.ts";
import { SETTLED } from "./parsers.ts";

/** What chrono knows of a time. */
export type Components = chrono.ParsedResult["start"];

export type DateGrain = "day" | "weekend" | "week" | "month" | "year";

/** A time that a sentence names, resolved against the moment it was said. */
export interface ResolvedDate {
  readonly grain: DateGrain;
  /** Its first moment, UTC. */
  readonly start: Date;
  /** True where it, or what is told to come in it, lies after the message. */
  readonly future: boolean;
  /** True where what is told ended then: "until 2018". */
  readonly ends?: boolean;
}

/**
 * What the verbs of a sentence say about the times that it names: `habit` where they tell what comes back or may
 * lie on either side, so that no one day or month is meant; `unsaid` where no verb tells.
 */
export type Tense = "past" | "present" | "future" | "habit" | "unsaid";

/** A time with the words that stand for it: "on 7 May 2023". */
export interface DatePhrase {
  readonly plain: string;
  readonly date: ResolvedDate;
}

/**
 * Words for what chrono has read; undefined where it is too vague to name a day, week, month or year.
 * @param text as it stands in the sentence.
 * @param anchor the day that the sentence names before.
 */
export function datePhrase(
  result: chrono.ParsedResult,
  text: string,
  sentAt: Date,
  tense: Tense,
  anchor?: Date,
): DatePhrase | undefined {
  const { start } = result;
  const lower = text.toLowerCase();
  const day = utcDay(start.get("year"), start.get("month"), start.get("day"));
  if (!day) return undefined;
  const vague = /\b(?:few|couple|several|some)\b/.test(lower);
  const ago = /\b(?:ago|from now|from today)$/.test(lower);
  if (lower.includes("weekend")) {
    const saturday = day.getUTCDay() === 0 ? addDays(day, -1) : day;
    return phraseOf(`on the weekend of ${dayText(saturday)}`, "weekend", saturday, sentAt);
  }
  const ofWeek = isSettled(result) && WEEKDAY.test(lower);
  if (/\b(?:week|fortnight)s?\b/.test(lower) && !ofWeek) {
    if (ago || /\d|\b(?:two|three|four|five|six|fortnights?)\b/.test(lower))
      return phraseOf(`around ${dayText(day)}`, "week", day, sentAt);
    // Chrono has "this week" begin on the Sunday before.
    const monday = mondayOf(/\bthis week\b/.test(lower) ? sentAt : day);
    return phraseOf(`in the week of ${dayText(monday)}`, "week", monday, sentAt);
  }
  if (start.isCertain("day") || start.isCertain("weekday"))
    return (
      laterThatMonth(start, anchor, sentAt, tense) ?? describeDay(start, text, day, sentAt, tense, vague)
    );
  if (/\b(?:morning|afternoon|evening|night|noon|midnight)\b/.test(lower)) {
    const part = /^(?:(?:at )?\d\S* )?this (morning|afternoon|evening|night)/.exec(lower)?.[1];
    if (part && /\d/.test(lower)) return phraseOf(`${text} (${dayText(day)})`, "day", day, sentAt);
    return part ? phraseOf(`on the ${part} of ${dayText(day)}`, "day", day, sentAt) : undefined;
  }
  if (start.isCertain("month")) {
    const named = monthOf(start, sentAt, tense);
    if (!named) return undefined;
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

/** "On 3 July, back on the 20th": of the month that was named last, where both lie ahead or behind. */
function laterThatMonth(
  start: Components,
  anchor: Date | undefined,
  sentAt: Date,
  tense: Tense,
): DatePhrase | undefined {
  const number = start.get("day") ?? 0;
  const alone = start.isCertain("day") && !start.isCertain("month") && !start.isCertain("hour");
  const sides: readonly Tense[] = anchor && anchor > sentAt ? ["future", "present", "unsaid"] : ["past"];
  if (!anchor || !alone || !sides.includes(tense) || number <= anchor.getUTCDate()) return undefined;
  const day = dayOf(anchor.getUTCFullYear(), anchor.getUTCMonth(), number);
  if (day.getUTCMonth() !== anchor.getUTCMonth()) return undefined;
  return phraseOf(`on ${dayText(day)}`, "day", day, sentAt);
}

const WEEKDAY = /\b\w+(?<!to)day\b/;

/** True where the words alone tell the day, month or year. */
export function isSettled(result: chrono.ParsedResult): boolean {
  return result.tags().has(SETTLED);
}

function describeDay(
  start: Components,
  text: string,
  parsedDay: Date,
  sentAt: Date,
  tense: Tense,
  vague: boolean,
): DatePhrase | undefined {
  const lower = text.toLowerCase();
  const day = dayMeant(start, lower, parsedDay, sentAt, tense);
  if (!day) return undefined;
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

function monthOf(start: Components, sentAt: Date, tense: Tense): Date | undefined {
  const month = start.get("month") ?? 1;
  if (start.isCertain("year")) return dayOf(start.get("year") ?? 0, month - 1);
  return yearMeant(month, undefined, sentAt, tense);
}

function utcDay(year: number | null, month: number | null, day: number | null): Date | undefined {
  if (year === null || month === null || day === null) return undefined;
  const date = new Date(Date.UTC(year, month - 1, day));
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** "7 May 2023", UTC. */
export function dayText(date: Date): string {
  return `${date.getUTCDate()} ${monthText(date)}`;
}

function monthText(date: Date): string {
  const month = MONTHS[date.getUTCMonth()] ?? "";
  return `${month.charAt(0).toUpperCase()}${month.slice(1)} ${date.getUTCFullYear()}`;
}
