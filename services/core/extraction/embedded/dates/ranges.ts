import type * as chrono from "chrono-node/en";
import { addDays, dayOf, startOfDay } from "./calendar.ts";
import { yearMeant } from "./days.ts";
import type { Found } from "./named-periods.ts";
import { type Components, dayText, phraseOf, type Tense } from "./phrases.ts";

const JOINED = /^(.*?)( ?(?:-|–|\b(?:to|until|till|through|and)\b(?: the)?) ?)(.*)$/i;

/** "From December to February", "between 3 and 5 May": both ends, with their years; nothing where they are unsure. */
export function rangeEnds(
  result: chrono.ParsedResult,
  index: number,
  named: string,
  sentAt: Date,
  tense: Tense,
): Found[] {
  const { start, end } = result;
  const [, first, joint, second] = JOINED.exec(named) ?? [];
  if (end && first && joint && second && isWeekdays(start, end) && /^(?:last|next) /i.test(first))
    return weekdayEnds(result, index, [first, joint, second], sentAt);
  if (!end || !first || !joint || !second || !isCalendar(start) || !isCalendar(end)) return [];
  const [from, to] = yearsOf(start, end, sentAt, tense);
  if (!from || !to || from > to) return [];
  const year = (date: Date) => ` ${date.getUTCFullYear()}`;
  const apart = !start.isCertain("year") && from.getUTCFullYear() !== to.getUTCFullYear();
  const grain = (components: Components) => (components.isCertain("day") ? "day" : "month");
  const opening = phraseOf(apart ? first + year(from) : first, grain(start), from, sentAt);
  const closing = phraseOf(end.isCertain("year") ? second : second + year(to), grain(end), to, sentAt);
  return [
    { index, text: first, ...opening },
    {
      index: index + first.length + joint.length,
      text: second,
      plain: closing.plain,
      date: { ...closing.date, ends: true },
    },
  ];
}

function isWeekdays(...ends: readonly Components[]): boolean {
  return ends.every((end) => end.isCertain("weekday") && !end.isCertain("day") && !end.isCertain("hour"));
}

/** "Next Tuesday through Friday": both of one week, on the side of the message that the word tells. */
function weekdayEnds(
  { start, end }: chrono.ParsedResult,
  index: number,
  [first, joint, second]: readonly [string, string, string],
  sentAt: Date,
): Found[] {
  const [from, to] = [start, end].map((day) => startOfDay(day?.date() ?? sentAt)) as [Date, Date];
  const ahead = /^next/i.test(first);
  if (from >= to || to > addDays(from, 6) || (ahead ? from <= sentAt : to > sentAt)) return [];
  const closing = phraseOf(dayText(to), "day", to, sentAt);
  return [
    { index, text: first, ...phraseOf(`on ${dayText(from)}`, "day", from, sentAt) },
    {
      index: index + first.length + joint.length,
      text: second,
      plain: closing.plain,
      date: { ...closing.date, ends: true },
    },
  ];
}

/** A month or a day of one; hours and weekdays mostly come back. */
function isCalendar(components: Components): boolean {
  return components.isCertain("month") && !components.isCertain("hour") && !components.isCertain("weekday");
}

/** The tense tells when it ends, the beginning is the last such time before: they lie less than a year apart. */
function yearsOf(
  start: Components,
  end: Components,
  sentAt: Date,
  tense: Tense,
): readonly (Date | undefined)[] {
  const dated = (components: Components) =>
    dayOf(components.get("year") ?? 0, (components.get("month") ?? 1) - 1, dayIn(components) ?? 1);
  const resolve = (components: Components, at: Date, towards: Tense) =>
    components.isCertain("year")
      ? dated(components)
      : yearMeant(components.get("month") ?? 1, dayIn(components), at, towards);
  if (start.isCertain("year")) {
    const from = dated(start);
    return [from, resolve(end, from, "future")];
  }
  const to = resolve(end, sentAt, tense);
  return [to && resolve(start, to, "past"), to];
}

function dayIn(components: Components): number | undefined {
  return components.isCertain("day") ? (components.get("day") ?? undefined) : undefined;
}
