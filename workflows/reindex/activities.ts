import { setTimeout as pause } from "node:timers/promises";
import type { IndexGeneration, IndexGenerations, NewGeneration } from "@mneme/core/search/memory-index.ts";
import {
  type Changes,
  compareTenant,
  copyPage,
  type ReindexCursor,
  type ReindexDeps,
} from "@mneme/core/search/reindex.ts";
import { isOwnPool, type Placements } from "@mneme/core/tenancy/placement.ts";
import { ApplicationFailure } from "@temporalio/common";
import { POOL_UNKNOWN } from "../contract.ts";
import { type CopyReport, copyForAWhile, PAGE_SIZE } from "../copying.ts";
import { type Guard, guarded } from "../guard.ts";
import type { WorkerMetrics } from "../metrics.ts";

export interface ReindexActivityDeps extends Guard {
  readonly reindex: ReindexDeps;
  readonly generations: IndexGenerations;
  readonly placements: Pick<Placements, "pools">;
  /** What the new generation's vectors are made with. */
  readonly wanted: NewGeneration;
  readonly metrics: WorkerMetrics;
  /** Versions copied at once, 500 by default. */
  readonly pageSize?: number;
  /** How long transactions that are open may hold a mark up, in milliseconds; two minutes by default. */
  readonly markMs?: number;
}

/** Absent: the pool that this process takes for the default one. */
export interface InPool {
  readonly pool?: string | undefined;
}

/** A generation of a pool. */
export interface AtGeneration extends InPool {
  readonly generation: number;
}

export interface CopyInput extends AtGeneration {
  readonly cursor?: ReindexCursor | undefined;
  /** Copies only these; everything without. */
  readonly changes?: Changes | undefined;
}

export interface BegunGeneration {
  readonly generation: number;
  /** Of the record; absent where whoever writes the current generation writes this one too. */
  readonly mark?: string;
}

export interface CompareInput extends AtGeneration {
  readonly after?: string | undefined;
}

export interface CompareReport {
  readonly tenants: number;
  /** Tenants whose index holds less than the record. */
  readonly short: readonly string[];
  /** Undefined when all are compared. */
  readonly next?: string | undefined;
}

export type ReindexActivities = ReturnType<typeof createReindexActivities>;

const MARK_MS = 120_000;
const TENANTS_AT_ONCE = 200;
/** How often a short count is asked again before it is believed. */
const LOOKS = 5;
const LOOK_MS = 500;

