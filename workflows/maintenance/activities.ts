import { setTimeout as pause } from "node:timers/promises";
import { MnemeError } from "@mneme/core/errors.ts";
import type { IndexGeneration, IndexGenerations } from "@mneme/core/search/memory-index.ts";
import type { AgeingSchedules } from "@mneme/postgres/ageing-schedules.ts";
import type { Maintenance } from "@mneme/postgres/maintenance.ts";
import type { AgeingScheduler } from "../ageing/schedules.ts";
import { type Guard, guarded } from "../guard.ts";
import type { WorkerMetrics } from "../metrics.ts";

export interface MaintenanceActivityDeps extends Guard {
  readonly maintenance: Maintenance;
  /** Of every pool that tenants are in. */
  readonly pools: (signal: AbortSignal) => Promise<readonly PoolGenerations[]>;
  /** False only where no activity of a reindex of this pool can be at work any more. */
  readonly isReindexing: (pool: string) => Promise<boolean>;
  readonly ageing: {
    readonly schedules: Pick<AgeingSchedules, "due" | "seen" | "leaving" | "removed">;
    readonly scheduler: AgeingScheduler;
    /** As `planKey`. */
    readonly plan: string;
  };
  readonly metrics: WorkerMetrics;
}

export type PoolGenerations = Pick<IndexGenerations, "pool" | "list" | "retire">;

/** Counts only. */
export interface ExpiredReport {
  readonly sessionWindows: number;
  readonly requests: number;
  readonly messageCounts: number;
  readonly rateBuckets: number;
  readonly misses: number;
  readonly modelAnswers: number;
}

/** Counts only. */
export interface RetentionReport {
  readonly messages: number;
  readonly memories: number;
}

export type MaintenanceActivities = ReturnType<typeof createMaintenanceActivities>;

const ROWS_AT_ONCE = 1_000;
/** Most projects are small; what takes longer is looked at again by the next run. */
const REINDEXED_WITHIN_MS = 60_000;
const REINDEX_LOOK_MS = 1_000;
/** Tenants whose schedules one run sees to; the others are the next one's. */
const SCHEDULES_AT_ONCE = 500;
/** Longer than anything waits that somebody is working on, but for a model that is away. */
const FORGOTTEN_AFTER_MS = 5 * 60_000;

