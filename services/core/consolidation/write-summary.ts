import { DEFAULT_LANGUAGE } from "../language/languages.ts";
import { deedKey, deedOf, englishDay } from "./deed.ts";
import type { Episode } from "./episode.ts";

/**
 * What a cluster tells, in its episodes' own words: a deed that recurs once, with how often and when; else each with its day,
 * which is told once where several were on it. Nothing is left out and no word is added but days, "times", "between" and
 * "and"; in other languages than English days are digits, and there are none of those words.
 *
 * @param episodes oldest first, at least one.
 */
export function writeSummary(episodes: readonly Episode[], language: string = DEFAULT_LANGUAGE): string {
  const days = language === DEFAULT_LANGUAGE ? ENGLISH : DIGITS;
  let told = "";
  return [...Map.groupBy(episodes, deedKey).values()]
    .map((same) => {
      if (same.length > 1) return recurring(same, days);
      const [{ text, validFrom }] = same as [Episode];
      const day = days.day(validFrom);
      if (day === told || holdsDay(text, validFrom)) return text.trim();
      told = day;
      return `${day}: ${text.trim()}`;
    })
    .join(" ");
}

interface Days {
  day(date: Date): string;
  /** How often between which days. */
  often(times: number, first: Date, last: Date): string;
}

const ENGLISH: Days = {
  day: englishDay,
  often: (times, first, last) => `${times} times between ${englishDay(first)} and ${englishDay(last)}`,
};
const DIGITS: Days = {
  day: isoDay,
  often: (times, first, last) => `${times} × ${isoDay(first)} – ${isoDay(last)}`,
};

/** Once, with how often. */
function recurring(same: readonly Episode[], days: Days): string {
  const [first] = same as [Episode];
  const last = same.at(-1) ?? first;
  const each = [...new Set(same.map(({ validFrom }) => days.day(validFrom)))].join(", ");
  const often = days.often(same.length, first.validFrom, last.validFrom);
  return `${deedOf(first).replace(/[.!]+$/u, "")}: ${often} (${each}).`;
}

/** Whether a statement tells its day itself. */
function holdsDay(text: string, date: Date): boolean {
  return text.includes(englishDay(date)) || text.includes(isoDay(date));
}

function isoDay(date: Date): string {
  return date.toISOString().slice(0, 10);
}
