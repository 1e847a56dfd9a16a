import type { Maintenance } from "@mneme/postgres/maintenance.ts";
import { type Guard, guarded } from "../guard.ts";
import type { WorkerMetrics } from "../metrics.ts";

export interface MaintenanceActivityDeps extends Guard {
  readonly maintenance: Maintenance;
  readonly metrics: WorkerMetrics;
}

/** Counts only. */
export interface ExpiredReport {
  readonly sessionWindows: number;
  readonly requests: number;
}

export type MaintenanceActivities = ReturnType<typeof createMaintenanceActivities>;

const ROWS_AT_ONCE = 1_000;
/** Longer than anything waits that somebody is working on, but for a model that is away. */
const FORGOTTEN_AFTER_MS = 5 * 60_000;

/** Activities of the maintenance workflow. */
export function createMaintenanceActivities(deps: MaintenanceActivityDeps) {
  return {
    /** Deletes expired session windows and idempotency records of all tenants. */
    removeExpired: (): Promise<ExpiredReport> =>
      guarded(deps, async (signal) => {
        const report = {
          sessionWindows: await removeAll((rows) => deps.maintenance.removeSessionWindows(rows), signal),
          requests: await removeAll((rows) => deps.maintenance.removeRequests(rows), signal),
        };
        deps.metrics.expired.inc({ kind: "session_window" }, report.sessionWindows);
        deps.metrics.expired.inc({ kind: "request" }, report.requests);
        return report;
      }),

    /** Wakes ingest where work has waited and nobody seems to know of it. @returns how many buckets. */
    wakeForgotten: (): Promise<number> =>
      guarded(deps, async () => {
        const buckets = await deps.maintenance.wakeForgotten(FORGOTTEN_AFTER_MS, ROWS_AT_ONCE);
        deps.metrics.forgotten.inc(buckets);
        if (buckets > 0) deps.log.warn({ buckets }, "ingest was woken for work that had waited");
        return buckets;
      }),
  };
}

async function removeAll(remove: (rows: number) => Promise<number>, signal: AbortSignal): Promise<number> {
  let total = 0;
  for (;;) {
    signal.throwIfAborted();
    const removed = await remove(ROWS_AT_ONCE);
    total += removed;
    if (removed < ROWS_AT_ONCE) return total;
  }
}
