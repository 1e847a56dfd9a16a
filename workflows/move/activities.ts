import { setTimeout as pause } from "node:timers/promises";
import { isClosedByTenant } from "@mneme/core/encryption/tenant-key.ts";
import { MnemeError } from "@mneme/core/errors.ts";
import type { IndexGeneration, IndexGenerations, NewGeneration } from "@mneme/core/search/memory-index.ts";
import type { TenantMoves } from "@mneme/core/search/move-tenant.ts";
import { copyTenantPage, type ReindexCursor, type ReindexDeps } from "@mneme/core/search/reindex.ts";
import { ownPool, PLACES_CACHE_MS, type PlacementStore, poolFor } from "@mneme/core/tenancy/placement.ts";
import { ApplicationFailure } from "@temporalio/common";
import { type CopyReport, copyForAWhile, PAGE_SIZE } from "../copying.ts";
import { type Guard, guarded } from "../guard.ts";
import type { WorkerMetrics } from "../metrics.ts";
import { isShort } from "../reindex/activities.ts";

export interface MoveActivityDeps extends Guard {
  readonly placements: PlacementStore;
  /** Of any pool. */
  readonly generations: IndexGenerations;
  readonly moves: TenantMoves;
  /** What a pool that has no index yet gets one for. */
  readonly wanted: NewGeneration;
  readonly reindex: ReindexDeps;
  readonly metrics: WorkerMetrics;
  /** How old placements and generations may be in any process, milliseconds. */
  readonly cacheMs?: number;
  /** Versions copied at once, 500 by default. */
  readonly pageSize?: number;
}

/** A tenant and the pool that a step is about. */
export interface MoveStep {
  readonly tenantId: string;
  readonly pool: string;
}

export interface BegunMove {
  readonly isThere: boolean;
  /** First something of an earlier move is to be removed from this pool. */
  readonly leaving?: string | undefined;
}

export interface MoveCopyInput extends MoveStep {
  readonly cursor?: ReindexCursor | undefined;
}

export type MoveActivities = ReturnType<typeof createMoveActivities>;

