/** From Sunday on, as `Date` counts them. */
export const WEEKDAYS: readonly string[] = "sunday monday tuesday wednesday thursday friday saturday".split(
  " ",
);

/** UTC midnight of a day; a month beyond December counts on into the next year. */
export function dayOf(year: number, month: number, day = 1): Date {
  return new Date(Date.UTC(year, month, day));
}

/** Its UTC midnight. */
export function startOfDay(date: Date): Date {
  return dayOf(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
}

/** So many days later, earlier where negative. */
export function addDays(date: Date, days: number): Date {
  return new Date(date.getTime() + days * 86_400_000);
}

/** The same day so many months later; the last of the month where that has no such day. */
export function addMonths(date: Date, months: number): Date {
  const first = dayOf(date.getUTCFullYear(), date.getUTCMonth() + months);
  const length = dayOf(first.getUTCFullYear(), first.getUTCMonth() + 1, 0).getUTCDate();
  return addDays(first, Math.min(date.getUTCDate(), length) - 1);
}

/** The Monday of its week. */
export function mondayOf(date: Date): Date {
  return addDays(startOfDay(date), -((date.getUTCDay() + 6) % 7));
}

/** The nth such weekday after a day, before it where n is negative; the day itself never counts. */
export function nthWeekday(date: Date, weekday: number, n: number): Date {
  const ahead = (weekday - date.getUTCDay() + 7) % 7 || 7;
  const back = ahead - 7 || -7;
  return addDays(startOfDay(date), n > 0 ? ahead + 7 * (n - 1) : back + 7 * (n + 1));
}
