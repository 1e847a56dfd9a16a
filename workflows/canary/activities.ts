import type { CanaryReport } from "@mneme/core/canary/watch-crossings.ts";
import { type Guard, guarded } from "../guard.ts";
import type { WorkerMetrics } from "../metrics.ts";

export interface CanaryActivityDeps extends Guard {
  /** Makes sure that the canaries are there, and has them look. */
  readonly watch: (signal: AbortSignal) => Promise<CanaryReport>;
  readonly metrics: WorkerMetrics;
}

export type CanaryActivities = ReturnType<typeof createCanaryActivities>;

/** Activities of the canary workflow. */
export function createCanaryActivities(deps: CanaryActivityDeps) {
  const { log, metrics } = deps;
  return {
    /** Looks from each canary for the other's marker, and tells loudly of what crosses. */
    lookAcross: (): Promise<CanaryReport> =>
      guarded(deps, async (signal) => {
        const report = await deps.watch(signal);
        const { crossings, blind, planted } = report;
        for (const way of crossings) metrics.canaryCrossings.inc({ way });
        metrics.canaryBlind.inc(blind);
        if (planted === 0) metrics.canaryRuns.inc();
        if (crossings.length > 0) log.fatal({ crossings }, "one tenant's data was found by another");
        if (blind > 0) log.error({ blind }, "a canary does not find its own marker: it proves nothing");
        return report;
      }),
  };
}
