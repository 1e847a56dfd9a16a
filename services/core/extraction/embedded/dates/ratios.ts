import { type DatePlace, isWeekday } from "./context.ts";
import { GOES_ON } from "./parsers.ts";

const SLASHED = /^(?:the )?\d{1,2}\/\d{1,2}$/i;
/** Always open, or two halves. */
const SET_PHRASE = /^(?:24\/7|50\/50)$/;
/** What leads a day in, and what has one. */
const LED = new RegExp(
  `(?:${[
    "\\b(?:on|by|since|until|till|before|after|from|between|through|due|starting|beginning|dated|effective|as of|week of)(?: (?:the|about|around))?",
    "\\b(?:moved|pushed|changed|shifted|postponed|rescheduled|scheduled|booked|set|planned) (?:[^.,;]{1,30} )?(?:to|for)",
    "\\b(?:date|deadline|birthday|wedding|appointment|exam|interview|flight|party|meeting|surgery)(?: is| was|'s|:)",
  ].join("|")}) $`,
  "i",
);
const NAMED_BEHIND = /^ \p{Lu}/u;

/** "5/5", "24/7", "3/16 inch": a mark, a share, a part; "on 5/20" is a day. */
export function isRatio(place: DatePlace): boolean {
  const { named, before, after } = place;
  if (!SLASHED.test(named) || isWeekday(place)) return false;
  if (SET_PHRASE.test(named) || !LED.test(before)) return true;
  return !GOES_ON.test(after) && !NAMED_BEHIND.test(after);
}
