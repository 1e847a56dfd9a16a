import type { RetentionSettings } from "../tenancy/settings.ts";

/** How much room a person's memories have, or those of a shared scope. */
export interface Room {
  /** Memories at most; any number if undefined. */
  readonly most: number | undefined;
  /** Of each category only the newest are kept. */
  readonly mostRecent: readonly { readonly category: string; readonly keep: number }[];
  /** What becomes of those that leave. */
  readonly leaving: "archive" | "remove";
}

/** What a project's settings say of it; undefined where they bound nothing. */
export function roomOf({
  memoriesPerScope,
  mostRecent = [],
  whenFull = "archive",
}: RetentionSettings = {}): Room | undefined {
  if (memoriesPerScope === undefined && mostRecent.length === 0) return undefined;
  return { most: memoriesPerScope, mostRecent, leaving: whenFull };
}

/** A memory as room is made among it and others. */
export interface HeldMemory {
  readonly memoryId: string;
  readonly category: string;
  /** 0..1. */
  readonly importance: number;
  /** 0..1. */
  readonly confidence: number;
  /** When a search last returned it; undefined: never. */
  readonly usedAt: Date | undefined;
  /** When it was said. */
  readonly saidAt: Date;
}

/**
 * Those for which there is no room: of each category behind its newest, then the weakest of all others. Whoever made it,
 * and whether it is the newest of all, does not matter.
 *
 * @param held all of one person, or of one shared scope.
 * @returns ids, those that leave first in front.
 */
export function leavingOf(held: readonly HeldMemory[], { most, mostRecent }: Room): string[] {
  const older = new Set(mostRecent.flatMap((rule) => olderOf(held, rule)));
  const others = held.filter((one) => !older.has(one));
  const weakest = others.toSorted(byWeakness).slice(0, Math.max(0, others.length - (most ?? Infinity)));
  return [...older, ...weakest].map(({ memoryId }) => memoryId);
}

function olderOf(held: readonly HeldMemory[], { category, keep }: Room["mostRecent"][number]): HeldMemory[] {
  const name = category.trim().toLowerCase();
  return held
    .filter((one) => one.category.trim().toLowerCase() === name)
    .toSorted((a, b) => byAge(b, a))
    .slice(keep);
}

/** The weaker first: less important, then less sure, then used longer ago or never, then said longer ago. */
export function byWeakness(a: HeldMemory, b: HeldMemory): number {
  return (
    a.importance - b.importance ||
    a.confidence - b.confidence ||
    (a.usedAt?.getTime() ?? 0) - (b.usedAt?.getTime() ?? 0) ||
    byAge(a, b)
  );
}

/** The older first; of those of one moment the one that was kept first. */
function byAge(a: HeldMemory, b: HeldMemory): number {
  return (
    a.saidAt.getTime() - b.saidAt.getTime() ||
    (a.memoryId < b.memoryId ? -1 : Number(a.memoryId > b.memoryId))
  );
}
