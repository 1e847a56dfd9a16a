import { DAY_MS } from "../time/day.ts";

/** What a memory's strength comes of. */
export interface Fading {
  /** 0..1. */
  readonly importance: number;
  /** Days after which half of its strength is gone, above 0; undefined: it does not fade. */
  readonly halfLifeDays: number | undefined;
  /** When it was last told, changed, used or restored. */
  readonly refreshedAt: Date;
}

/**
 * How strong a memory still is, above 0 to 1: whole when it was refreshed just now, half after its half life, a quarter
 * after two. An important one lives longer: that of importance .5 as long as its kind, of 1 half as long again, of 0
 * half as long. What is refreshed later than now is whole.
 */
export function strengthOf({ importance, halfLifeDays, refreshedAt }: Fading, now: Date): number {
  if (halfLifeDays === undefined) return 1;
  const idleDays = Math.max(0, now.getTime() - refreshedAt.getTime()) / DAY_MS;
  return Math.max(Number.MIN_VALUE, 2 ** (-idleDays / (halfLifeDays * lengthOf(importance))));
}

/** No time that is later is told: a record holds none. */
const LAST_MS = Date.UTC(9999, 11, 31);

/** When a memory is going to be weaker than this unless it is refreshed; undefined: never. */
export function fadesAt(
  { importance, halfLifeDays, refreshedAt }: Fading,
  strength: number,
): Date | undefined {
  if (halfLifeDays === undefined || strength <= 0) return undefined;
  const idleDays = -Math.log2(Math.min(1, strength)) * halfLifeDays * lengthOf(importance);
  const at = refreshedAt.getTime() + idleDays * DAY_MS;
  return at < LAST_MS ? new Date(at) : undefined;
}

function lengthOf(importance: number): number {
  return 0.5 + Math.min(1, Math.max(0, importance));
}