/** Activities of the reindex workflow; each may be repeated. */
export function createReindexActivities(deps: ReindexActivityDeps) {
  const { reindex, wanted, metrics, pageSize = PAGE_SIZE, markMs = MARK_MS } = deps;
  const of = ({ pool }: InPool) => (pool === undefined ? deps.generations : deps.generations.ofPool(pool));

  async function require(at: AtGeneration, signal: AbortSignal): Promise<IndexGeneration> {
    const found = (await of(at).list(signal)).find((each) => each.generation === at.generation);
    if (found) return found;
    throw ApplicationFailure.nonRetryable("the generation that was being built is gone", "GENERATION_GONE");
  }

  /** A mark of the record in time: after `announce` nobody may index until there is one. */
  async function markInTime(signal: AbortSignal): Promise<string> {
    const deadline = AbortSignal.timeout(markMs);
    try {
      return await reindex.store.mark(AbortSignal.any([signal, deadline]));
    } catch (error) {
      signal.throwIfAborted();
      if (!deadline.aborted) throw error;
      throw ApplicationFailure.nonRetryable(
        "a transaction that writes memories has been open for too long; end it, and reindex again",
        "RECORD_HELD",
      );
    }
  }

  /** A name that was mistyped would leave an empty index behind. */
  async function requireKnown(pool: string, signal: AbortSignal): Promise<void> {
    const pools = await deps.placements.pools(signal);
    if (pools.includes(pool)) return;
    const shared = pools.filter((each) => !isOwnPool(each)).sort();
    throw ApplicationFailure.nonRetryable(
      `there is no such pool; shared ones are: ${shared.join(", ")}`,
      POOL_UNKNOWN,
    );
  }

  /** A move swaps one tenant where a reindex swaps all: the one that comes second waits, and is tried again. */
  async function requireNoMoves(pool: string, signal: AbortSignal): Promise<void> {
    if (!(await reindex.store.isMoving(pool, signal))) return;
    throw ApplicationFailure.retryable("a tenant moves to or from this pool", "TENANT_MOVING");
  }

  return {
    /** Makes the new generation; what an earlier run left half built is removed first. Waits for moves to end. */
    beginGeneration: (input: InPool = {}): Promise<BegunGeneration> =>
      guarded(deps, async (signal) => {
        const generations = of(input);
        const all = await generations.list(signal);
        // One that nobody is in may be there to move to, once it is fit.
        if (all.length === 0) await requireKnown(generations.pool, signal);
        for (const { generation, state } of all) {
          if (isUnfinished(state)) await generations.retire(generation, signal);
        }
        // After that: a move that came second waits for what is being built to go.
        await requireNoMoves(generations.pool, signal);
        const { generation, model, schema } = await generations.build(wanted, signal);
        // A move marks its tenant before it looks for generations that are being built: one of the two sees the other.
        await requireNoMoves(generations.pool, signal).catch(async (error: unknown) => {
          await generations.retire(generation, signal);
          throw error;
        });
        const current = all.findLast(({ state }) => state === "current");
        if (current?.model === model && current.schema === schema) return { generation };
        try {
          return { generation, mark: await markInTime(signal) };
        } catch (error) {
          // The workflow does not know of it yet, and ends here.
          if (error instanceof ApplicationFailure) await generations.retire(generation, signal);
          throw error;
        }
      }),

    /** This moment of the record, for a copy of what changes from then on. */
    markRecord: (): Promise<{ readonly mark: string }> =>
      guarded(deps, async (signal) => ({ mark: await markInTime(signal) })),

    /** Copies pages for a while, from where an earlier attempt came to. */
    copyPages: (input: CopyInput): Promise<CopyReport> =>
      guarded(deps, async (signal, note) => {
        const generation = await require(input, signal);
        const options = { changes: input.changes, limit: pageSize };
        return copyForAWhile(metrics, input.cursor, note, (cursor) =>
          copyPage(reindex, generation, { ...options, cursor }, signal),
        );
      }),

    /** Compares some tenants' counts. */
    compareCounts: (input: CompareInput): Promise<CompareReport> =>
      guarded(deps, async (signal) => {
        await reindex.index.refresh(signal);
        const generation = await require(input, signal);
        const short: string[] = [];
        let tenants = 0;
        let at = input.after;
        while (tenants < TENANTS_AT_ONCE) {
          const tenantId = await reindex.store.nextTenant(generation.pool, at, signal);
          if (tenantId === undefined) return { tenants, short };
          if (await isShort(deps, generation, tenantId, signal)) short.push(tenantId);
          tenants += 1;
          at = tenantId;
        }
        return { tenants, short, next: at };
      }),

    /** From its end on nothing is indexed but into this generation too. */
    announce: (input: AtGeneration): Promise<void> =>
      guarded(deps, (signal) => of(input).announce(input.generation, signal)),

    /** Makes the generation the one that is read. */
    promote: (input: AtGeneration): Promise<void> =>
      guarded(deps, (signal) => of(input).promote(input.generation, signal)),

    /** Removes the generations that were read before. */
    retireOld: (input: InPool = {}): Promise<{ readonly retired: number }> =>
      guarded(deps, async (signal) => {
        const generations = of(input);
        const old = (await generations.list(signal)).filter(({ state }) => state === "retiring");
        for (const { generation } of old) await generations.retire(generation, signal);
        return { retired: old.length };
      }),

    /** Removes a generation that was given up. */
    abandon: (input: AtGeneration): Promise<void> =>
      guarded(deps, async (signal) => {
        const generations = of(input);
        const found = (await generations.list(signal)).find((each) => each.generation === input.generation);
        if (found && isUnfinished(found.state)) await generations.retire(input.generation, signal);
      }),
  };
}

function isUnfinished(state: IndexGeneration["state"]): boolean {
  return state === "building" || state === "next";
}

/** Whether the index has fewer of a tenant's documents than the record, asked until it is believed. */
export async function isShort(
  { reindex, log }: Pick<ReindexActivityDeps, "reindex" | "log">,
  generation: IndexGeneration,
  tenantId: string,
  signal: AbortSignal,
): Promise<boolean> {
  for (let look = 1; ; look += 1) {
    const { recorded, indexed } = await compareTenant(reindex, generation, tenantId, signal);
    if (indexed >= recorded) return false;
    if (look === LOOKS) {
      log.warn({ tenantId, index: generation.index, recorded, indexed }, "the new index lacks documents");
      return true;
    }
    await pause(LOOK_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    await reindex.index.refresh(signal);
  }
}
