import type * as chrono from "chrono-node/en";
import { isPastForm } from "../verbs.ts";
import { isSettled, type Tense } from "./phrases.ts";

/** Words without which no text names a time. */
export const MAYBE =
  /\b(?:yesterday|today|tonight|tomorrow|morning|night|weekends?|weeks?|fortnights?|months?|years?|ago|days?|last|next|this|(?:mon|tues?|wednes|wed|thurs?|fri|satur|sun)(?:days?)?|\d{1,2}(?:st|nd|rd|th)|jan\w*|feb\w*|mar(?:ch)?|apr\w*|may|june?|july?|aug\w*|sept?\w*|oct\w*|nov\w*|dec\w*|summer|winter|spring|fall|autumn|christmas)\b|\d[/.-]\d/i;
const AMBIGUOUS =
  /^(?:sat|sun|mon|wed|thu|fri|may|march|mar|jan|dec|sep|oct|now|the week before|in the \w+|\d.*|at .*|from \d.*|second)$/i;
const UNRESOLVABLE =
  /\b(?:later|earlier|(?<!from )now|after(?! tomorrow)|(?:week|month|year|decade)s? before|days before|day before$|night before)\b|^(?:for|over|within|the(?! day (?:before yesterday|after tomorrow)$)|past) /i;
/** "Tuesday and Thursday mornings", "Monday to Friday": a habit, not a date. */
const WEEKDAY = "(?:mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?s?\\b";
const REPEATED = new RegExp(
  `^(?:s\\b|\\s+(?:mornings|afternoons|evenings|nights)\\b|\\s*(?:and|or|to|through|,|-)\\s*${WEEKDAY})`,
  "i",
);
const REPEATING = new RegExp(`${WEEKDAY}\\s*(?:and|or|to|through|,|-)\\s*$`, "i");
/** "Every other Sunday". */
const COMES_BACK =
  /\b(?:(?:every|each)(?: (?:other|single|second|third))?|first|second|third|fourth|[1-5](?:st|nd|rd|th)|most|the|past|per|a) $/i;
/** "In a month or two", "one or two months ago". */
const ROUGH_AFTER = /^ (?:and a half|or (?:so|two|three|four))\b/i;
const ROUGH_BEFORE = /\b(?:one|two|three|four|five|six|\d+)(?: or | to |-)$/i;
const FEAST = /\b(?:Black|Good|Easter|Ash|Cyber|Super|Palm|Fat|Shrove|Maundy|Whit|Casual) $/;
/** "Friday the 13th", "Tuesday week". */
const NO_DATE_BEFORE = /^(?:s\b|-| the \d| week\b)/i;
/** Read as day and month or as month and day. */
const NUMERIC =
  /(?<![\d/.-])(\d{1,2})[/.-](\d{1,2})(?:[/.-]\d{2,4})?(?=$| (?:to|until|till|through|and|-|–) )/g;
const WITH_DAY = /\b(?:yesterday|today|tonight|tomorrow|\w+day|this (?:morning|afternoon|evening))\b/i;
/** "Do it in twelve days" is how long it takes. */
const TAKES =
  /\b(?:do|did|done|finish\w*|complet\w*|read|wrote|learn\w*|buil\w+|made|make|lost|gain\w*|ran|run|walk\w*|cook\w*|solved?)\b[^.,;]{0,30}$/i;
export const LEADS =
  /\b(on|in|at|since|until|till|by|for|from|to|of|before|after|during|through|around|about|over|between|and|early|late|mid|the)[ -]$/i;
/** What chrono has read, and what stands around it. */
export interface DatePlace {
  readonly result: chrono.ParsedResult;
  readonly index: number;
  readonly named: string;
  readonly before: string;
  readonly after: string;
}

/** Where in a text chrono has read a time. */
export function placeOf(result: chrono.ParsedResult, index: number, text: string): DatePlace {
  const named = result.text.replace(/[\s,.;:]+$/, "");
  const before = text.slice(0, index);
  return { result, index, named, before, after: text.slice(index + named.length) };
}

/** True where the words are no date, come back, or can be read in two ways. */
export function isNoDate({ result, named, before, after }: DatePlace): boolean {
  if (REPEATED.test(after) || REPEATING.test(before) || takes(named, before)) return true;
  if (ROUGH_BEFORE.test(before) || ROUGH_AFTER.test(after)) return true;
  // "In the last month" is a stretch of time.
  if (isSettled(result) && !/^(?:last|next)\b/i.test(named)) return false;
  if (AMBIGUOUS.test(named) && !WITH_DAY.test(named) && !introduced(named, before)) return true;
  if (hasTwoOrders(named)) return true;
  if (UNRESOLVABLE.test(named)) return true;
  if (COMES_BACK.test(before) || FEAST.test(before) || NO_DATE_BEFORE.test(after)) return true;
  // "My last day" is no yesterday.
  if (/^(?:last|next|past)\b/i.test(named) && /\b(?:my|your|his|her|our|their|its|the) $/i.test(before))
    return true;
  return isPartOfName(named, before, after);
}

function hasTwoOrders(named: string): boolean {
  const dates = /^\d/.test(named) ? [...named.matchAll(NUMERIC)] : [];
  return dates.some(([, first, second]) => first !== second && Number(first) <= 12 && Number(second) <= 12);
}

function takes(named: string, before: string): boolean {
  return /^in /i.test(named) && TAKES.test(before);
}

