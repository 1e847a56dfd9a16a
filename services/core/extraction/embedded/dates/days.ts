import { addDays, dayOf, startOfDay } from "./calendar.ts";
import type { Components, Tense } from "./phrases.ts";

/** The day that a weekday, a day of a month or of a year means; undefined where it could be more than one. */
export function dayMeant(
  start: Components,
  lower: string,
  read: Date,
  sentAt: Date,
  tense: Tense,
): Date | undefined {
  const today = startOfDay(sentAt);
  if (start.isCertain("weekday") && !start.isCertain("day") && !/\b(?:last|next|this)\b/.test(lower)) {
    // "On Friday", said on a Friday, is seldom today.
    if (tense === "habit" || read.getUTCDay() === today.getUTCDay()) return undefined;
    if (tense === "past") return read > sentAt ? addDays(read, -7) : read;
    return read < today ? addDays(read, 7) : read;
  }
  if (!start.isCertain("day") || start.isCertain("year")) return read;
  if (!start.isCertain("month")) return dayOfMonth(start.get("day") ?? 0, today, tense);
  return yearMeant(start.get("month") ?? 0, start.get("day") ?? 0, sentAt, tense);
}

/** The nearest such day of a month, today counted in. */
function dayOfMonth(number: number, today: Date, tense: Tense): Date | undefined {
  if (tense === "habit") return undefined;
  const step = tense === "past" ? -1 : 1;
  // Every other month has 31 days.
  for (const months of [0, 1, 2]) {
    const day = dayOf(today.getUTCFullYear(), today.getUTCMonth() + step * months, number);
    if (day.getUTCDate() === number && (day.getTime() - today.getTime()) * step >= 0) return day;
  }
  return undefined;
}

/** Where no verb tells, a day or month is taken for the one that lies so near, in days. */
const NEAR = 92;
/** A 29 February may be this far off, in years. */
const YEARS = [0, 1, 2, 3, 4, 5, 6, 7, 8];

/** The day or the first of the month in the year that the tense asks for; undefined where it asks for none. */
export function yearMeant(
  month: number,
  day: number | undefined,
  sentAt: Date,
  tense: Tense,
): Date | undefined {
  const year = sentAt.getUTCFullYear();
  const first = (shift: number) => dayOf(year + shift, month - 1, day ?? 1);
  const exists = (date: Date) => date.getUTCMonth() === month - 1;
  // A month that has begun may still be meant, a day that has passed may not.
  const over = (date: Date) =>
    day ? date < startOfDay(sentAt) : dayOf(date.getUTCFullYear(), month) <= sentAt;
  const ahead = YEARS.map(first).find((date) => exists(date) && !over(date));
  const behind = YEARS.map((shift) => first(-shift)).find((date) => exists(date) && date <= sentAt);
  if (tense === "future") return ahead;
  if (tense === "past") return behind;
  // "I love Rome in May" is said of every May.
  if (tense === "habit" || (tense === "present" && !day)) return undefined;
  if (tense === "present") return ahead;
  const gap = (date: Date) => Math.abs(date.getTime() - sentAt.getTime());
  return [ahead, behind].find((date) => date && gap(date) < NEAR * 86_400_000);
}
