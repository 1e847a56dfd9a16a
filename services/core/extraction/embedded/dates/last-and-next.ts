import type * as chrono from "chrono-node/en";
import { addDays, dayOf, nthWeekday, startOfDay } from "./calendar.ts";
import { parser, UNSETTLED, WEEKDAY, weekdayOf } from "./parsers.ts";

/** "Last Friday the 6th": where both the weekday and the number fit. */
const weekdayNumber = parser(
  `(?:on )?(last|next|this) ${WEEKDAY},? the (\\d{1,2})(?:st|nd|rd|th)`,
  "anything",
  ([, which = "", weekday, number], said) => {
    const side = which.toLowerCase();
    const turns = side === "last" ? [-1, -2] : side === "next" ? [1, 2] : [-1, 1];
    const fits = turns
      .map((n) => nthWeekday(said, weekdayOf(weekday), n))
      .find((day) => day.getUTCDate() === Number(number));
    return fits ? ["day", fits] : UNSETTLED;
  },
);

/** "This time last year". */
const thisTime = parser(
  "(?:(?:at|around|about) )?this time (last|next) (year|month|week)",
  "anything",
  ([, which = "", unit = ""], said) => {
    const sign = which.toLowerCase() === "last" ? -1 : 1;
    if (unit.toLowerCase() === "week") return ["day", addDays(startOfDay(said), sign * 7)];
    const months = sign * (unit.toLowerCase() === "year" ? 12 : 1);
    return ["month", dayOf(said.getUTCFullYear(), said.getUTCMonth() + months)];
  },
);

/** Times that "last" and "next" tell together with another word. */
export const LAST_AND_NEXT: readonly chrono.Parser[] = [weekdayNumber, thisTime];
