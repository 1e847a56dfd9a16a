import { LRUCache } from "lru-cache";
import type { Tenancy } from "../tenancy/caller.ts";
import type { Scope } from "../tenancy/scope.ts";

const MOST_SCOPES = 10_000;
/** Of more people a guess is too seldom right. */
const MOST_NAMES = 64;
/** As short as other names are held: what names a person must not outlive its key by much. */
const TTL_MS = 30_000;

/** Who spoke in the scopes that were searched last. */
export interface KnownParticipants {
  /**
   * Who spoke in a scope when it was last resolved by this process: a guess, to begin with while it is
   * resolved again.
   */
  recall(tenancy: Tenancy, scope: Scope): readonly string[] | undefined;
  /** @param names for the next search of the scope; undefined forgets it: nobody is known there any more. */
  remember(tenancy: Tenancy, scope: Scope, names: readonly string[] | undefined): void;
}

/** Holds names in memory, each scope's for half a minute. */
export function createKnownParticipants(): KnownParticipants {
  const cache = new LRUCache<string, readonly string[]>({ max: MOST_SCOPES, ttl: TTL_MS });
  return {
    recall: (tenancy, scope) => cache.get(keyOf(tenancy, scope)),
    remember(tenancy, scope, names) {
      if (names === undefined || names.length > MOST_NAMES) cache.delete(keyOf(tenancy, scope));
      else cache.set(keyOf(tenancy, scope), names);
    },
  };
}

function keyOf({ tenantId, projectId }: Tenancy, scope: Scope): string {
  const { userId, agentId, appId, teamId, sessionId } = scope;
  return JSON.stringify([tenantId, projectId, userId, agentId, appId, teamId, sessionId]);
}
