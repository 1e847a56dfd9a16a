import { type NamedDate, namedDates } from "../search/named-dates.ts";

const WEEK_OF = /\bweek of (?=\p{N})/iu;

/**
 * When what a statement tells of is over, if it lay ahead when it was said: "Ada is flying to Rome on 3 May 2026", said in
 * April, is over with that day. Of several days the last one counts. Read in English, as dates are resolved there.
 *
 * @returns the first moment behind it, UTC; undefined of what names no day, month or year, or none that lay ahead.
 */
export function overAt(text: string, saidAt: Date): Date | undefined {
  const days = WEEK_OF.test(text) ? 7 : 1;
  const last = Math.max(...namedDates(text).map((date) => endOf(date, days)));
  return last > saidAt.getTime() ? new Date(last) : undefined;
}

/** @param days that a named day stands for. */
function endOf({ year, month, day }: NamedDate, days: number): number {
  if (year === undefined) return Number.NEGATIVE_INFINITY;
  if (month === undefined) return Date.UTC(year + 1, 0, 1);
  return day === undefined ? Date.UTC(year, month, 1) : Date.UTC(year, month - 1, day + days);
}
