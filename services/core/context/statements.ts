import type { Memory } from "../memory/memory.ts";
import { sayingOf } from "../memory/saying.ts";
import { profileLines } from "../profile/build-profile.ts";
import { PROFILE_GROUPS, type ProfileMemory } from "../profile/profile.ts";
import { passesFilter } from "../search/memory-filter.ts";
import type { SearchFilter } from "../search/search-request.ts";
import { type ContextItem, oneLine } from "./context-item.ts";
import { SECTION_OF } from "./sections.ts";

/** A memory that was found, as a line of the section of its kind. */
export function foundItem(memory: Memory): ContextItem {
  const saidAt = memory.sources[0]?.sentAt ?? memory.validFrom;
  return {
    section: SECTION_OF[memory.kind],
    text: oneLine(memory.text),
    when: whenOf(memory, saidAt),
    source: {
      memoryId: memory.id,
      messageIds: [...new Set(memory.sources.map(({ messageId }) => messageId))],
      turn: undefined,
      saidAt,
    },
    memoryIds: [memory.id],
    saying: sayingOf(memory.text),
    place: saidAt.getTime(),
    isWhole: true,
  };
}

/**
 * The lines of a profile, best first, that a filter lets through.
 *
 * @param now what recency counts from.
 */
export function profileItems(
  memories: readonly ProfileMemory[],
  filter: SearchFilter,
  now: Date,
): ContextItem[] {
  const passing = memories.filter(({ sources, ...memory }) =>
    passesFilter({ ...memory, saidAt: sources.map(({ sentAt }) => sentAt) }, filter),
  );
  return profileLines(passing, now).map((line, place): ContextItem => {
    const [memoryId, ...others] = line.memoryIds;
    return {
      section: "profile",
      text: oneLine(line.text),
      when: dayOf(line.lastSaidAt),
      source: { memoryId, messageIds: line.messageIds, turn: undefined, saidAt: line.lastSaidAt },
      memoryIds: memoryId === undefined ? others : [memoryId, ...others],
      saying: sayingOf(line.text),
      // By groups, and within each the best first.
      place: PROFILE_GROUPS.indexOf(line.group) * passing.length + place,
      isWhole: true,
    };
  });
}

/** The day that it was said; of what has ended, since and until when it was so. */
function whenOf({ validFrom, validTo }: Memory, saidAt: Date): string {
  return validTo && validTo <= new Date() ? `${dayOf(validFrom)} to ${dayOf(validTo)}` : dayOf(saidAt);
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
