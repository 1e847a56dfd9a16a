import type { Memory } from "../memory/memory.ts";
import { wordingOf } from "../memory/wording.ts";
import type { ScoredCandidate } from "./fuse.ts";
import { isNearer } from "./layers.ts";
import { DEFAULT_PACK, type OmittedReason, pack } from "./pack.ts";
import type { LeftOutReason } from "./search-request.ts";
import type { ShownMemory } from "./search-store.ts";
import type { Stopwatch } from "./stopwatch.ts";

/** Reads those of these memories that may be shown. */
export type Load = (
  refs: readonly { readonly memoryId: string; readonly version: number }[],
) => Promise<readonly ShownMemory[]>;

/** A memory that may be shown, with its place in the ranking. */
export interface RankedMemory {
  readonly text: string;
  readonly memory: ShownMemory;
  readonly scored: ScoredCandidate;
}

export interface Budget {
  readonly limit: number;
  readonly tokenBudget: number;
  readonly render?: (memory: Memory) => string;
  readonly bytesOf: (memory: Memory) => number;
}

/** Read at most, where what was read may not be shown or does not fit. */
const MOST_PAGES = 7;
/** Memories: each may hold the bodies of many turns, and the first may already fill the answer. */
const MOST_AT_FIRST = 40;

/** Memories that a search of so many hits reads at first. */
export function firstPage(limit: number): number {
  return Math.min(pageOf(limit), MOST_AT_FIRST);
}

function pageOf(limit: number): number {
  return limit + Math.max(3, Math.ceil(limit / 5));
}

const UNFIT: Readonly<Record<OmittedReason, LeftOutReason>> = {
  token_budget: "budget",
  max_hits: "limit",
  max_bytes: "size",
};
/** Of what was not read its size is not known. */
const UNREAD: typeof UNFIT = { ...UNFIT, max_bytes: "not_read" };

/**
 * Reads memories from the best down and packs them, a few more than wanted at once: what the record does
 * not show any more then costs no second round trip. Only a large page begins with a part of it. Each read is
 * twice as large as the one before.
 *
 * @param leftOut gets a reason for everything that is not a hit.
 */
export async function fillBudget(
  ranked: readonly ScoredCandidate[],
  load: Load,
  leftOut: Map<ScoredCandidate, LeftOutReason>,
  budget: Budget,
  stopwatch: Stopwatch,
): Promise<{ readonly hits: readonly RankedMemory[]; readonly tokens: number }> {
  const { limit, tokenBudget, render, bytesOf } = budget;
  const minHits = Math.min(DEFAULT_PACK.minHits, limit);
  const options = {
    tokenBudget,
    minHits,
    maxHits: limit,
    ...(render && { render: ({ memory }: RankedMemory) => render(memory) }),
    bytesOf: ({ memory }: RankedMemory) => bytesOf(memory),
  };
  const shown: RankedMemory[] = [];
  let packed = pack(shown, options);
  const readable = ranked.slice(0, pageOf(limit) * MOST_PAGES);
  let read = 0;
  for (let size = firstPage(limit); read < readable.length; size *= 2) {
    const part = readable.slice(read, read + size);
    read += part.length;
    const memories = await stopwatch.time("hydrate", () => load(part.map(({ candidate }) => candidate)));
    sift(part, memories, shown, leftOut);
    packed = stopwatch.timeSync("pack", () => pack(shown, options));
    if (packed.full) break;
  }
  for (const { item, reason } of packed.omitted) leftOut.set(item.scored, UNFIT[reason]);
  const unread = packed.full ? UNREAD[packed.full] : "not_read";
  for (const scored of ranked.slice(read)) leftOut.set(scored, unread);
  return packed;
}

/**
 * Adds those that may be shown and say something new, in their order. What two layers say in the same words stands where
 * the better one is, and is the nearer one.
 */
function sift(
  part: readonly ScoredCandidate[],
  memories: readonly ShownMemory[],
  shown: RankedMemory[],
  leftOut: Map<ScoredCandidate, LeftOutReason>,
): void {
  const byVersion = new Map(memories.map((memory) => [`${memory.id}/${memory.version}`, memory]));
  const placeOf = new Map(shown.map(({ text }, place) => [wordingOf(text), place]));
  for (const scored of part) {
    const memory = byVersion.get(`${scored.candidate.memoryId}/${scored.candidate.version}`);
    if (!memory) {
      leftOut.set(scored, "not_current");
      continue;
    }
    const wording = wordingOf(memory.text);
    const place = placeOf.get(wording) ?? shown.length;
    const other = shown[place];
    const stays = other && !isNearer(memory.layer, other.memory.layer);
    if (other) leftOut.set(stays ? scored : other.scored, "duplicate");
    if (!stays) shown[place] = { text: memory.text, memory, scored };
    placeOf.set(wording, place);
  }
}
