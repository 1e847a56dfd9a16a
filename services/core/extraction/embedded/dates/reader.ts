import * as chrono from "chrono-node/en";
import { MONTHS } from "../../../search/time-words.ts";
import { LAST_AND_NEXT } from "./last-and-next.ts";
import { GOES_ON, PARSERS, SETTLED, UNSETTLED } from "./parsers.ts";

/** A day or month with its end: "from 3 to 5 May", "between March and June". */
const DAYS_OF_MONTH = new RegExp(
  `\\b(\\d{1,2})(?:st|nd|rd|th)? ?(?:-|–|to|until|till|through|and) ?(?:the )?(\\d{1,2})(?:st|nd|rd|th)?(?: of)? (${MONTHS.join("|")})(?:,? (\\d{4}))?(?!\\w)`,
  "i",
);
/** Chrono takes "from 3 to 5" for hours and "between 3 and 5 May" for one day. */
const daysOfMonth: chrono.Parser = {
  pattern: () => new RegExp(`(?:(?:from|between) (?:the )?)?${DAYS_OF_MONTH.source}`, "i"),
  extract(context, match) {
    const [whole, first, last, name = "", year] = match;
    // "I have 3 and 5 May suits me".
    if (/\band\b/i.test(whole) && !/^between/i.test(whole)) return null;
    const month = MONTHS.indexOf(name.toLowerCase()) + 1;
    const at = (day: number) => {
      const components = context.createParsingComponents({ month, day });
      return year ? components.assign("year", Number(year)) : components;
    };
    const start = match.index ?? 0;
    return context.createParsingResult(
      start,
      start + whole.length,
      at(Number(first)).addTag(SETTLED),
      at(Number(last)),
    );
  },
};
/** "On the 20th": a day of a month that the tense tells. */
const dayNumber: chrono.Parser = {
  pattern: () =>
    /\b(on|by|since|until|till|before|(?:moved|pushed|changed|shifted|postponed|rescheduled|scheduled|booked) (?:[^.,;]{1,30} )?(?:to|for)) (the (\d{1,2})(?:st|nd|rd|th))(?!\w)/i,
  extract(context, match) {
    const [whole, led = "", named = "", number] = match;
    const start = (match.index ?? 0) + (/^on$/i.test(led) ? 0 : whole.length - named.length);
    const end = (match.index ?? 0) + whole.length;
    const day = Number(number);
    // "On the 3rd floor", "on the 5th and the 6th".
    const rest = context.text.slice(end);
    if (
      day < 1 ||
      day > 31 ||
      !GOES_ON.test(rest) ||
      /^(?:-|,? (?:and|or|to|until) (?:on )?(?:the )?\d)/i.test(rest)
    )
      return null;
    // Chrono drops what is no date: of the months implied, January has every day.
    const components = context.createParsingComponents({ day }).imply("month", 1);
    return context.createParsingResult(start, end, components.addTag(SETTLED));
  },
};

/** "Between March and June", which chrono reads as two times. */
const between: chrono.Refiner = {
  refine(context, results) {
    const merged: chrono.ParsingResult[] = [];
    for (const result of results) {
      const before = merged.at(-1);
      const gap = context.text.slice(before ? before.index + before.text.length : 0, result.index);
      const opens = before && /\bbetween (?:the )?$/i.test(context.text.slice(0, before.index));
      if (!opens || before.end || result.end || !/^ and (?:the )?$/i.test(gap)) {
        merged.push(result);
        continue;
      }
      before.text += gap + result.text;
      before.end = result.start;
    }
    return merged;
  },
};

/** "In ten days' time". */
const inTime: chrono.Refiner = {
  refine: (context, results) =>
    results.map((result) => {
      const rest = /^(?:'s?|s')? time\b/i.exec(context.text.slice(result.index + result.text.length))?.[0];
      if (!rest || !/^in /i.test(result.text)) return result;
      const whole = result.clone();
      whole.text += rest;
      return whole;
    }),
};

/** "Three days a week from now on" is no day of next week. */
const fromNowOn: chrono.Refiner = {
  refine: (context, results) =>
    results.filter(
      ({ index, text }) =>
        !/ from now$/i.test(text) || !/^ on\b/i.test(context.text.slice(index + text.length)),
    ),
};

