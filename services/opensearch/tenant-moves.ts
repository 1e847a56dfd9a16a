import { MnemeError } from "@mneme/core/errors.ts";
import type { TenantMoves } from "@mneme/core/search/move-tenant.ts";
import { ownPool } from "@mneme/core/tenancy/placement.ts";
import { type BulkItem, bulk } from "./bulk.ts";
import { type EngineError, engineErrorType, type IndexClient, unavailable } from "./client.ts";
import { fits } from "./fitness.ts";
import type { Generations } from "./generation.ts";
import { writeAlias } from "./generation-index.ts";
import { purgeDeleted } from "./purge.ts";
import { refresh } from "./remove.ts";
import { hasTenantAliases, isReadFrom, swapTenantAlias } from "./tenant-alias.ts";

export interface TenantMovesOptions {
  readonly client: IndexClient;
  /** Of any pool. */
  readonly generations: Generations;
}

const DOCUMENTS_AT_ONCE = 2_000;
const INDEX_GONE = "index_not_found_exception";

/** The index's part of a move. */
export function createTenantMoves({ client, generations }: TenantMovesOptions): TenantMoves {
  return {
    fits: (generation, model) => fits(generation, model),
    refresh: (generation, signal) => refresh(client, [generation.index], signal),
    swap: (tenantId, to, signal) => swapTenantAlias(client, tenantId, to.index, signal),
    async remove(tenantId, pool, signal) {
      const all = await generations.ofPool(pool).list(signal);
      const isOwn = pool === ownPool(tenantId);
      let removed = 0;
      for (const { index } of all) {
        // Nothing is taken away that searches still read.
        if (await isRead(client, index, isOwn ? undefined : tenantId, signal)) throw stillRead(pool);
        if (isOwn) await drop(client, index, signal);
        else removed += await removeFrom(client, tenantId, index, signal);
      }
      generations.ofPool(pool).forget();
      return removed;
    },
  };
}

/** By this tenant, or by any. */
function isRead(client: IndexClient, index: string, tenantId: string | undefined, signal?: AbortSignal) {
  return tenantId === undefined
    ? hasTenantAliases(client, index, signal)
    : isReadFrom(client, tenantId, index, signal);
}

function stillRead(pool: string): MnemeError {
  return new MnemeError("failed_precondition", "FIELD_INVALID", "the tenant is still read from this pool", {
    metadata: { pool },
  });
}

async function drop(client: IndexClient, index: string, signal?: AbortSignal): Promise<void> {
  const answer = await client.send<EngineError>({ method: "DELETE", path: `/${index}`, signal });
  if (answer.status !== 200 && answer.status !== 404) {
    throw unavailable(answer.status, engineErrorType(answer.body));
  }
}

/** Deletes until nothing is found any more, and then what is left of it on the disk. */
async function removeFrom(
  client: IndexClient,
  tenantId: string,
  index: string,
  signal?: AbortSignal,
): Promise<number> {
  let removed = 0;
  for (;;) {
    const items = await deletesOf(client, tenantId, index, signal);
    if (items.length === 0) break;
    const failures = await bulk(client, writeAlias(index), items, signal);
    const [failure] = failures.filter(({ type }) => type !== INDEX_GONE);
    if (failure) throw unavailable(503, failure.type);
    removed += items.length;
  }
  await purgeDeleted(client, index, { ...(signal && { signal }) });
  return removed;
}

interface FoundIds extends EngineError {
  readonly hits?: { readonly hits?: readonly { readonly _id: string; readonly _version: number }[] };
}

/**
 * The engine remembers a delete's version for an hour, and refuses what is no newer: with the document's own version a
 * copy can take it back when the tenant returns.
 */
async function deletesOf(
  client: IndexClient,
  tenantId: string,
  index: string,
  signal?: AbortSignal,
): Promise<BulkItem[]> {
  await refresh(client, [index], signal);
  const answer = await client.send<FoundIds>({
    method: "POST",
    path: `/${index}/_search`,
    query: {
      routing: tenantId,
      allow_partial_search_results: false,
      filter_path: "error.type,hits.hits._id,hits.hits._version",
    },
    body: {
      size: DOCUMENTS_AT_ONCE,
      version: true,
      track_total_hits: false,
      sort: ["_doc"],
      query: { bool: { filter: [{ term: { tenant_id: tenantId } }] } },
    },
    signal,
  });
  if (answer.status === 404) return [];
  if (answer.status !== 200) throw unavailable(answer.status, engineErrorType(answer.body));
  const hits = answer.body.hits?.hits ?? [];
  return hits.map(({ _id, _version }) => {
    return { action: "delete", id: _id, routing: tenantId, revision: _version, isCopy: true };
  });
}
