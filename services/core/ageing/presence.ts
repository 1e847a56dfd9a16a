import { LRUCache } from "lru-cache";
import { asNobody } from "../tenancy/credential-tenant.ts";
import type { SubjectRef } from "../tenancy/scope.ts";

/** A person who was searched for. */
export interface Sighting {
  readonly projectId: string;
  readonly subject: SubjectRef;
  readonly at: Date;
}

export interface PresenceStore {
  /** Notes when persons were searched for last; those who are gone are left out. */
  note(tenantId: string, seen: readonly Sighting[]): Promise<void>;
  /** Brings back what was archived of a person while they were away. */
  bringBack(tenantId: string, projectId: string, subjectId: string): Promise<void>;
}

/** Notes who is searched for; disposal waits for what is being written. */
export interface Presence extends AsyncDisposable {
  /**
   * Takes no time of the caller's. A search is noted once in some hours, and lost with a process that is killed.
   *
   * @param isAway something of theirs is archived because they were away: it is brought back.
   */
  note(tenantId: string, projectId: string, subject: SubjectRef, isAway: boolean): void;
}

export interface PresenceOptions {
  /** How long a person who was noted is not noted again, milliseconds; four hours unless told. */
  readonly quietMs?: number;
  /** Told when something could not be written; the next search tries again. */
  readonly onFailure?: (error: unknown) => void;
}

const FOUR_HOURS_MS = 4 * 3_600_000;
/** Persons who are remembered as noted. */
const MOST_PERSONS = 50_000;
/** Writes at a time: beyond that a search is not noted, and the next one is. */
const MOST_WRITES = 8;

/** Notes searches beside the calls that make them. */
export function notePresence(store: PresenceStore, options: PresenceOptions = {}): Presence {
  const { quietMs = FOUR_HOURS_MS, onFailure } = options;
  const noted = new LRUCache<string, true>({ max: MOST_PERSONS, ttl: quietMs });
  const writing = new Map<string, Promise<void>>();

  function write(slot: string, work: () => Promise<void>): void {
    if (writing.has(slot) || writing.size >= MOST_WRITES) return;
    const written = asNobody(work)
      .catch((error: unknown) => {
        noted.delete(slot);
        onFailure?.(error);
      })
      .finally(() => writing.delete(slot));
    writing.set(slot, written);
  }

  return {
    note(tenantId, projectId, subject, isAway) {
      const slot = `${tenantId}/${projectId}/${subject.id}/${subject.epoch}`;
      if (noted.has(slot) && !isAway) return;
      write(slot, async () => {
        noted.set(slot, true);
        await store.note(tenantId, [{ projectId, subject, at: new Date() }]);
        if (isAway) await store.bringBack(tenantId, projectId, subject.id);
      });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(writing.values());
    },
  };
}
