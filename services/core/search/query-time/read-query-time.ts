import { addDays, addMonths } from "../../extraction/embedded/dates/calendar.ts";
import { datesIn, spanOfDate } from "../../language/dates.ts";
import { DEFAULT_LANGUAGE, languageOf } from "../../language/languages.ts";
import { type EventAnchor, eventAnchor } from "./event-anchor.ts";
import { asksForPast } from "./past-words.ts";
import { type Stretch, stretchesIn } from "./stretches.ts";
import { type TimeSpan, wasSoIn } from "./time-span.ts";

/**
 * By what words a query names its time: a date ("in May 2023"), one relative to now ("two weeks ago"), a range
 * ("since 2022"), an event ("before I moved"), or only that it is over ("where did I use to live").
 */
export type QueryTimeKind = "date" | "relative" | "range" | "event" | "past";

/** How the time of a query was understood. */
export interface QueryTime {
  readonly kind: QueryTimeKind;
  /** Both ends are open where the words name no time by themselves. */
  readonly span: TimeSpan;
  /** Of an event: what is to be looked up among the memories. */
  readonly anchor: EventAnchor | undefined;
  /** It asks for what may have ended: memories that were replaced are looked through too. */
  readonly withEnded: boolean;
}

/** The memory that an event was found in, and the time that it gives. */
export interface AnchoredTime extends QueryTime {
  readonly anchorMemoryId?: string | undefined;
  /** Cosines of the event's own words, by memory: what is near to them need not be near to what is asked. */
  readonly eventCosines?: ReadonlyMap<string, number> | undefined;
}

/**
 * True for a memory that the query may mean: what has ended only where it was so in the time asked about, or nothing
 * but the past is asked for.
 */
export function mayBeMeant(
  valid: { readonly from: Date; readonly to: Date | undefined } | undefined,
  { kind, span, withEnded }: QueryTime,
  now: Date,
): boolean {
  if (!withEnded || !valid?.to || valid.to > now || kind === "past") return true;
  const isOpen = span.from === undefined && span.to === undefined;
  return !isOpen && wasSoIn({ validFrom: valid.from, validTo: valid.to }, span);
}

/** Read at most, in characters: questions are short, and what is longer is a message. */
const MOST = 1_000;
const OPEN: TimeSpan = { from: undefined, to: undefined };

/**
 * Reads when a query asks about; undefined where it says nothing of a time. Of other languages than English the dates
 * that there are rules for.
 *
 * @param now what relative times are counted from.
 */
export function readQueryTime(query: string, now: Date, { tag } = languageOf()): QueryTime | undefined {
  if (tag !== DEFAULT_LANGUAGE) return datedTime(query.slice(0, MOST), now, tag);
  const text = query.slice(0, MOST).normalize("NFC").replaceAll("’", "'");
  const past = asksForPast(text);
  const stretches = stretchesIn(text, now);
  const named = namedSpan(text, stretches);
  const anchor = eventAnchor(text, stretches);
  // "Before I moved in May": the event says more than its month.
  if (anchor && !named?.led) return { kind: "event", span: OPEN, anchor, withEnded: true };
  if (named) {
    const { kind, span } = named;
    return { kind, span, anchor: undefined, withEnded: past || isOver(span, now) };
  }
  return past ? { kind: "past", span: OPEN, anchor: undefined, withEnded: true } : undefined;
}

function datedTime(text: string, now: Date, tag: string): QueryTime | undefined {
  for (const found of datesIn(text, tag, now)) {
    const span = spanOfDate(found);
    const kind = found.isRelative ? "relative" : "date";
    if (span) return { kind, span, anchor: undefined, withEnded: isOver(span, now) };
  }
  return undefined;
}

/** What ended by now, or began at any time before, may have been otherwise then. */
function isOver({ from, to }: TimeSpan, now: Date): boolean {
  return to !== undefined && to <= now && (from === undefined || from < now);
}

interface NamedSpan {
  readonly kind: QueryTimeKind;
  readonly span: TimeSpan;
  /** A word such as "before" stands right before the time. */
  readonly led: boolean;
}

function namedSpan(text: string, stretches: readonly Stretch[]): NamedSpan | undefined {
  const [first, second] = stretches;
  if (!first) return undefined;
  const joined = second && joinedSpan(text, first, second);
  if (joined) return { kind: "range", span: joined, led: true };
  for (const stretch of stretches) {
    const span = ledSpan(text, stretch);
    if (span) return { kind: "range", span, led: true };
  }
  const dated = stretches.find(isDate);
  const { from, to } = dated ?? first;
  const isLong = to.getTime() - from.getTime() > LONGEST_DATE_MS;
  return { kind: isLong ? "range" : dated ? "date" : "relative", span: { from, to }, led: false };
}

/** A year; decades are ranges. */
const LONGEST_DATE_MS = 366 * 86_400_000;

/** Names a month, day or year by itself. */
function isDate({ text }: Stretch): boolean {
  return (
    !/\b(?:last|past|next|this|ago|today|yesterday|tomorrow|tonight|spring|summer|autumn|fall|winter|christmas)\b/i.test(
      text,
    ) && /\d{4}|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/i.test(text)
  );
}

const JOINT = /^,? *(?:and|to|until|till|through|-|–) *(?:the )?$/i;

/** "Between March and May", "from 2019 to 2021". */
function joinedSpan(text: string, first: Stretch, second: Stretch): TimeSpan | undefined {
  const between = text.slice(first.index + first.text.length, second.index);
  // A leading word may be part of what was read: "until 2018".
  const lead = /^(?:until|till|to|through) /i.exec(second.text)?.[0] ?? "";
  const opened =
    /\b(?:between|from)(?: the)? *$/i.test(text.slice(0, first.index)) ||
    /^(?:between|from) /i.test(first.text);
  // "From 2024 until May": of which year is not said, and the last one may lie before.
  const runsOn = first.from < second.to;
  return opened && runsOn && JOINT.test(between + lead) ? { from: first.from, to: second.to } : undefined;
}

const LEAD =
  /\b(?:(the|a|one|two|three) (day|week|weekend|month|year)s? )?(before|prior to|until|till|by|up to|since|after|following)(?: the| early| late| mid| around| about)* *$/i;

/** "Since 2022", "before June", "the week before 3 August". */
function ledSpan(text: string, { index, text: named, from, to }: Stretch): TimeSpan | undefined {
  const inside = /^(?:before|until|till|by|since|after) /i.exec(named)?.[0].trimEnd() ?? "";
  const [, count, unit, word = ""] = LEAD.exec(text.slice(0, index) + inside) ?? [];
  const lead = word.toLowerCase();
  if (lead === "") return undefined;
  const isBefore = /^(?:before|prior to)$/.test(lead);
  if (isBefore && unit) return { from: stepBack(from, unit.toLowerCase(), countOf(count)), to: from };
  if (isBefore) return { from: undefined, to: from };
  if (/^(?:until|till|by|up to)$/.test(lead)) return { from: undefined, to };
  return lead === "since" ? { from, to: undefined } : { from: to, to: undefined };
}

function countOf(word: string | undefined): number {
  return { two: 2, three: 3 }[word?.toLowerCase() ?? ""] ?? 1;
}

function stepBack(day: Date, unit: string, count: number): Date {
  if (unit === "month" || unit === "year") return addMonths(day, -count * (unit === "year" ? 12 : 1));
  return addDays(day, -count * (unit === "day" ? 1 : 7));
}
