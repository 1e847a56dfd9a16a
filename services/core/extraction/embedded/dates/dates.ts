import type * as chrono from "chrono-node/en";
import { MONTHS } from "../../../search/time-words.ts";
import { isCommonNoun } from "./common-nouns.ts";
import {
  endsWhat,
  isBareWeekday,
  isNoDate,
  isStretch,
  isWeekday,
  LEADS,
  MAYBE,
  placeOf,
  steered,
  tiedToYear,
} from "./context.ts";
import { type Found, namedPeriods, namesYear } from "./named-periods.ts";
import { datePhrase, type ResolvedDate, type Tense } from "./phrases.ts";
import { rangeEnds } from "./ranges.ts";
import { isRatio } from "./ratios.ts";
import { readTimes } from "./reader.ts";
import { isSubjectOf } from "./subjects.ts";

export interface DatedText {
  readonly text: string;
  readonly dates: readonly ResolvedDate[];
}

/** A month that nothing leads in keeps its place: "April flew by", "I loved April". */
const BARE_MONTH = new RegExp(`^(?:${MONTHS.join("|")})$`, "i");

/** "My birthday is 5 June": it comes back every year. */
export function isYearly(text: string): boolean {
  return /\b(?:birthdays?|birth|b-?day|born|anniversar(?:y|ies)|name day)\b|\bDOB\b/i.test(text);
}

/**
 * Replaces times relative to the message ("yesterday", "last Friday", "next month") by calendar dates, and
 * adds the year where a month or day lacks it. What cannot be resolved surely stays as it is.
 * @param tenseAt of the clause around a place in the text; decides a bare weekday or month: "I have a
 *   meeting on Friday" is the Friday to come.
 * @param yearly days without a year stay without one, as in the answer to "When is your birthday?".
 */
export function resolveDates(
  text: string,
  sentAt: Date,
  tenseAt: (index: number) => Tense,
  yearly = isYearly(text),
): DatedText {
  let out = "";
  let cursor = 0;
  const dates: ResolvedDate[] = [];
  for (const item of findDates(text, sentAt, tenseAt, yearly)) {
    const before = text.slice(cursor, item.index);
    const after = text.slice(item.index + item.text.length);
    const kept = item.plain === item.text;
    out += before + (kept ? item.text : place(item, out + before, after));
    cursor = item.index + item.text.length;
    if (item.date)
      dates.push(endsWhat(text.slice(0, item.index), item.text) ? { ...item.date, ends: true } : item.date);
  }
  return { text: out + text.slice(cursor), dates };
}

/** The times that a text names, where they stand in it, in order and apart. Parameters as of {@link resolveDates}. */
export function findDates(
  text: string,
  sentAt: Date,
  tenseAt: (index: number) => Tense,
  yearly: boolean,
): Found[] {
  if (!MAYBE.test(text) && !namesYear(text)) return [];
  const found = [...parsed(text, sentAt, tenseAt, yearly), ...namedPeriods(text, sentAt)];
  let end = 0;
  return found
    .sort((a, b) => a.index - b.index)
    .filter(({ index, text: { length } }) => {
      if (index < end) return false;
      end = index + length;
      return true;
    });
}

const OBJECT_BEFORE =
  /\b(?:make|making|enjoy|spend|spending|remember|meant|mean|means|prefer|choose|chose|picked|not|rather than|instead of) $/i;

/** Puts a phrase such as "on 7 May 2023" into its sentence: without its preposition where one leads or it is the subject. */
function place({ plain, text }: Found, before: string, after: string): string {
  const bare = plain.replace(/^(?:on|in) /, "");
  if (/^(?:'s|s\b)/.test(after)) return plain.replace(/^(?:on|in|around) /, "");
  // "The house I stayed in yesterday": that "in" does not lead the day.
  const stranded =
    /\b(?:in|on|at) $/i.test(before) && /^(?:yesterday|today|tonight|tomorrow|last|next|this)\b/i.test(text);
  const led = LEADS.test(before) && !stranded;
  // "... and on Thursday I left", "he comes by on Friday".
  if (led && !/^(?:on|in) /i.test(text)) return plain.replace(/^(?:on|in|around) /, "");
  // "Make tomorrow unforgettable".
  if ((OBJECT_BEFORE.test(before) && !/^(?:on|in) /i.test(text)) || BARE_MONTH.test(text)) return bare;
  const opens =
    before.trim() === "" ||
    /(?:[,;:.]|\b(?:that|and|but|so|because|if|says?|said|thinks?|thought|knows?|hopes?)) $/.test(before);
  if (opens && isSubjectOf(after)) return capitalizeIf(before.trim() === "", bare);
  return capitalizeIf(before.trim() === "", plain);
}

function capitalizeIf(condition: boolean, text: string): string {
  return condition ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

/** Times of one text that are resolved, its first ones: each reads the tense of all that stands around it. */
const MOST = 16;

function parsed(text: string, sentAt: Date, tenseAt: (index: number) => Tense, yearly: boolean): Found[] {
  const found: Found[] = [];
  const places = read(text, sentAt)
    .slice(0, MOST)
    .map(({ result, index }) => placeOf(result, index, text));
  let anchor: Date | undefined;
  const plan = places.filter(isBareWeekday).length > 0 && places.filter(isWeekday).length > 1;
  for (const place of places) {
    const { result, index, named, before } = place;
    if (isNoDate(place) || isCommonNoun(place) || isRatio(place)) continue;
    if ((plan && isBareWeekday(place)) || (yearly && !tiedToYear(result))) continue;
    const tense = steered(before, result) ?? tenseAt(index);
    if (isStretch(place, tense)) continue;
    if (result.end) {
      found.push(...rangeEnds(result, index, named, sentAt, tense));
      continue;
    }
    const item = datePhrase(result, named, sentAt, tense, anchor);
    if (!item) continue;
    const { date } = item;
    if (date.grain === "day") anchor = date.start;
    // "I will move this year": the year has begun, the move has not.
    const future = date.future || (tense === "future" && date.grain !== "day");
    found.push({ index, text: named, ...item, date: { ...date, future } });
  }
  return found;
}

/** In "she turned 18 last month" and "5.2 in March, 4.8 in April" the number is no day. */
function read(text: string, sentAt: Date): { result: chrono.ParsedResult; index: number }[] {
  return readTimes(text, sentAt).flatMap((result) => {
    const led = text.slice(0, result.index) + result.text;
    if (/\bin \p{L}+\.?,? \d{1,2}$|\b\p{L}+, \d{1,2}$/iu.test(led)) {
      const [month] = readTimes(result.text.replace(/,? \d{1,2}$/, ""), sentAt);
      return month ? [{ result: month, index: result.index + month.index }] : [];
    }
    const number = /^\d{1,2} (?=(?:last|next|this)\b)/i.exec(result.text)?.[0] ?? "";
    if (number === "") return [{ result, index: result.index }];
    const [rest] = readTimes(result.text.slice(number.length), sentAt);
    return rest ? [{ result: rest, index: result.index + number.length + rest.index }] : [];
  });
}
