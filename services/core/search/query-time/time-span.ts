import { DAY_MS } from "../../time/day.ts";

/** `[from, to)`, UTC; an undefined end is open. */
export interface TimeSpan {
  readonly from: Date | undefined;
  readonly to: Date | undefined;
}

/** When a memory was said and so. */
export interface MemoryTime {
  readonly saidAt: Date;
  readonly validFrom: Date;
  /** Undefined: still so. */
  readonly validTo: Date | undefined;
}

/** What was so already and still is may be meant, but nothing says so. */
const STILL_SO = 0.3;

/** What was told of another time than that of the telling is hardly meant by that. */
const TOLD_THEN = 0.5;

/**
 * How well a memory fits a span, 0..1. 1: it began in the span, or was so in some of it and has ended. Less: it was
 * told in the span of another time, it began before and still is so, or it lies as near to a span with two ends as people
 * misremember days: half its length, a day at least.
 */
export function fitOf(memory: MemoryTime, span: TimeSpan): number {
  const { saidAt, validFrom, validTo } = memory;
  const wasSo = validTo && validTo > validFrom && overlaps(validFrom, validTo, span);
  if (contains(span, validFrom) || wasSo) return 1;
  const ofThen = Math.abs(saidAt.getTime() - validFrom.getTime()) < DAY_MS;
  const told = (contains(span, saidAt) ? 1 : nearness(saidAt, span)) * (ofThen ? 1 : TOLD_THEN);
  const stillSo = !validTo && overlaps(validFrom, undefined, span) ? STILL_SO : 0;
  return Math.max(told, stillSo, nearness(validFrom, span));
}

/** Days that may lie between the end of one thing and the beginning of the next. */
const BETWEEN_DAYS = 31;
/** What ended long before a border is less likely meant by "before" than what lasted until then. */
const ENDED_EARLIER = 1 / 3;

/**
 * How well what has ended answers what was so in a span, 0..1: its share of a span with two ends; before a border, 1
 * where it lasted until about then, a third where it ended earlier. After a border it says nothing that it has ended.
 */
export function endedFit(
  valid: { readonly validFrom: Date; readonly validTo: Date },
  span: TimeSpan,
): number {
  const { validFrom, validTo } = valid;
  const { from, to } = span;
  if (!to || validTo <= validFrom || !overlaps(validFrom, validTo, span)) return 0;
  if (!from) return to.getTime() - validTo.getTime() <= BETWEEN_DAYS * DAY_MS ? 1 : ENDED_EARLIER;
  const begin = Math.max(from.getTime(), validFrom.getTime());
  const end = Math.min(to.getTime(), validTo.getTime());
  return (end - begin) / (to.getTime() - from.getTime());
}

/** True where it was so in some of a span. */
export function wasSoIn(valid: Pick<MemoryTime, "validFrom" | "validTo">, span: TimeSpan): boolean {
  return overlaps(valid.validFrom, valid.validTo, span);
}

function contains({ from, to }: TimeSpan, moment: Date): boolean {
  return (!from || moment >= from) && (!to || moment < to);
}

function overlaps(begin: Date, end: Date | undefined, { from, to }: TimeSpan): boolean {
  return (!to || begin < to) && (!from || !end || end > from);
}

function nearness(moment: Date, { from, to }: TimeSpan): number {
  if (!from || !to) return 0;
  const apart = moment < from ? from.getTime() - moment.getTime() : moment.getTime() - to.getTime();
  const slack = Math.max(DAY_MS, (to.getTime() - from.getTime()) / 2);
  return Math.max(0, 1 - Math.max(0, apart) / slack);
}
