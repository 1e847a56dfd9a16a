import type { Reading } from "../claims/claim.ts";
import { recurs } from "../claims/recurs.ts";
import type { MemoryKind } from "../memory/memory.ts";

/** What happened is told again within one talk; later, it may well be another time. */
const SAME_TALK_MS = 12 * 3_600_000;

/** A statement about what happened or is so, and when it was said. */
export interface SaidThen {
  readonly kind: MemoryKind;
  readonly saidAt: Date;
}

/** True of two events that were not told in one talk. */
export function isOtherMoment(fresh: SaidThen, known: SaidThen): boolean {
  const apart = Math.abs(fresh.saidAt.getTime() - known.saidAt.getTime());
  return fresh.kind === "episodic" && known.kind === "episodic" && apart > SAME_TALK_MS;
}

/**
 * True where what is done again and again was done once more since: the same words tell of another time. So does one time of
 * what is a habit: who runs every morning ran this morning, too.
 */
export function isAnotherTime(fresh: SaidThen & { readonly reading: Reading }, known: SaidThen): boolean {
  return (isOtherMoment(fresh, known) || fresh.kind !== known.kind) && recurs(fresh.reading);
}

/** How far from a statement the same words tell of the same; undefined of what they always do. */
export function sameWithinMs(kind: MemoryKind, reading: Reading): number | undefined {
  return kind === "episodic" && recurs(reading) ? SAME_TALK_MS : undefined;
}
