import { LRUCache } from "lru-cache";
import type { Tenancy } from "../tenancy/caller.ts";
import type { Scope } from "../tenancy/scope.ts";
import type { SearchStore } from "./search-store.ts";

const MOST_SCOPES = 10_000;
const caches = new WeakMap<SearchStore, LRUCache<string, readonly string[]>>();

/**
 * Who spoke in a scope when it was last resolved by this process: a guess, to begin with while it is
 * resolved again.
 */
export function recallParticipants(
  store: SearchStore,
  tenancy: Tenancy,
  scope: Scope,
): readonly string[] | undefined {
  return caches.get(store)?.get(keyOf(tenancy, scope));
}

/** @param names for the next search of the scope. */
export function rememberParticipants(
  store: SearchStore,
  tenancy: Tenancy,
  scope: Scope,
  names: readonly string[],
): void {
  const cache = caches.get(store) ?? new LRUCache<string, readonly string[]>({ max: MOST_SCOPES });
  caches.set(store, cache);
  cache.set(keyOf(tenancy, scope), names);
}

function keyOf({ tenantId, projectId }: Tenancy, scope: Scope): string {
  const { userId, agentId, appId, teamId, sessionId } = scope;
  return JSON.stringify([tenantId, projectId, userId, agentId, appId, teamId, sessionId]);
}
