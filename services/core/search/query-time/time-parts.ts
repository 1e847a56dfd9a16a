import type { QueryAnalysis } from "../analyze-query.ts";
import type { Candidate } from "../memory-index.ts";
import type { AnchoredTime } from "./read-query-time.ts";
import { endedFit, fitOf, wasSoIn } from "./time-span.ts";

/** What the time that a query names does to a score: each part lies between 0 and its weight. */
export interface TimeParts {
  /** It fits that time; of a date, `dateMatch` says so. */
  readonly when: number;
  /** It has ended, and what was so is asked for. */
  readonly ended: number;
  /** It is the event that the query tells its time by, or began behind that time. */
  readonly outside: number;
}

/** What was so in the time that a query names, the event aside. */
interface Then {
  /** How near the nearest of it comes to what is asked; 0 where no cosines are known. */
  readonly nearest: number;
  /** When some of it ended. */
  readonly ends: ReadonlySet<number>;
}

/** Of the weight, for what began later and replaced nothing: since when it was so may never have been told. */
const BEGAN_LATER = 0.6;
/** Of the event's own cosine, what the query's holds of it. */
const OF_EVENT = 0.7;
const NONE: TimeParts = { when: 0, ended: 0, outside: 0 };

/** The parts of every candidate, in the order given. */
export function timeParts(
  candidates: readonly Candidate[],
  { time }: QueryAnalysis,
  weights: TimeParts,
): readonly TimeParts[] {
  if (!time) return candidates.map(() => NONE);
  const then = soThen(candidates, time);
  return candidates.map((candidate) => {
    const outside = outsideMatch(candidate, time, then);
    return {
      when: weights.when * whenMatch(candidate, time),
      ended: weights.ended * endedMatch(candidate, time, then),
      outside: outside > 0 ? weights.outside * outside : 0,
    };
  });
}

function soThen(candidates: readonly Candidate[], time: AnchoredTime): Then {
  const { anchorMemoryId, span } = time;
  const then = candidates.filter(
    ({ memoryId, valid }) =>
      valid && memoryId !== anchorMemoryId && wasSoIn({ validFrom: valid.from, validTo: valid.to }, span),
  );
  return {
    nearest: Math.max(0, ...then.map((one) => nearness(one, time))),
    ends: new Set(then.flatMap(({ valid }) => valid?.to?.getTime() ?? [])),
  };
}

/** The cosine without most of what the words of the event alone bring: a home is near to any move, whatever is asked. */
function nearness({ memoryId, cosine }: Candidate, { eventCosines }: AnchoredTime): number {
  return cosine - OF_EVENT * Math.max(0, eventCosines?.get(memoryId) ?? 0);
}

function whenMatch({ saidAt, valid }: Candidate, { kind, span }: AnchoredTime): number {
  if (kind === "date" || !(span.from || span.to)) return 0;
  return fitOf({ saidAt, validFrom: valid?.from ?? saidAt, validTo: valid?.to }, span);
}

/**
 * Whole where nothing but the past is asked for. Of a time as well as it was so then, and as near as it comes to the query
 * beside the nearest: else whatever has ended would pass what is asked for.
 */
function endedMatch(candidate: Candidate, time: AnchoredTime, { nearest }: Then): number {
  const { memoryId, valid } = candidate;
  if (!valid?.to || memoryId === time.anchorMemoryId) return 0;
  if (time.kind === "past") return 1;
  const near = nearest > 0 ? Math.min(1, Math.max(0, nearness(candidate, time) / nearest)) : 1;
  return near * endedFit({ validFrom: valid.from, validTo: valid.to }, time.span);
}

/**
 * Whole for an event whose one side is asked for ("when" may mean itself), and for what took the place of what was so
 * then. Of what happened later nothing else is known: people tell of deeds afterwards.
 */
function outsideMatch({ memoryId, kind, valid }: Candidate, time: AnchoredTime, { ends }: Then): number {
  if (memoryId === time.anchorMemoryId) return time.anchor?.relation === "when" ? 0 : 1;
  const { to } = time.span;
  if (!to || !valid || valid.from < to) return 0;
  if (ends.has(valid.from.getTime())) return 1;
  return kind === "semantic" ? BEGAN_LATER : 0;
}
