import type * as chrono from "chrono-node/en";
import { MONTHS } from "../../../search/time-words.ts";
import { addDays, addMonths, dayOf, mondayOf, nthWeekday, startOfDay, WEEKDAYS } from "./calendar.ts";

/** On what names a day, month or year by its words alone. */
export const SETTLED = "settled";
/** On words that may mean more than one time: nothing is to be read in them. */
export const UNSETTLED = "unsettled";

type Match = readonly (string | undefined)[];
type Grain = "day" | "month" | "year";
type Read = (match: Match, said: Date) => readonly [Grain, Date] | typeof UNSETTLED | undefined;

const COUNTS = "zero one two three four five six seven eight nine ten eleven twelve".split(" ");
const COUNT = `(an?|half an?|${COUNTS.slice(1).join("|")}|\\d{1,3})`;
const MANY = `(${COUNTS.slice(2).join("|")}|\\d{1,3})`;
export const WEEKDAY = `(${WEEKDAYS.join("|")})`;
const AGO = "(ago|from now|from today)";
const KNOWN: Readonly<Record<Grain, readonly chrono.Component[]>> = {
  day: ["year", "month", "day"],
  month: ["year", "month"],
  year: ["year"],
};

/** "This coming weekend trip" and "the week before last Easter" go on as a noun does. */
export const GOES_ON =
  /^(?:\s*(?:$|[.,;:!?)"'-])|\s+(?:and|but|so|or|because|with|at|in|on|for|to|from|by|as|if|when|while|that|after|before|until|i|we|you|he|she|it|they|my|our|his|her|the|was|is|were|are|too|already|instead|again|there|here)\b)/i;
const NAME = /^\s+\p{Lu}/u;

/** What may stand behind the words: anything, no noun, neither a noun nor a name. */
type Behind = "anything" | "no noun" | "no name";

/** Reads a pattern as a time. */
export function parser(pattern: string, behind: Behind, read: Read): chrono.Parser {
  const compiled = new RegExp(`\\b(?:${pattern})(?![\\w'])`, "i");
  return {
    pattern: () => compiled,
    extract(context, match) {
      const rest = context.text.slice((match.index ?? 0) + match[0].length);
      const free = behind === "anything" || GOES_ON.test(rest) || (behind === "no noun" && NAME.test(rest));
      const found = free ? read(match, context.reference.instant) : undefined;
      if (!found) return null;
      const components = context.createParsingComponents();
      if (found === UNSETTLED) return components.addTag(UNSETTLED);
      const [grain, day] = found;
      components.imply("day", day.getUTCDate()).imply("month", day.getUTCMonth() + 1);
      for (const part of KNOWN[grain]) components.assign(part, partOf(day, part));
      return components.addTag(SETTLED);
    },
  };
}

function partOf(day: Date, part: chrono.Component): number {
  if (part === "year") return day.getUTCFullYear();
  return part === "month" ? day.getUTCMonth() + 1 : day.getUTCDate();
}

function countOf(word = ""): number {
  const lower = word.toLowerCase();
  if (lower.startsWith("half")) return 0.5;
  const named = COUNTS.indexOf(lower);
  return /^an?$/.test(lower) ? 1 : named >= 0 ? named : Number(lower);
}

/** Times counted from the message: -1 for "ago", 1 for "from now" and "in". */
function signOf(direction: string | undefined): number {
  return direction?.toLowerCase() === "ago" ? -1 : 1;
}

/** 0 for Sunday. */
export function weekdayOf(word = ""): number {
  return WEEKDAYS.indexOf(word.toLowerCase());
}

const fortnights = parser(
  `${COUNT} fortnights? ${AGO}|in ${COUNT} fortnights?(?:'s?)?`,
  "anything",
  ([, ago, direction, ahead], said) => {
    const count = countOf(ago ?? ahead);
    return count < 1 ? UNSETTLED : ["day", addDays(startOfDay(said), signOf(direction) * 14 * count)];
  },
);

/** Chrono counts a month back from 31 March to 3 March. */
const months = parser(
  `(?:(?:about|around) )?${COUNT} months? ${AGO}|in ${COUNT} months?|(last|next) month|(?:in )?(half a year)(?: ${AGO})?`,
  "anything",
  ([whole = "", ago, direction, ahead, which, half, turned], said) => {
    if (half && !turned && !/^in /i.test(whole)) return undefined;
    const count = half ? 6 : which ? 1 : countOf(ago ?? ahead);
    if (count < 1) return undefined;
    const sign = which ? (/last/i.test(which) ? -1 : 1) : signOf(direction ?? turned);
    return ["month", dayOf(said.getUTCFullYear(), said.getUTCMonth() + sign * count)];
  },
);

/** "Two Saturdays ago", "in three Mondays", "two weekends from now". */
const weekdays = parser(
  `${COUNT} (weekend|${WEEKDAYS.join("|")})s? ${AGO}|in ${MANY} (weekend|${WEEKDAYS.join("|")})s`,
  "anything",
  ([, ago, of, direction, ahead, aheadOf], said) => {
    const count = countOf(ago ?? ahead);
    if (!Number.isInteger(count) || count < 1) return UNSETTLED;
    const named = (of ?? aheadOf ?? "").toLowerCase();
    if (named === "weekend") return ["day", weekend(said, signOf(direction) * count)];
    return ["day", nthWeekday(said, weekdayOf(named), signOf(direction) * count)];
  },
);

/** The Saturday of the nth weekend after the day, before it where n is negative; 0 is the one that lasts. */
function weekend(said: Date, n: number): Date {
  const weekday = said.getUTCDay();
  const lasts = weekday === 0 || weekday === 6;
  return lasts ? addDays(startOfDay(said), (weekday === 0 ? -1 : 0) + 7 * n) : nthWeekday(said, 6, n);
}

const UNIT = `(night|week|weekend|month|year|${WEEKDAYS.join("|")})`;

/** "The Friday before last", "next week but one", "the next-but-one weekend". */
const beforeLast = parser(
  `(?:on )?(?:the )?(?:${UNIT} (before last|after next)|(last|next)[- ]but[- ]one ${UNIT}|(last|next) ${UNIT} but one)`,
  "no name",
  ([, named, which, sideBefore, namedBehind, side, between], said) => {
    const unit = (named ?? namedBehind ?? between ?? "").toLowerCase();
    const sign = /before|last/i.test(which ?? sideBefore ?? side ?? "") ? -1 : 1;
    if (unit === "night") return sign < 0 ? ["day", addDays(startOfDay(said), -2)] : UNSETTLED;
    if (unit === "week") return ["day", addDays(startOfDay(said), sign * 14)];
    if (unit === "month") return ["month", dayOf(said.getUTCFullYear(), said.getUTCMonth() + sign * 2)];
    if (unit === "year") return ["year", dayOf(said.getUTCFullYear() + sign * 2, 0)];
    // "Next Friday" is read as next week's, so the one behind it is that of the week after next.
    const weekday = unit === "weekend" ? 6 : weekdayOf(unit);
    if (sign > 0) return ["day", addDays(mondayOf(said), 14 + ((weekday + 6) % 7))];
    return ["day", unit === "weekend" ? weekend(said, -2) : nthWeekday(said, weekday, -2)];
  },
);

const coming = parser(
  `(?:(?:the|this) )?((?:up)?coming) (weekend|${WEEKDAYS.join("|")})|this past (weekend|${WEEKDAYS.join("|")})`,
  "no noun",
  ([, ahead, of, past], said) => {
    const named = (of ?? past ?? "").toLowerCase();
    const sign = ahead ? 1 : -1;
    if (named !== "weekend") return ["day", nthWeekday(said, weekdayOf(named), sign)];
    // On a Sunday it may be this one or another.
    return [0, 6].includes(said.getUTCDay()) ? UNSETTLED : ["day", weekend(said, sign)];
  },
);

/** "Tuesday of next week", "last week on Tuesday". */
const ofWeek = parser(
  `(?:on )?${WEEKDAY},? (?:of |in )?(last|next|this) week|(last|next|this) week,? (?:on )?${WEEKDAY}`,
  "anything",
  ([, weekday, which, firstWhich, later], said) => {
    const shift = { last: -7, this: 0, next: 7 }[(which ?? firstWhich ?? "").toLowerCase()] ?? 0;
    return ["day", addDays(mondayOf(said), shift + ((weekdayOf(weekday ?? later) + 6) % 7))];
  },
);

/** "Last year in June". */
const ofYear = parser(
  `(last|next|this) year,? (?:in )?(${MONTHS.join("|")})`,
  "anything",
  ([, which = "", month = ""], said) => {
    const shift = { last: -1, this: 0, next: 1 }[which.toLowerCase()] ?? 0;
    return ["month", dayOf(said.getUTCFullYear() + shift, MONTHS.indexOf(month.toLowerCase()))];
  },
);

/** "Three years ago this June", "a year ago today"; "a week ago Friday" is one day or another. */
const agoFrom = parser(
  `${COUNT} (day|week|fortnight|month|year)s? ago,? (on |in |this coming |this past |this |last |next )?(today|tomorrow|yesterday|${[...WEEKDAYS, ...MONTHS].join("|")})(?: (\\d{1,2})(?:st|nd|rd|th)?)?`,
  "anything",
  ([, counted, unit = "", which = "", from = "", dayOfMonth], said) => {
    const count = countOf(counted);
    const month = MONTHS.indexOf(from.toLowerCase());
    if (count < 1 || weekdayOf(from) >= 0) return UNSETTLED;
    if (month >= 0) {
      const years =
        unit.toLowerCase() === "year" ? yearsTo(month, which.trim().toLowerCase(), said) : undefined;
      if (years === undefined) return UNSETTLED;
      const first = dayOf(said.getUTCFullYear() + years - count, month);
      return dayOfMonth ? ["day", addDays(first, Number(dayOfMonth) - 1)] : ["month", first];
    }
    if (which !== "") return undefined;
    const shift = { yesterday: -1, today: 0, tomorrow: 1 }[from.toLowerCase()] ?? 0;
    return ["day", back(addDays(startOfDay(said), shift), unit.toLowerCase(), count)];
  },
);

function back(day: Date, unit: string, count: number): Date {
  const days = { day: 1, week: 7, fortnight: 14 }[unit];
  return days ? addDays(day, -days * count) : addMonths(day, -count * (unit === "year" ? 12 : 1));
}

/**
 * Years from the message's to that of a month: "last May" said in June is the one just over, "this coming May"
 * the one ahead. "Next June" said in May may be either.
 */
export function yearsTo(month: number, which: string, said: Date): number | undefined {
  const now = said.getUTCMonth();
  if (/^last$|past$/.test(which)) return month < now ? 0 : -1;
  if (which === "next") return month > now ? undefined : 1;
  if (/coming$/.test(which)) return month === now ? undefined : month > now ? 0 : 1;
  return 0;
}

/** Times that chrono reads not at all or in pieces. */
export const PARSERS: readonly chrono.Parser[] = [
  agoFrom,
  ofWeek,
  ofYear,
  fortnights,
  months,
  weekdays,
  beforeLast,
  coming,
];