const STRETCH =
  /^in (?:about |around |over |almost |nearly )?(?:an?|\p{L}+|\d+) (?:day|week|fortnight|month|year)s?$/iu;
/** "The first steak in ten years". */
const OF_ALL =
  /\b(?:first|last|only|best|worst|\p{L}{3,}est|most|least) [^.,;]{0,40}(?<!\b(?:is|are|be|starts?|begins?|ends?|comes?|leaves?|opens?) )$/iu;
/** "Decided to leave in two weeks". */
const MEANT = /\bto \p{L}+(?: [^.,;]{0,40})?$/iu;

/** "Haven't seen her in two years": how long it was, for nothing that is over lies so long ahead. */
export function isStretch({ named, before }: DatePlace, tense: Tense): boolean {
  if (!STRETCH.test(named)) return false;
  const clause = /[^.;!?]*$/.exec(before)?.[0] ?? "";
  return OF_ALL.test(clause) || (tense === "past" && !MEANT.test(clause));
}

/** True for a day of the week, with or without "on" or "last". */
export function isWeekday({ result }: DatePlace): boolean {
  return result.start.isCertain("weekday") && !result.start.isCertain("day");
}

/** "Monday gym, Tuesday piano": days of every week. */
export function isBareWeekday(place: DatePlace): boolean {
  return isWeekday(place) && /^\w+$/.test(place.named) && /(?:^|[,:;] |\band )$/i.test(place.before);
}

/** "Since Tuesday" lies behind and "scheduled for Monday" ahead, whatever the verb. */
export function steered(before: string, { start }: chrono.ParsedResult): Tense | undefined {
  if (/\bsince (?:the )?$/i.test(before)) return "past";
  // "Used to live there until May" tells of one May, "used to go in May" of many.
  if (/\bused to\b/i.test(before) && endsWhat(before, "")) return "past";
  return start.isCertain("weekday") && /\bfor $/i.test(before) ? "future" : undefined;
}

const ENDING =
  /\b(?:until|till|before|up to|up until|through)(?: (?:the|early|late|mid|about|around|end|start|beginning|middle|spring|summer|autumn|fall|winter|of))*[ -]$/i;
const DENIED = /(?:n't|\b(?:not|never|nobody|no one|nothing))\b[^.;!?]*$/i;

/** "Until 2018" ends what is told; "not until 2018" begins it. */
export function endsWhat(before: string, named: string): boolean {
  const led = before + (/^(?:until|till|before) /i.exec(named)?.[0] ?? "");
  return ENDING.test(led) && !DENIED.test(led);
}

/** "May Street", "June Carter", "Sunday Times": the day or month is the first word of a name. */
function isPartOfName(named: string, before: string, after: string): boolean {
  const next = /^ (\p{Lu}\p{Ll}+)\b/u.exec(after)?.[1];
  // "12 May Street".
  if (next && /(?:^|\d )\p{Lu}\p{Ll}+$/u.test(named) && /^(?:Street|Road|Avenue|Lane|Square)$/.test(next))
    return true;
  if (SENTENCE_START.test(before) && CALLED.test(named) && isSomebody(after)) return true;
  if (next === undefined || !/^(?:(?:on|in) )?\p{Lu}\p{Ll}+$/u.test(named) || MAYBE.test(next)) return false;
  // "In May Anna came" names a month, "in May Street" does not.
  if (NAMED_AFTER_DATES.test(next)) return true;
  return !LEADS.test(before) && !/^(?:on|in) /.test(named) && (before.trim() !== "" || !/day$/.test(named));
}

const SENTENCE_START = /(?:^|[.!?]\s)\s*$/;
const CALLED = /^(?:April|May|June|August)$/;

/** "June is my aunt", "April called", not "June was hot" and "August flew by". */
function isSomebody(behind: string): boolean {
  if (/^(?: and I| (?:is|was) (?:my|our|your|his|her|their)| has an?)\b/.test(behind)) return true;
  const verb = /^ ([a-z]+)\b/.exec(behind)?.[1] ?? "";
  return isPastForm(verb) && !PASSES.test(verb);
}

const PASSES =
  /^(?:was|were|had|did|came|went|got|became|felt|flew|passed|started|began|ended|brought|turned|seemed|looked|proved|saw|marked)$/;

const NAMED_AFTER_DATES =
  /^(?:Street|Road|Avenue|Lane|Square|Place|Drive|Court|Hill|Park|Hall|House|Ball|Fair|Fools?|Madness|Times|Post|Herald|Night|Morning|School|Club|Market)$/;

/** True where the day or month is the message's own; false for "5 June", which comes back every year. */
export function tiedToYear({ start: named, text }: chrono.ParsedResult): boolean {
  return named.isCertain("year") || named.isCertain("weekday") || /\b(?:last|next|this)\b/i.test(text);
}

/** "In March", "last may": a word that is also no date counts where it is led in and capitalised. */
function introduced(text: string, before: string): boolean {
  if (/^\d{1,4}[/.-]\d/.test(text) || /^\d{1,2}(?:st|nd|rd|th)? (?:of )?[a-z]{3}/i.test(text)) return true;
  return (
    /\b(?:in|since|until|till|by|before|after|from|to|during|through|around|early|late|mid|last|next|this|of)[ -]$/i.test(
      before,
    ) && /^\p{Lu}/u.test(text)
  );
}
