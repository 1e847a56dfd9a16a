import type { IndexGeneration, IndexRemoval } from "@mneme/core/search/memory-index.ts";
import { type BulkFailure, type BulkItem, bulk } from "./bulk.ts";
import { type EngineError, engineErrorType, type IndexClient, unavailable } from "./client.ts";
import { documentId } from "./document.ts";
import { writeAlias } from "./generation-index.ts";
import { INDICES_AT_ONCE } from "./template.ts";

/** Above every revision: what is deleted for good can't be written again while the engine remembers. */
const DELETED_REVISION = Number.MAX_SAFE_INTEGER;
/**
 * Versions beyond the newest indexed one that are deleted too: they may be on their way from a writer that
 * applied them to the record just before the memory was deleted there.
 */
const VERSIONS_IN_FLIGHT = 4;
const MEMORIES_AT_ONCE = 1_000;

/**
 * Deletes every version of these memories in every generation, by id, with a version that no later write
 * of an older revision passes (for `index.gc_deletes`, an hour). What was written again since with a newer one stays.
 * @returns what the engine refused.
 */
export async function removeMemories(
  client: IndexClient,
  generations: readonly IndexGeneration[],
  tenantId: string,
  removals: readonly IndexRemoval[],
  signal?: AbortSignal,
): Promise<BulkFailure[]> {
  if (generations.length === 0) return [];
  const failures: BulkFailure[] = [];
  const names = generations.map((generation) => generation.index);
  const indices = names.join();
  await refresh(client, names, signal);
  const once = [...new Map(removals.map((removal) => [removal.memoryId, removal])).values()];
  for (let start = 0; start < once.length; start += MEMORIES_AT_ONCE) {
    const chunk = once.slice(start, start + MEMORIES_AT_ONCE);
    const ids = chunk.map(({ memoryId }) => memoryId);
    const newest = await newestVersions(client, indices, tenantId, ids, signal);
    const items = chunk.flatMap((removal) => deletes(tenantId, removal, newest.get(removal.memoryId) ?? 0));
    for (const generation of generations) {
      failures.push(...(await bulk(client, writeAlias(generation.index), items, signal)));
    }
  }
  return failures;
}

function deletes(tenantId: string, { memoryId, revision }: IndexRemoval, newest: number): BulkItem[] {
  return Array.from({ length: newest + VERSIONS_IN_FLIGHT }, (_, index) => ({
    action: "delete",
    id: documentId(tenantId, memoryId, index + 1),
    routing: tenantId,
    revision: revision ?? DELETED_REVISION,
  }));
}

/** Makes everything written so far visible to searches. */
export async function refresh(client: IndexClient, indices: readonly string[], signal?: AbortSignal) {
  for (let start = 0; start < indices.length; start += INDICES_AT_ONCE) {
    const answer = await client.send<EngineError>({
      method: "POST",
      path: `/${indices.slice(start, start + INDICES_AT_ONCE).join()}/_refresh`,
      // A generation may be retired between two calls; the others still count.
      query: { ignore_unavailable: true },
      signal,
    });
    if (answer.status !== 200) throw unavailable(answer.status, engineErrorType(answer.body));
  }
}

interface VersionsAnswer extends EngineError {
  readonly aggregations?: {
    readonly memories: {
      readonly buckets: readonly { readonly key: string; readonly newest: { readonly value: number } }[];
    };
  };
}

async function newestVersions(
  client: IndexClient,
  indices: string,
  tenantId: string,
  memoryIds: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, number>> {
  const answer = await client.send<VersionsAnswer>({
    method: "POST",
    path: `/${indices}/_search`,
    query: { routing: tenantId, ignore_unavailable: true, allow_partial_search_results: false },
    body: {
      size: 0,
      query: {
        bool: { filter: [{ term: { tenant_id: tenantId } }, { terms: { memory_id: memoryIds } }] },
      },
      aggs: {
        memories: {
          terms: { field: "memory_id", size: memoryIds.length },
          aggs: { newest: { max: { field: "version" } } },
        },
      },
    },
    signal,
  });
  if (answer.status !== 200) throw unavailable(answer.status, engineErrorType(answer.body));
  const buckets = answer.body.aggregations?.memories.buckets ?? [];
  return new Map(buckets.map((bucket) => [bucket.key, bucket.newest.value]));
}
