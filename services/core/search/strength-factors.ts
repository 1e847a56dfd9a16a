import { halfLivesOf } from "../ageing/fade.ts";
import { strengthOf } from "../ageing/strength.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { AgeingSettings } from "../tenancy/settings.ts";
import type { Candidate } from "./memory-index.ts";
import type { SearchStore } from "./search-store.ts";

/** What is left of the score of a memory that has no strength any more. */
const LEAST = 0.5;

/**
 * Factors by memory, of those that have faded, half at least: where a project ranks by strength, what was told, changed or
 * used lately comes before what was not. One more read of the record, where it does.
 */
export async function strengthFactors(
  search: Pick<SearchStore, "refreshed">,
  tenancy: Tenancy,
  ageing: AgeingSettings | undefined,
  candidates: readonly Candidate[],
  now: Date,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const halfLives = halfLivesOf(ageing ?? {});
  const fading = candidates.filter(({ kind }) => halfLives.has(kind));
  if (!ageing?.rankByStrength || fading.length === 0) return new Map();
  const ids = fading.map(({ memoryId }) => memoryId);
  const refreshed = await search.refreshed(tenancy, ids, signal);
  return new Map(
    fading.flatMap(({ memoryId, kind, importance }) => {
      const refreshedAt = refreshed.get(memoryId);
      if (!refreshedAt) return [];
      const strength = strengthOf({ importance, halfLifeDays: halfLives.get(kind), refreshedAt }, now);
      return [[memoryId, LEAST + (1 - LEAST) * strength] as const];
    }),
  );
}
