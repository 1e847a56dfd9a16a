import { addDays, addMonths, dayOf, startOfDay } from "../../extraction/embedded/dates/calendar.ts";
import { findDates } from "../../extraction/embedded/dates/dates.ts";
import type { Found } from "../../extraction/embedded/dates/named-periods.ts";
import type { ResolvedDate, Tense } from "../../extraction/embedded/dates/phrases.ts";
import { isTimeLimit, withTimeLimit } from "../../extraction/embedded/time-limit.ts";

/** A stretch of time where a query names it: `[from, to)`, UTC. */
export interface Stretch {
  readonly index: number;
  readonly text: string;
  readonly from: Date;
  readonly to: Date;
}

/** Stretches that a query names, in order and apart; what can't be resolved surely is not among them. */
export function stretchesIn(query: string, now: Date): Stretch[] {
  const tense = () => (AHEAD.test(query) ? "future" : "past");
  // "The week before 3 August" names a date and a step from it.
  const dates = query.replace(STEP, (step) => " ".repeat(step.length));
  const dated = foundInTime(dates, now, tense).flatMap(({ index, text, date }) =>
    date ? [{ index, text, ...lengthOf(date, text) }] : [],
  );
  const own = [...spells(query, now), ...seasons(query, now), ...years(query)];
  // What is named by more words is named more closely: "summer of 2023" holds "of 2023".
  const all = [...own, ...dated].sort((a, b) => b.text.length - a.text.length);
  const apart: Stretch[] = [];
  for (const one of all) if (!apart.some((other) => touches(one, other))) apart.push(one);
  return apart.sort((a, b) => a.index - b.index);
}

/** Far more than any question takes. */
const MOST_MS = 250;

/** Chrono's patterns are not ours: no query may hold up all others, so one that they can't end with names no date. */
function foundInTime(text: string, now: Date, tense: () => Tense): Found[] {
  try {
    return withTimeLimit(MOST_MS, () => findDates(text, now, tense, false));
  } catch (error) {
    if (isTimeLimit(error)) return [];
    throw error;
  }
}

/** A query asks for what is planned. */
const AHEAD = /\b(?:will|next|upcoming|coming|tomorrow|planned|plans?|planning|going to|scheduled)\b/i;

const STEP =
  /\b(?:the|a|one|two|three) (?:day|week|weekend|month|year)s? (?=(?:before|after) (?!last\b|next\b|yesterday\b|tomorrow\b))/gi;

function touches(a: Stretch, b: Stretch): boolean {
  return a.index < b.index + b.text.length && b.index < a.index + a.text.length;
}

function lengthOf({ grain, start }: ResolvedDate, text: string): Pick<Stretch, "from" | "to"> {
  const season = SEASON.exec(text)?.[1]?.toLowerCase();
  if (season) {
    const from = season === "christmas" ? seasonStart(season, start.getUTCFullYear()) : start;
    return { from, to: seasonEnd(season, from) };
  }
  return { from: start, to: endOf(grain, start) };
}

function endOf(grain: ResolvedDate["grain"], start: Date): Date {
  if (grain === "month" || grain === "year") return addMonths(start, grain === "month" ? 1 : 12);
  return addDays(start, { day: 1, weekend: 2, week: 7 }[grain]);
}

const SEASON = /\b(spring|summer|autumn|fall|winter|christmas)s?\b/i;
const FIRST_MONTHS: Readonly<Record<string, number>> = {
  spring: 2,
  summer: 5,
  autumn: 8,
  fall: 8,
  winter: 11,
};
const COUNTS = "one two three four five six seven eight nine ten eleven twelve".split(" ");
const COUNT = `(\\d{1,3}|a|an|${COUNTS.join("|")}|couple(?: of)?|few)`;

const SEASON_NAMED = new RegExp(
  `\\b(?:(?:in|over|during|since|before|after|until|around) (?:the )?)?(?:early |late |mid-?)?(spring|summer|autumn|fall|winter|christmas)(?: (?:of |in )?((?:19|20)\\d{2}))?(?![\\w'-])|\\b${COUNT} (spring|summer|autumn|fall|winter|christmas)(?:es|s)? ago\\b`,
  "gi",
);