/** Activities of the maintenance workflow. */
export function createMaintenanceActivities(deps: MaintenanceActivityDeps) {
  return {
    /** Deletes expired session windows, idempotency records, counts, rates, reports of misses and models' answers of all tenants. */
    removeExpired: (): Promise<ExpiredReport> =>
      guarded(deps, async (signal) => {
        const report = {
          sessionWindows: await removeAll((rows) => deps.maintenance.removeSessionWindows(rows), signal),
          requests: await removeAll((rows) => deps.maintenance.removeRequests(rows), signal),
          messageCounts: await removeAll((rows) => deps.maintenance.removeMessageCounts(rows), signal),
          rateBuckets: await removeAll((rows) => deps.maintenance.removeRateBuckets(rows), signal),
          misses: await removeAll((rows) => deps.maintenance.removeMisses(rows), signal),
          modelAnswers: await removeAll((rows) => deps.maintenance.removeModelAnswers(rows), signal),
        };
        deps.metrics.expired.inc({ kind: "session_window" }, report.sessionWindows);
        deps.metrics.expired.inc({ kind: "request" }, report.requests);
        deps.metrics.expired.inc({ kind: "message_count" }, report.messageCounts);
        deps.metrics.expired.inc({ kind: "rate_bucket" }, report.rateBuckets);
        deps.metrics.expired.inc({ kind: "search_miss" }, report.misses);
        deps.metrics.expired.inc({ kind: "model_answer" }, report.modelAnswers);
        return report;
      }),

    /** Takes the words of messages that their projects keep no longer, and removes memories that have expired. */
    applyRetention: (): Promise<RetentionReport> =>
      guarded(deps, async (signal) => {
        const report = {
          messages: await removeAll((rows) => deps.maintenance.forgetMessages(rows), signal),
          memories: await removeAll((rows) => deps.maintenance.removeMemories(rows), signal),
        };
        deps.metrics.expired.inc({ kind: "message" }, report.messages);
        deps.metrics.expired.inc({ kind: "memory" }, report.memories);
        return report;
      }),

    /**
     * Drops generations that a reindex left when it was terminated: each costs every write a copy, and one that
     * was about to be read holds up workers of another model. @returns how many.
     */
    retireAbandoned: (): Promise<number> =>
      guarded(deps, async (signal) => {
        let retired = 0;
        for (const generations of await deps.pools(signal)) {
          // Listed before it is asked: what is made later is not among them, also where it has the same number.
          const left = (await generations.list(signal)).filter(({ state }) => state !== "current");
          if (left.length === 0 || (await deps.isReindexing(generations.pool))) continue;
          for (const each of left) {
            if (await tryToRetire(deps, generations, each, signal)) retired += 1;
          }
        }
        return retired;
      }),

    /**
     * Has memories indexed anew whose project's language or embedder changed, and waits a while for the index to have
     * them: until then searches read both ways. @returns steps made.
     */
    reindexProjects: (): Promise<number> =>
      guarded(deps, async (signal) => {
        const end = performance.now() + REINDEXED_WITHIN_MS;
        let steps = 0;
        for (;;) {
          const made = await deps.maintenance.reindexProjects(ROWS_AT_ONCE);
          steps += made;
          if (made === 0 || performance.now() > end) return steps;
          await pause(REINDEX_LOOK_MS, undefined, { signal });
        }
      }),

    /**
     * Makes the schedules by which tenants' memories age where they are missing, and removes those of tenants that are
     * gone or suspended. @returns how many were seen to.
     */
    scheduleAgeing: (): Promise<number> =>
      guarded(deps, async (signal) => {
        const { schedules, scheduler, plan } = deps.ageing;
        const due = await schedules.due(plan, SCHEDULES_AT_ONCE);
        for (const { tenantId, isWanted, applied, pausedNote } of due) {
          signal.throwIfAborted();
          if (isWanted) {
            await scheduler.ensure(tenantId, applied !== plan, pausedNote);
            await schedules.seen(tenantId, plan);
          } else {
            // Noted before: whoever comes after a crash finds no schedule, and keeps what is known of it.
            const paused = await scheduler.paused(tenantId);
            if (paused !== "gone") await schedules.leaving(tenantId, paused.note);
            await scheduler.remove(tenantId);
            await schedules.removed(tenantId);
          }
        }
        return due.length;
      }),

    /**
     * Wakes ingest where work has waited and nobody seems to know of it, and moves that nobody goes on with: a tenant
     * would be written twice for ever. @returns how many buckets.
     */
    wakeForgotten: (): Promise<number> =>
      guarded(deps, async () => {
        const buckets = await deps.maintenance.wakeForgotten(FORGOTTEN_AFTER_MS, ROWS_AT_ONCE);
        deps.metrics.forgotten.inc(buckets);
        if (buckets > 0) deps.log.warn({ buckets }, "ingest was woken for work that had waited");
        await deps.maintenance.wakeForgottenMoves(FORGOTTEN_AFTER_MS, ROWS_AT_ONCE);
        await deps.maintenance.wakeForgottenReplays(FORGOTTEN_AFTER_MS, ROWS_AT_ONCE);
        return buckets;
      }),
  };
}

/** @returns false where it is read, as in the middle of a swap, or gone already. */
async function tryToRetire(
  { log }: MaintenanceActivityDeps,
  generations: PoolGenerations,
  left: IndexGeneration,
  signal: AbortSignal,
): Promise<boolean> {
  const { pool, generation } = left;
  try {
    await generations.retire(left, signal);
  } catch (error) {
    if (!(error instanceof MnemeError) || !LEFT_ALONE.has(error.kind)) throw error;
    log.warn({ pool, generation, kind: error.kind }, "a generation that a reindex left could not be removed");
    return false;
  }
  log.warn({ pool, generation }, "a generation that a reindex left was removed");
  return true;
}

const LEFT_ALONE: ReadonlySet<string> = new Set(["failed_precondition", "not_found"]);

async function removeAll(remove: (rows: number) => Promise<number>, signal: AbortSignal): Promise<number> {
  let total = 0;
  for (;;) {
    signal.throwIfAborted();
    const removed = await remove(ROWS_AT_ONCE);
    total += removed;
    if (removed < ROWS_AT_ONCE) return total;
  }
}
