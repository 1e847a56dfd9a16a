import type { IndexGeneration } from "@mneme/core/search/memory-index.ts";
import type { Placements } from "@mneme/core/tenancy/placement.ts";
import type { IndexClient } from "./client.ts";
import { noGeneration } from "./fitness.ts";
import { currentOf, type Generations } from "./generation.ts";
import { ensureTenantAlias } from "./tenant-alias.ts";

export interface AliasedTenants {
  /** Gives the tenant its alias on the index that it is to be read from, unless it has one. */
  ensure(tenantId: string, signal?: AbortSignal): Promise<void>;
  /** The same, once for as long as its pool has these generations. */
  remember(tenantId: string, live: readonly IndexGeneration[], signal?: AbortSignal): Promise<void>;
}

/** Sees to it that every tenant that is written has its alias. */
export function aliasTenants(
  client: IndexClient,
  generations: Generations,
  placements: Placements,
): AliasedTenants {
  /** By tenant, the indices that were there when it had its alias. */
  const aliased = new Map<string, string>();

  const ensure = (tenantId: string, signal?: AbortSignal) => {
    const currentIndex = async () => {
      const { pool } = await placements.find(tenantId, signal);
      const current = currentOf(await generations.ofPool(pool).list(signal));
      if (current === undefined) throw noGeneration(pool);
      return current.index;
    };
    return ensureTenantAlias(client, tenantId, currentIndex, signal);
  };
  return {
    ensure,
    async remember(tenantId, live, signal) {
      // An alias moves with its tenant, but an engine that lost its data lost the aliases as well.
      const of = live.map((each) => `${each.index} ${each.createdAt.getTime()}`).join();
      if (aliased.get(tenantId) === of) return;
      await ensure(tenantId, signal);
      aliased.set(tenantId, of);
    },
  };
}
