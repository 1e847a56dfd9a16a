import type { MemoryKind } from "../memory/memory.ts";
import type { MemoryTimes } from "../memory/times.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { Participant, Scope } from "../tenancy/scope.ts";
import type { ProfileMemory } from "./profile.ts";

export interface ProfileReading extends MemoryTimes {
  /** Has a `userId`. A session does not restrict a profile: it is the person's, not a conversation's. */
  readonly scope: Scope;
  /** Only these kinds; any if empty. */
  readonly kinds: readonly MemoryKind[];
  /** Only these categories; any if empty. */
  readonly categories: readonly string[];
  /** Memories at most, 1..500. */
  readonly limit: number;
}

/** What a profile is built from. */
export interface ProfileMaterial {
  /** Who speaks in the person's conversations. */
  readonly participants: readonly Participant[];
  /** The most important of each category, in no order. */
  readonly memories: readonly ProfileMemory[];
  /** Memories of that person that a profile could tell, among the newest 10,000. */
  readonly total: number;
}

/** Reads of the record, so that a profile is right as soon as a write is. */
export interface ProfileStore {
  /** Of whom nothing is known, or who is fenced, there is nothing. */
  read(tenancy: Tenancy, reading: ProfileReading, signal?: AbortSignal): Promise<ProfileMaterial>;
}
