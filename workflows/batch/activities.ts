import { type AppliedBatch, applyBatch } from "@mneme/core/extraction/bulk/apply-batch.ts";
import type { BatchId, BulkDeps } from "@mneme/core/extraction/bulk/bulk-deps.ts";
import type { BatchProgress } from "@mneme/core/extraction/bulk/bulk-reader.ts";
import type { LeftReason } from "@mneme/core/extraction/bulk/bulk-store.ts";
import {
  type CloseProgress,
  cancelBatch,
  closeBatch,
  leaveBatch,
  lookAfterBatch,
  releaseBatch,
} from "@mneme/core/extraction/bulk/end-batch.ts";
import type { RequestLimits } from "@mneme/core/extraction/bulk/prepare-batch.ts";
import { sendBatch } from "@mneme/core/extraction/bulk/send-batch.ts";
import { failureReason } from "@mneme/core/extraction/failure-reason.ts";
import { describe, type Guard, guarded } from "../guard.ts";
import { countDrops } from "../ingest/count-drops.ts";
import type { WorkerMetrics } from "../metrics.ts";

export interface BatchActivityDeps extends Guard {
  readonly bulk: BulkDeps;
  readonly metrics: Pick<
    WorkerMetrics,
    "outages" | "sensitive" | "leftOut" | "batchesSent" | "batchesLeft" | "batchRequests" | "batchFailures"
  >;
  readonly limits: RequestLimits;
}

export type BatchActivities = ReturnType<typeof createBatchActivities>;

/** Activities of the batch workflow. Repeating any of them changes nothing. */
export function createBatchActivities(deps: BatchActivityDeps) {
  const { bulk, limits, metrics, log } = deps;
  return {
    /** Sends a batch to its model's server. `none`: it is not to be waited for. */
    sendBatch: (id: BatchId): Promise<"sent" | "none"> =>
      guarded(deps, async (signal) => {
        const became = await sendBatch(bulk, id, limits, signal);
        metrics.batchesSent.inc({ result: became });
        return became;
      }),

    /** How far the server is. */
    lookAfterBatch: (id: BatchId): Promise<BatchProgress> =>
      guarded(deps, (signal) => lookAfterBatch(bulk, id, signal)),

    /** Asks the server for the end. */
    cancelBatch: (id: BatchId): Promise<void> => guarded(deps, (signal) => cancelBatch(bulk, id, signal)),

    /** Keeps what was answered. */
    applyBatch: (id: BatchId): Promise<AppliedBatch> =>
      guarded(deps, async (signal) => {
        const onFailure = (streamId: string, error: unknown) => {
          metrics.batchFailures.inc({ reason: failureReason(error) });
          log.warn({ ...id, streamId, ...describe(error) }, "what a batch answered for a person is not kept");
        };
        const applied = await applyBatch(bulk, id, { signal, onFailure, ...countDrops(metrics) });
        metrics.batchRequests.inc({ result: "answered" }, applied.answered);
        metrics.batchRequests.inc({ result: "unanswered" }, applied.unanswered);
        log.info({ ...id, ...applied }, "what a batch was answered is kept");
        return applied;
      }),

    /** Has those go on who were not answered. */
    releaseBatch: (id: BatchId): Promise<void> => guarded(deps, () => releaseBatch(bulk, id)),

    /** Removes what the server still has of it, as far as it has ended there. */
    closeBatch: (id: BatchId): Promise<CloseProgress> =>
      guarded(deps, (signal) => closeBatch(bulk, id, signal)),

    /** Gives up removing that. */
    leaveBatch: (id: BatchId, reason: LeftReason): Promise<void> =>
      guarded(deps, async () => {
        await leaveBatch(bulk, id, reason);
        metrics.batchesLeft.inc({ reason });
        log.error({ ...id, reason }, "files of a batch may be left with its server");
      }),
  };
}