/** "The 5th of January". */
const withArticle: chrono.Refiner = {
  refine: (context, results) =>
    results.map((result) => {
      const { start, index, text } = result;
      const opens = /\bthe $/i.test(context.text.slice(0, index)) && /^\d/.test(text);
      if (!opens || !start.isCertain("day") || !start.isCertain("month")) return result;
      const whole = result.clone();
      whole.index = index - 4;
      whole.text = context.text.slice(index - 4, index) + text;
      return whole.addTag(SETTLED);
    }),
};

/** Chrono takes "May" for a verb but behind "in". */
function keepingMay(unlikely: chrono.Refiner): chrono.Refiner {
  const led = /\b(?:since|until|till|by|before|after|from|during|through|around|early|late|mid|of)[ -]$/;
  return {
    refine(context, results) {
      const likely = new Set(unlikely.refine(context, results));
      return results.filter(
        (result) =>
          likely.has(result) || (result.text === "May" && led.test(context.text.slice(0, result.index))),
      );
    },
  };
}

/** "31/3/2027" can only be a day and a month, "3/31/2027" only a month and a day. */
const DAY_LEADS = /(?<![\d/.-])(?:1[3-9]|2\d|3[01])([/.-])(?:0?[1-9]|1[0-2])\1(?:\d{4}|\d{2})(?![\d/.-]*\d)/;
const MONTH_LEADS =
  /(?<![\d/.-])(?:0?[1-9]|1[0-2])([/.-])(?:1[3-9]|2\d|3[01])\1(?:\d{4}|\d{2})(?![\d/.-]*\d)/;

const IN_NUMBERS = /^\d{1,2}([/.-])\d{1,2}\1\d{2,4}(?!\d)/;

/** What the dates in numbers of a text open with, where one of them shows it and none shows the other. */
function orderOf(text: string): "day first" | "month first" | undefined {
  const dayLeads = DAY_LEADS.test(text);
  if (dayLeads === MONTH_LEADS.test(text)) return undefined;
  return dayLeads ? "day first" : "month first";
}

const ofShownOrder: chrono.Refiner = {
  refine: (context, results) =>
    orderOf(context.text) === undefined
      ? results
      : results.map((result) => (IN_NUMBERS.test(result.text) ? result.addTag(SETTLED) : result)),
};

function createReader(dayFirst: boolean): chrono.Chrono {
  const { parsers, refiners } = chrono.configuration.createCasualConfiguration(dayFirst);
  // It makes "the end of last month" a day of its own, the last of June.
  refiners.shift();
  const unlikely = refiners.pop();
  if (!unlikely) throw new Error("chrono has no refiners");
  return new chrono.Chrono({
    parsers: [daysOfMonth, dayNumber, ...LAST_AND_NEXT, ...PARSERS, ...parsers],
    refiners: [...refiners, between, keepingMay(unlikely), inTime, fromNowOn, withArticle, ofShownOrder],
  });
}

const MONTH_FIRST = createReader(false);
const DAY_FIRST = createReader(true);

/**
 * The times that English words name, in order, those that could mean more than one left out. Where one date in
 * numbers shows what they open with, all are read so.
 */
export function readTimes(text: string, said: Date): chrono.ParsedResult[] {
  const reader = orderOf(text) === "day first" ? DAY_FIRST : MONTH_FIRST;
  const { plain, places } = withSingleBlanks(text);
  return reader
    .parse(plain, { instant: said, timezone: 0 })
    .filter((result) => !result.tags().has(UNSETTLED))
    .map((result) => {
      const index = places[result.index] ?? 0;
      const end = places[result.index + result.text.length - 1] ?? 0;
      return Object.assign(result, { index, text: text.slice(index, end + 1) });
    });
}

/**
 * A text with one blank for each run of them, and where its characters stand in it: chrono tries every way to part a
 * run, of each run of "in 0m   0m   0m" with each of the others.
 */
function withSingleBlanks(text: string): { readonly plain: string; readonly places: readonly number[] } {
  const places = Array.from({ length: text.length }, (_, i) => i).filter(
    (i) => i === 0 || !/\s/.test(text.charAt(i)) || !/\s/.test(text.charAt(i - 1)),
  );
  return { plain: places.map((i) => text.charAt(i)).join(""), places };
}
