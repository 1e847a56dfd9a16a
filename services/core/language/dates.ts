import { type DateWords, rulesOf, type Unit } from "./rules/rules.ts";

/** A time that a text names. What it leaves open is undefined; month 1..12. */
export interface FoundDate {
  /** Where it stands, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  readonly year: number | undefined;
  readonly month: number | undefined;
  readonly day: number | undefined;
  readonly grain: Unit;
  /** True of "yesterday", which tells nothing to who reads it later. */
  readonly isRelative: boolean;
}

/** `[from, to)`, UTC, of a date with a year; undefined without. */
export function spanOfDate({ year, month, day, grain }: FoundDate): { from: Date; to: Date } | undefined {
  if (year === undefined) return undefined;
  const at = (years: number, months: number, days: number) => new Date(Date.UTC(years, months, days));
  if (month === undefined) return { from: at(year, 0, 1), to: at(year + 1, 0, 1) };
  if (day === undefined) return { from: at(year, month - 1, 1), to: at(year, month, 1) };
  return { from: at(year, month - 1, day), to: at(year, month - 1, day + (grain === "week" ? 7 : 1)) };
}

/** As everybody reads it: `2026`, `2026-05`, `2026-05-06`, a week from its Monday as `2026-05-04/2026-05-10`. */
export function isoOf(found: FoundDate): string | undefined {
  const span = spanOfDate(found);
  if (!span) return undefined;
  const day = (date: Date) => date.toISOString().slice(0, 10);
  if (found.grain === "week") return `${day(span.from)}/${day(new Date(span.to.getTime() - 86_400_000))}`;
  return day(span.from).slice(0, { year: 4, month: 7, day: 10 }[found.grain]);
}

/** Times that a text names in a language that there are rules for, in order; none of another. UTC. */
export function datesIn(text: string, tag: string, now: Date): FoundDate[] {
  const words = rulesOf(tag)?.dates;
  if (!words) return [];
  const all = readersOf(tag, words).flatMap(({ pattern, read }) =>
    [...text.matchAll(pattern)].flatMap((match) => {
      const date = read(match, now);
      return date ? [{ ...date, start: match.index, end: match.index + match[0].length }] : [];
    }),
  );
  const found: FoundDate[] = [];
  // "Pasado mañana" is no "mañana": what begins first, and then the longest, is meant.
  for (const each of all.sort((a, b) => a.start - b.start || b.end - a.end))
    if (each.start >= (found.at(-1)?.end ?? 0)) found.push(each);
  return found;
}

type Meaning = Omit<FoundDate, "start" | "end">;

interface Reader {
  readonly pattern: RegExp;
  readonly read: (match: RegExpExecArray, now: Date) => Meaning | undefined;
}

const readers = new Map<string, readonly Reader[]>();

function readersOf(tag: string, words: DateWords): readonly Reader[] {
  const known = readers.get(tag) ?? [
    ...words.dates.map((source) => ({ pattern: global(source), read: absolute(words) })),
    ...words.relative.map(([source, unit, away]) => ({
      pattern: global(source),
      read: (_: RegExpExecArray, now: Date) => shifted(now, unit, away),
    })),
    ...words.ago.map((source) => ({ pattern: global(source), read: ago(words) })),
    { pattern: /(?<![\p{L}\p{N}./-])(?:19|20)\d{2}(?![\p{L}\p{N}/-])/gu, read: bareYear },
    {
      pattern: /(?<!\d)(?<year>(?:19|20)\d{2})-(?<number>\d{1,2})(?:-(?<day>\d{1,2}))?(?!\d)/gu,
      read: absolute(words),
    },
  ];
  readers.set(tag, known);
  return known;
}

/** Words of languages with blanks stand by themselves; others have none to stand between. */
function global(source: string): RegExp {
  const spaced = /\p{Script=Han}/u.test(source)
    ? `(?:${source})`
    : `(?<![\\p{L}\\p{N}])(?:${source})(?![\\p{L}\\p{N}])`;
  return new RegExp(spaced, "giu");
}

function absolute(words: DateWords): Reader["read"] {
  const months = words.months.map((source) => new RegExp(`^(?:${source})$`, "iu"));
  return ({ groups = {} }) => {
    const named = months.findIndex((month) => month.test(groups.month ?? "")) + 1;
    const month = named || (groups.number === undefined ? undefined : Number(groups.number));
    const day = groups.day === undefined ? undefined : Number(groups.day);
    if ((month !== undefined && (month < 1 || month > 12)) || (day !== undefined && (day < 1 || day > 31)))
      return undefined;
    const grain = day !== undefined ? "day" : month !== undefined ? "month" : "year";
    const year = groups.year === undefined ? undefined : Number(groups.year);
    return { year, month, day, grain, isRelative: false };
  };
}

function bareYear([year]: RegExpExecArray): Meaning {
  return { year: Number(year), month: undefined, day: undefined, grain: "year", isRelative: false };
}

function ago({ units, numbers }: DateWords): Reader["read"] {
  return ({ groups = {} }, now) => {
    const unit = units[(groups.unit ?? "").toLowerCase()];
    const word = (groups.count ?? "").toLowerCase();
    const count = /^\d{1,3}$/.test(word) ? Number(word) : numbers[word];
    return unit && count ? shifted(now, unit, -count) : undefined;
  };
}

function shifted(now: Date, unit: Unit, away: number): Meaning {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  const monday = day - ((now.getUTCDay() + 6) % 7);
  const at = {
    day: () => new Date(Date.UTC(year, month, day + away)),
    week: () => new Date(Date.UTC(year, month, monday + 7 * away)),
    month: () => new Date(Date.UTC(year, month + away, 1)),
    year: () => new Date(Date.UTC(year + away, 0, 1)),
  }[unit]();
  return {
    year: at.getUTCFullYear(),
    month: unit === "year" ? undefined : at.getUTCMonth() + 1,
    day: unit === "year" || unit === "month" ? undefined : at.getUTCDate(),
    grain: unit,
    isRelative: true,
  };
}
