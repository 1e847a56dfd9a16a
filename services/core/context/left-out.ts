import type { LeftOut, LeftOutReason, SearchResult } from "../search/search-request.ts";
import type { ContextItem } from "./context-item.ts";
import type { PromptContext, SectionLeftOut } from "./context-request.ts";
import { type ContextSectionName, SECTION_OF } from "./sections.ts";

const MOST_LEFT_OUT = 50;

/**
 * What a context does not tell: of a search by memory, best first, and everything counted by section. What is told in
 * another section, or in words that are, is not left out of anything but its own.
 *
 * @param ranked items of the search's hits, in their order.
 * @param told ids of all memories that are told.
 */
export function leftOutOf(
  found: Pick<SearchResult, "hits" | "leftOut">,
  ranked: readonly ContextItem[],
  unfit: ReadonlyMap<ContextItem, LeftOutReason>,
  dropped: readonly ContextItem[],
  told: ReadonlySet<string>,
): Pick<PromptContext, "leftOut" | "leftOutCounts"> {
  const reasons = new Map<ContextItem, LeftOutReason>([
    ...unfit,
    ...dropped.map((item) => [item, "budget"] as const),
  ]);
  const ofHits = found.hits.flatMap(({ memory, score }, index): LeftOut[] => {
    const item = ranked[index];
    const reason = item && reasons.get(item);
    return reason && !told.has(memory.id) ? [{ memoryId: memory.id, reason, score, kind: memory.kind }] : [];
  });
  const behind = found.leftOut
    .filter(({ memoryId }) => !told.has(memoryId))
    // The limit is the budget's: so many lines would not fit.
    .map((one): LeftOut => ({ ...one, reason: one.reason === "limit" ? "budget" : one.reason }));
  const leftOut = [...ofHits, ...behind].sort((a, b) => b.score - a.score);
  // What a search found as well counts where that would tell it.
  const counted = new Set([...told, ...leftOut.map(({ memoryId }) => memoryId)]);
  const others = [...reasons].filter(([{ section, memoryIds }]) => {
    const isApart = section === "profile" || section === "recent";
    return section === "turns" || (isApart && !memoryIds.some((id) => counted.has(id)));
  });
  return {
    leftOut: leftOut.slice(0, MOST_LEFT_OUT),
    leftOutCounts: countBySection([
      ...others.map(([{ section }, reason]) => ({ section, reason })),
      ...leftOut.map(({ kind, reason }) => ({ section: SECTION_OF[kind], reason })),
    ]),
  };
}

function countBySection(
  all: readonly { readonly section: ContextSectionName; readonly reason: LeftOutReason }[],
): SectionLeftOut[] {
  const groups = Map.groupBy(all, ({ section, reason }) => `${section}/${reason}`);
  return [...groups.values()].flatMap((group) => (group[0] ? [{ ...group[0], count: group.length }] : []));
}
