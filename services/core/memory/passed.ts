import { type NamedDate, namedDates } from "../search/named-dates.ts";

const WEEK_OF = /\bweek of (?=\p{N})/iu;

/** What begins on a day is so behind it: who starts at SAP in May works there in June. */
const BEGINS =
  /\b(?:start(?:s|ing)?|begin(?:s|ning)?|join(?:s|ing)?|mov(?:es?|ing)|relocat(?:es?|ing)|marr(?:y|ies|ying)|retir(?:es?|ing)|graduat(?:es?|ing)|becom(?:es?|ing)|takes? over|taking over|switch(?:es|ing)|transfer(?:s|ring)?|getting married|gets? married)\b|\bfrom .{3,40} on(?:wards?)?\b(?! \p{N})/iu;

/**
 * When what a statement tells of is over, if it lay ahead when it was said: "Ada is flying to Rome on 3 May 2026", said in
 * April, is over with that day. Of several days the last one counts. Read in English, as dates are resolved there; a day ends
 * at midnight UTC.
 *
 * @returns the first moment behind it, UTC; undefined of what names no day, month or year, or none that lay ahead, or of what begins then.
 */
export function overAt(text: string, saidAt: Date): Date | undefined {
  if (BEGINS.test(text)) return undefined;
  const days = WEEK_OF.test(text) ? 7 : 1;
  const ahead = namedDates(text).filter((date) => startOf(date) > saidAt.getTime());
  return ahead.length > 0 ? new Date(Math.max(...ahead.map((date) => endOf(date, days)))) : undefined;
}

/** A month or year that has begun may be told of what has happened in it: "vegan since April 2026", said in April. */
function startOf({ year, month = 1, day = 1 }: NamedDate): number {
  return year === undefined ? Number.NEGATIVE_INFINITY : Date.UTC(year, month - 1, day);
}

/** @param days that a named day stands for. */
function endOf({ year, month, day }: NamedDate, days: number): number {
  if (year === undefined) return Number.NEGATIVE_INFINITY;
  if (month === undefined) return Date.UTC(year + 1, 0, 1);
  return day === undefined ? Date.UTC(year, month, 1) : Date.UTC(year, month - 1, day + days);
}