/** "In the summer of 2023", "over Christmas", "two winters ago". */
function seasons(query: string, now: Date): Stretch[] {
  return [...query.matchAll(SEASON_NAMED)].flatMap((match) => {
    const [whole, named, year, count, agoOf] = match;
    const season = (named ?? agoOf ?? "").toLowerCase();
    // "My summer job", "I fall asleep": only what is led in, dated or counted back.
    const led = /^(?:in|over|during|since|before|after|until|around)\b/i.test(whole);
    if (!led && !year && !count) return [];
    const lead =
      /^(?:(?:in|over|during|since|before|after|until|around) (?:the )?)?/i.exec(whole)?.[0].length ?? 0;
    const start = year ? seasonStart(season, Number(year)) : lastStart(season, now, countOf(count));
    return [
      { index: match.index + lead, text: whole.slice(lead), from: start, to: seasonEnd(season, start) },
    ];
  });
}

function seasonStart(season: string, year: number): Date {
  return season === "christmas" ? dayOf(year, 11, 24) : dayOf(year, FIRST_MONTHS[season] ?? 0);
}

function seasonEnd(season: string, start: Date): Date {
  return season === "christmas" ? addDays(start, 9) : addMonths(start, 3);
}

/** The last one that has begun; `back` of them ago, one being the last one that is over. */
function lastStart(season: string, now: Date, back: number): Date {
  const begun = seasonStart(season, now.getUTCFullYear()) <= now ? 0 : 1;
  const last = seasonStart(season, now.getUTCFullYear() - begun);
  if (back === 0) return last;
  const over = seasonEnd(season, last) <= now ? 0 : 1;
  return seasonStart(season, last.getUTCFullYear() - over - (back - 1));
}

function countOf(word: string | undefined): number {
  if (word === undefined) return 0;
  const lower = word.toLowerCase();
  if (/^an?$/.test(lower)) return 1;
  if (lower.startsWith("couple")) return 2;
  if (lower === "few") return 3;
  return COUNTS.indexOf(lower) + 1 || Number(lower);
}

const SPELL = new RegExp(
  `\\b(?:(?:in|over|during|within|for|from) )?(?:the )?(?:last|past|previous) (?:${COUNT} )?(day|week|month|year)s?\\b|\\b(recently|lately|these days)\\b`,
  "gi",
);
/** Days that "recently" reaches back. */
const RECENT_DAYS = 60;

/** "In the last two weeks", "during the past month", "lately": up to now. "Last week" alone is that calendar week. */
function spells(query: string, now: Date): Stretch[] {
  return [...query.matchAll(SPELL)].flatMap((match) => {
    const [whole, count, unit = "", recent] = match;
    const found = { index: match.index, text: whole, to: addDays(startOfDay(now), 1) };
    if (recent) return [{ ...found, from: addDays(startOfDay(now), -RECENT_DAYS) }];
    const runs =
      count !== undefined || /\bpast\b/i.test(whole) || /^(?:in|over|during|within|for) the\b/i.test(whole);
    if (!runs) return [];
    return [{ ...found, from: back(startOfDay(now), unit.toLowerCase(), countOf(count) || 1) }];
  });
}

function back(day: Date, unit: string, count: number): Date {
  if (unit === "day") return addDays(day, -count);
  return unit === "week" ? addDays(day, -7 * count) : addMonths(day, -count * (unit === "year" ? 12 : 1));
}

const YEAR = /\b((?:19|20)\d{2})(s)?\b(?![-/.]\d|:)/g;

/** "2019", "the 1990s". */
function years(query: string): Stretch[] {
  return [...query.matchAll(YEAR)].map((match) => {
    const first = Number(match[1]);
    return {
      index: match.index,
      text: match[0],
      from: dayOf(first, 0),
      to: dayOf(first + (match[2] ? 10 : 1), 0),
    };
  });
}
