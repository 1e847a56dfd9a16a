import type { Memory } from "../memory/memory.ts";
import { overAt } from "../memory/passed.ts";
import { sayingOf } from "../memory/saying.ts";
import { profileLines } from "../profile/build-profile.ts";
import { PROFILE_GROUPS, type ProfileMemory } from "../profile/profile.ts";
import { SHARED_LAYERS } from "../search/layers.ts";
import { passesFilter } from "../search/memory-filter.ts";
import type { SearchFilter, SearchHit } from "../search/search-request.ts";
import { placeOf, toldBy } from "../search/told-by.ts";
import { type ContextItem, oneLine, type SharedSource } from "./context-item.ts";
import { type ContextSectionName, SECTION_OF } from "./sections.ts";

/**
 * A memory that was found, as a line of the section of its kind unless told. What is shared says with whom, what is told otherwise
 * who tells it, and what lay ahead when it was said that it is over.
 *
 * @param now what lies ahead is told from.
 */
export function foundItem(
  hit: Pick<SearchHit, "memory" | "layer" | "disputedBy" | "overriddenBy">,
  now: Date,
  section: ContextSectionName = SECTION_OF[hit.memory.kind],
): ContextItem {
  const { memory } = hit;
  const shared = sharedSource(hit);
  const saidAt = memory.sources[0]?.sentAt ?? memory.validFrom;
  return {
    section,
    text: oneLine(shared ? attributed(memory.text, shared) : memory.text),
    when: [whenOf(memory, saidAt, now), ...(shared ? remarksOn(shared) : [])].join(", "),
    source: {
      memoryId: memory.id,
      messageIds: [...new Set(memory.sources.map(({ messageId }) => messageId))],
      turn: undefined,
      saidAt,
      ...(shared && { shared }),
    },
    memoryIds: [memory.id],
    saying: sayingOf(memory.text),
    place: saidAt.getTime(),
    isWhole: true,
  };
}

/** Undefined of what is one person's, unless shared layers were taken along. */
function sharedSource({
  memory,
  layer,
  disputedBy = [],
  overriddenBy,
}: Parameters<typeof foundItem>[0]): SharedSource | undefined {
  const isShared = placeOf(memory.scope) !== undefined;
  if (!isShared && layer === undefined) return undefined;
  const { teamId } = memory.scope;
  return { layer, teamId, toldBy: isShared ? toldBy(memory) : undefined, disputedBy, overriddenBy };
}

/** "Ana: The launch is on 3 May.", unless the words say it. */
function attributed(text: string, { toldBy, disputedBy, overriddenBy }: SharedSource): string {
  const isTold = disputedBy.length > 0 || overriddenBy !== undefined;
  return isTold && toldBy !== undefined && !text.startsWith(toldBy) ? `${toldBy}: ${text}` : text;
}

function remarksOn({ layer, teamId, disputedBy, overriddenBy }: SharedSource): string[] {
  const isOwn = layer === undefined || !(SHARED_LAYERS as readonly string[]).includes(layer);
  return [
    ...(teamId !== undefined ? [`team ${oneLine(teamId)}`] : isOwn ? [] : [layer]),
    ...(disputedBy.length > 0 ? ["disputed"] : []),
    ...(overriddenBy !== undefined ? ["overridden"] : []),
  ];
}

/** Lets what is told otherwise of the same stand together: the nearer one first, of members the one who told it first. */
export function together(items: readonly ContextItem[]): ContextItem[] {
  const byMemory = new Map(items.map((item) => [item.source.memoryId, item]));
  return items.map((item) => {
    const { disputedBy = [], overriddenBy } = item.source.shared ?? {};
    const nearer = overriddenBy === undefined ? undefined : byMemory.get(overriddenBy);
    if (nearer) return { ...item, place: nearer.place + 0.25 };
    const others = disputedBy.flatMap((id) => byMemory.get(id) ?? []);
    const first = Math.min(item.place, ...others.map(({ place }) => place));
    const later = item.place - first;
    return later > 0 ? { ...item, place: first + later / (later + 1) } : item;
  });
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

/** The day that it was said, and since when what it told ahead is over; of what has ended, since and until when it was so. */
function whenOf({ text, validFrom, validTo }: Memory, saidAt: Date, now: Date): string {
  if (validTo && validTo <= now) return `${dayOf(validFrom)} to ${dayOf(validTo)}`;
  const over = overAt(text, saidAt);
  return over && over <= now ? `${dayOf(saidAt)}, over since ${dayOf(over)}` : dayOf(saidAt);
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