/** Activities of the move workflow; each may be repeated. */
export function createMoveActivities(deps: MoveActivityDeps) {
  const { placements, generations, moves, wanted, reindex, metrics } = deps;
  const { cacheMs = PLACES_CACHE_MS, pageSize = PAGE_SIZE } = deps;
  // Twice the age that a placement may have, for timers and processes that are late.
  const writersKnow = (signal: AbortSignal) =>
    pause(2 * cacheMs, undefined, { signal }).catch(() => signal.throwIfAborted());

  /** The only generation of a pool: while it has another one a reindex swaps all of its tenants, and is waited for. */
  async function onlyIn(pool: string, signal: AbortSignal): Promise<IndexGeneration> {
    const [only, ...others] = await generations.ofPool(pool).list(signal);
    if (only === undefined) throw ApplicationFailure.nonRetryable("a pool has no index", "POOL_MISSING");
    if (others.length > 0 || only.state !== "current") {
      throw ApplicationFailure.retryable("a pool is being reindexed", "POOL_REINDEXING");
    }
    if (moves.fits(only, wanted.model)) return only;
    throw ApplicationFailure.nonRetryable(
      "a pool has another model or mapping: reindex it first",
      "POOL_UNFIT",
    );
  }

  /** The generation to copy to. */
  async function targetOf({ tenantId, pool }: MoveStep, signal: AbortSignal): Promise<IndexGeneration> {
    const { pool: at, movingTo } = await placements.find(tenantId, signal);
    if (pool === movingTo || pool === at) return onlyIn(pool, signal);
    throw ApplicationFailure.nonRetryable("another move took the tenant elsewhere", "MOVE_LOST");
  }

  /** Takes back an alias of a writer that was late, and died before it looked again at where the tenant is. */
  async function readFrom(tenantId: string, pool: string, signal: AbortSignal): Promise<void> {
    const all = await generations.ofPool(pool).list(signal);
    const current = all.find(({ state }) => state === "current");
    if (current !== undefined) await moves.swap(tenantId, current, signal);
  }

  return {
    /** Where the tenant is wanted, for who goes on with a move that was forgotten. */
    findWanted: ({ tenantId }: Pick<MoveStep, "tenantId">): Promise<{ readonly pool: string }> =>
      guarded(deps, async (signal) => {
        const { wanted: asked, movingTo, pool } = await placements.find(tenantId, signal);
        return { pool: asked ?? movingTo ?? pool };
      }),

    /**
     * Sees to it that every writer of the tenant writes to this pool as well, and returns then. What was committed to the
     * record before must be copied from there. Waits while a reindex of either pool runs.
     */
    beginMove: ({ tenantId, pool }: MoveStep): Promise<BegunMove> =>
      guarded(deps, async (signal) => {
        requirePool(tenantId, pool);
        let place = await placements.find(tenantId, signal);
        if (place.movingTo !== undefined && place.movingTo !== pool) {
          place = await placements.giveUp(tenantId, place.movingTo, signal);
        }
        if (place.leaving !== undefined) return { isThere: false, leaving: place.leaving };
        if (place.pool === pool) {
          await placements.arrived(tenantId, pool, signal);
          return { isThere: true };
        }
        await generations.ofPool(pool).ensure(wanted, signal);
        for (const each of [place.pool, pool]) await onlyIn(each, signal);
        await placements.begin(tenantId, pool, signal).catch((error: unknown) => {
          const isUnknown = error instanceof MnemeError && error.kind === "not_found";
          throw isUnknown ? ApplicationFailure.nonRetryable(error.message, "TENANT_UNKNOWN") : error;
        });
        // A reindex makes its generation before it looks for moves: one of the two sees the other.
        for (const each of [place.pool, pool]) await onlyIn(each, signal);
        await writersKnow(signal);
        return { isThere: false };
      }),

    /** Copies the tenant's pages for a while, from where an earlier attempt came to. */
    copyTenant: (input: MoveCopyInput): Promise<CopyReport> =>
      guarded(deps, async (signal, note) => {
        const generation = await targetOf(input, signal);
        const options = { changes: undefined, limit: pageSize };
        return copyForAWhile(metrics, input.cursor, note, (next) => {
          const cursor = next ?? { tenantId: input.tenantId };
          return copyTenantPage(reindex, generation, { ...options, cursor }, signal).catch(giveUpClosed);
        });
      }),

    /** Whether the pool has fewer of the tenant's documents than the record. */
    lacksDocuments: (input: MoveStep): Promise<boolean> =>
      guarded(deps, async (signal) => {
        const generation = await targetOf(input, signal);
        const refresh = () => moves.refresh(generation, signal);
        await refresh();
        const index = { ...reindex.index, refresh };
        return isShort({ ...deps, reindex: { ...reindex, index } }, generation, input.tenantId, signal);
      }),

    /** Lets the tenant be read from this pool, and written to it alone. @returns what it leaves. */
    swapTenant: (input: MoveStep): Promise<{ readonly from?: string | undefined }> =>
      guarded(deps, async (signal) => {
        const generation = await targetOf(input, signal);
        await moves.refresh(generation, signal);
        await moves.swap(input.tenantId, generation, signal);
        const { leaving } = await placements.settle(input.tenantId, input.pool, signal);
        // Who gave a new tenant its first alias in between took the record at its word. From now on that is this pool.
        await moves.swap(input.tenantId, generation, signal);
        return { from: leaving };
      }),

    /** The tenant stays where it is. */
    giveUpMove: ({ tenantId, pool }: MoveStep): Promise<void> =>
      guarded(deps, async (signal) => void (await placements.giveUp(tenantId, pool, signal))),

    /** Removes what is left of the tenant in a pool that it is not read from, once nobody writes it there. */
    leavePool: ({ tenantId, pool }: MoveStep): Promise<{ readonly removed: number }> =>
      guarded(deps, async (signal) => {
        await writersKnow(signal);
        const place = await placements.find(tenantId, signal);
        const isLeft = place.leaving === pool || (pool === ownPool(tenantId) && place.pool !== pool);
        if (!isLeft) return { removed: 0 };
        await readFrom(tenantId, place.pool, signal);
        const removed = await moves.remove(tenantId, pool, signal);
        await placements.left(tenantId, pool, signal);
        return { removed };
      }),
  };
}

/** Until the key is back nothing can be copied, and reindexes of both pools would wait as long. */
function giveUpClosed(error: unknown): never {
  if (!isClosedByTenant(error)) throw error;
  if (error.reason === "TENANT_KEY_REVOKED") {
    throw ApplicationFailure.nonRetryable("the tenant's key is revoked", error.reason);
  }
  throw ApplicationFailure.nonRetryable("the tenant's key provider does not answer", "TENANT_KEY_AWAY");
}

/** @throws ApplicationFailure that nobody tries again for a name that is none, or is another tenant's. */
function requirePool(tenantId: string, pool: string): void {
  try {
    if (poolFor(tenantId, pool) === pool) return;
  } catch (error) {
    if (!(error instanceof MnemeError)) throw error;
  }
  throw ApplicationFailure.nonRetryable("the tenant can't be moved to a pool of this name", "POOL_INVALID");
}
