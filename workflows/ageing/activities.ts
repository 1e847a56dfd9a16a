import { type ArchivingDeps, archivePage, PERSONS } from "@mneme/core/ageing/archive-page.ts";
import { knownCursor } from "@mneme/core/ageing/known-cursor.ts";
import { type ReviewDeps, reviewStale } from "@mneme/core/ageing/review-stale.ts";
import type { ConsolidateDeps } from "@mneme/core/consolidation/consolidate.ts";
import { type ConsolidationCursor, consolidateStep } from "@mneme/core/consolidation/consolidate-step.ts";
import type { AgeingSchedules } from "@mneme/postgres/ageing-schedules.ts";
import type { AgeingPage, AgeingStep, AgeingStepInput } from "../contract.ts";
import { describe, type Guard, guarded } from "../guard.ts";
import type { WorkerMetrics } from "../metrics.ts";

export interface AgeingActivityDeps extends Guard {
  readonly archiving: ArchivingDeps;
  readonly reviewing: ReviewDeps;
  readonly consolidating: ConsolidateDeps;
  readonly schedules: Pick<AgeingSchedules, "succeeded">;
  readonly metrics: Pick<WorkerMetrics, "outages" | "archived" | "restored" | "reviewed">;
  /** How long a call of a step begins more, 120,000 ms by default: far from the time that it may take. */
  readonly forMs?: number;
}

/** A page of a step. */
type StepActivity = (input: AgeingStepInput) => Promise<AgeingPage>;

export type AgeingActivities = Readonly<Record<AgeingStep, StepActivity>> & {
  readonly noteAged: (input: { readonly tenantId: string }) => Promise<void>;
};

/** What walks over projects goes on from. */
const WALK = { ids: ["projectId", "after"] };
/** What the walk over streams goes on from. */
const STREAMS = { ids: ["after", "stream", "episode", "look"] };

/** Activities of the ageing workflow: one a step, and the note that all of them are done. */
export function createAgeingActivities({ forMs = 120_000, ...deps }: AgeingActivityDeps): AgeingActivities {
  return {
    /** Archives what has faded, and what is of persons who were away, by their projects' settings. */
    archive: ({ tenantId, cursor }) =>
      guarded(deps, async (signal) => {
        const at = knownCursor(cursor, { ids: [...WALK.ids, "rule"], parts: [PERSONS] }) ?? {};
        const { next, counts } = await archivePage(deps.archiving, tenantId, at, { forMs, signal });
        for (const reason of ["faded", "inactive"] as const) {
          deps.metrics.archived.inc({ reason }, counts[reason] ?? 0);
        }
        deps.metrics.restored.inc({ because: "returned" }, counts.returned ?? 0);
        return { cursor: next, counts };
      }),

    /** Has older episodes told by summaries, which archives them. */
    consolidate: ({ tenantId, cursor }) =>
      guarded(deps, async (signal) => {
        const from: ConsolidationCursor | undefined = knownCursor(cursor, STREAMS);
        const onFailed = ({ streamId }: { readonly streamId: string }, error: unknown) =>
          deps.log.error({ tenantId, streamId, ...describe(error) }, "a stream could not be consolidated");
        const step = await consolidateStep(deps.consolidating, tenantId, from, { forMs, signal, onFailed });
        const { summaries, archived, changed, withheld } = step.counts;
        deps.metrics.archived.inc({ reason: "consolidated" }, archived);
        const counts = { summaries, consolidated: archived, changed, withheld, failedStreams: step.failed };
        const done = Object.fromEntries(Object.entries(counts).filter(([, n]) => n > 0));
        return { cursor: step.cursor && { ...step.cursor }, counts: done };
      }),

    /** Holds the reviews that are due, by their project's rules. */
    review: ({ tenantId, cursor }) =>
      guarded(deps, async (signal) => {
        const at = knownCursor(cursor, WALK) ?? {};
        const { counts, next } = await reviewStale(deps.reviewing, tenantId, at, { forMs, signal });
        for (const [action, n] of Object.entries(counts)) deps.metrics.reviewed.inc({ action }, n);
        const done = Object.fromEntries(Object.entries(counts).filter(([, n]) => n > 0));
        return { cursor: next && { ...next }, counts: done };
      }),

    noteAged: ({ tenantId }) => guarded(deps, () => deps.schedules.succeeded(tenantId)),
  };
}
