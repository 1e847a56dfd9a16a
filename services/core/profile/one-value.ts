import type { Claim } from "../claims/claim.ts";
import { SELF } from "../claims/claim.ts";
import { readClaims } from "../claims/reading.ts";
import { overAt } from "../memory/passed.ts";
import { LONG_PAST_MS } from "../time/long-past.ts";
import { groupOf, type ProfileMemory } from "./profile.ts";

/** What a person has one of at a time. */
const ONE_VALUE: ReadonlySet<string> = new Set(["lives_in", "works_at", "name", "diet", "partner", "age"]);
/** As `slotsOf` writes them. */
export const ONE_VALUE_SLOTS: readonly string[] = [...ONE_VALUE].map((attribute) => `${SELF} ${attribute}`);

/**
 * Leaves out what a newer memory tells otherwise, of what a person has one of at a time: two homes are told where neither
 * ended the other, because different agents heard of them, say. What tells of anything else as well stays. And plans whose
 * day is over: who flew to Rome in May plans it no more.
 *
 * @param selves as `selvesOf`.
 * @param now what lies ahead is told from.
 */
export function withoutOutdated(
  memories: readonly ProfileMemory[],
  selves: ReadonlySet<string>,
  now: Date,
): readonly ProfileMemory[] {
  const read = sharingSlots(memories).map((memory) => ({
    memory,
    claims: readClaims(memory.text, selves).claims,
  }));
  const newest = new Map<string, Told>();
  for (const { memory, claims } of read) {
    for (const claim of claims.filter(hasOneValue)) {
      const known = newest.get(claim.attribute);
      if (!known || isNewer(memory, known.memory)) newest.set(claim.attribute, { memory, claim });
    }
  }
  const outdated = read.filter(
    ({ claims }) => claims.length > 0 && claims.every((claim) => isToldOtherwise(claim, newest)),
  );
  const passed = memories.filter((memory) => groupOf(memory) === "plans" && isOver(memory, now));
  const left = new Set([...outdated.map(({ memory }) => memory), ...passed]);
  return left.size === 0 ? memories : memories.filter((memory) => !left.has(memory));
}

function isOver({ text, sources, validFrom }: ProfileMemory, now: Date): boolean {
  const over = overAt(text, sources[0]?.sentAt ?? validFrom);
  return over !== undefined && over <= now;
}

interface Told {
  readonly memory: ProfileMemory;
  readonly claim: Claim;
}

/** Reading costs: only what tells of the same attribute as another can be outdated. */
function sharingSlots(memories: readonly ProfileMemory[]): ProfileMemory[] {
  const tellers = Map.groupBy(
    memories.flatMap((memory) => memory.slots.map((slot) => ({ slot, memory }))),
    ({ slot }) => slot,
  );
  return memories.filter(({ slots }) => slots.some((slot) => (tellers.get(slot)?.length ?? 0) > 1));
}

function hasOneValue({ subject, attribute, single, mode, value }: Claim): boolean {
  return subject === SELF && single && mode === "so" && value.length > 0 && ONE_VALUE.has(attribute);
}

function isToldOtherwise(claim: Claim, newest: ReadonlyMap<string, Told>): boolean {
  const told = newest.get(claim.attribute)?.claim;
  return hasOneValue(claim) && told !== undefined && told.value.join(" ") !== claim.value.join(" ");
}

/** By when it was said last, and then since when it is so; what happened long before the other is not newer, whenever it is told. */
function isNewer(a: ProfileMemory, b: ProfileMemory): boolean {
  if (isLongPast(a, b) || isLongPast(b, a)) return isLongPast(b, a);
  const saidAt = ({ sources }: ProfileMemory) => Math.max(...sources.map(({ sentAt }) => sentAt.getTime()));
  return saidAt(a) === saidAt(b) ? a.validFrom > b.validFrom : saidAt(a) > saidAt(b);
}

/** "Moved to Oslo in 2018", told when Rome is known of. */
function isLongPast({ kind, validFrom }: ProfileMemory, other: ProfileMemory): boolean {
  return kind === "episodic" && validFrom.getTime() < other.validFrom.getTime() - LONG_PAST_MS;
}
