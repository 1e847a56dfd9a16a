import { MONTHS } from "./time-words.ts";

/** A date as a query names it; what it leaves open is undefined. Month 1..12. */
export interface NamedDate {
  readonly year: number | undefined;
  readonly month: number | undefined;
  readonly day: number | undefined;
}

const MONTH_NAMES =
  "january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec";
const DAY = "(\\d{1,2})(?:st|nd|rd|th)?";
const YEAR = "((?:19|20)\\d{2})";

const DAY_MONTH = new RegExp(`\\b${DAY}(?: of)? (${MONTH_NAMES})\\b\\.?(?:,? (?:of )?${YEAR}\\b)?`, "gi");
const MONTH_DAY = new RegExp(`\\b(${MONTH_NAMES})\\b\\.? ${DAY}\\b(?!\\d|:)(?:,? ${YEAR}\\b)?`, "gi");
const MONTH_YEAR = new RegExp(`\\b(${MONTH_NAMES})\\b\\.?,? (?:of )?${YEAR}\\b`, "gi");
const BARE_MONTH = new RegExp(`\\b(${MONTH_NAMES})\\b`, "gi");
const ISO = /\b((?:19|20)\d{2})-(\d{1,2})(?:-(\d{1,2}))?\b/g;
const BARE_YEAR = new RegExp(`\\b${YEAR}\\b`, "g");

/** Reads the dates that a query names in themselves; relative ones ("last month") are read by `readQueryTime`. */
export function namedDates(text: string): NamedDate[] {
  const dates: NamedDate[] = [];
  let rest = text;
  const take = (pattern: RegExp, read: (groups: (string | undefined)[]) => NamedDate | undefined) => {
    rest = rest.replace(pattern, (...args: unknown[]) => {
      const whole = args[0] as string;
      const date = read(args as (string | undefined)[]);
      if (!date) return whole;
      dates.push(date);
      return " ";
    });
  };
  take(ISO, ([, year, month, day]) => date(year, Number(month), day));
  take(DAY_MONTH, ([, day, month, year]) => date(year, monthNumber(month), day));
  take(MONTH_DAY, ([, month, day, year]) => date(year, monthNumber(month), day));
  take(MONTH_YEAR, ([, month, year]) => date(year, monthNumber(month), undefined));
  take(BARE_MONTH, (groups) => bareMonth(groups));
  take(BARE_YEAR, ([, year]) => date(year, undefined, undefined));
  return dates;
}

function date(
  year: string | undefined,
  month: number | undefined,
  day: string | undefined,
): NamedDate | undefined {
  const dayNumber = day === undefined ? undefined : Number(day);
  if (month !== undefined && (month < 1 || month > 12)) return undefined;
  if (dayNumber !== undefined && (dayNumber < 1 || dayNumber > 31)) return undefined;
  return { year: year === undefined ? undefined : Number(year), month, day: dayNumber };
}

function monthNumber(name: string | undefined): number {
  const prefix = (name ?? "").toLowerCase().slice(0, 3);
  return MONTHS.findIndex((month) => month.startsWith(prefix)) + 1;
}

/** "may" and "march" are words, too: they count only capitalised behind a preposition or "last". */
function bareMonth(groups: (string | undefined)[]): NamedDate | undefined {
  const name = groups[1] ?? "";
  const offset = groups[2] as unknown as number;
  const whole = groups[3] as unknown as string;
  if (/^(?:may|march|mar|jan|jun|dec|sep|oct)$/i.test(name)) {
    const before = whole.slice(0, offset);
    const introduced =
      /\b(?:in|of|during|since|until|till|by|last|this|next|early|late|mid|before|after|for|and|to)[ -]$/i.test(
        before,
      );
    if (!introduced || !/^\p{Lu}/u.test(name)) return undefined;
  }
  return date(undefined, monthNumber(name), undefined);
}

/** `[from, to)`, UTC. */
export interface DateRange {
  readonly from: Date;
  readonly to: Date;
}

/** Years back that a month without a year is looked for. */
const YEARS_BACK = 9;

/**
 * The stretches of time that named dates may mean: a day is its whole month (people misremember days), a
 * month without a year that month of this year and of the nine before. At most 32 ranges, those of named years first.
 */
export function dateRanges(dates: readonly NamedDate[], now: Date): DateRange[] {
  const thisYear = now.getUTCFullYear();
  return dates
    .toSorted((a, b) => Number(a.year === undefined) - Number(b.year === undefined))
    .flatMap(({ year, month }) => {
      if (month === undefined) return year === undefined ? [] : [range(year, 0, 12)];
      if (year !== undefined) return [range(year, month - 1, 1)];
      return Array.from({ length: YEARS_BACK + 1 }, (_, back) => range(thisYear - back, month - 1, 1));
    })
    .slice(0, 32);
}

function range(year: number, month: number, months: number): DateRange {
  return { from: new Date(Date.UTC(year, month, 1)), to: new Date(Date.UTC(year, month + months, 1)) };
}
