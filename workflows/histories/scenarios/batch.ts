import { randomUUID } from "node:crypto";
import type { BatchProgress } from "@mneme/core/extraction/bulk/bulk-reader.ts";
import type { CloseProgress } from "@mneme/core/extraction/bulk/end-batch.ts";
import type { WorkflowHandle } from "@temporalio/client";
import { ApplicationFailure } from "@temporalio/common";
import type { BatchActivities } from "../../batch/activities.ts";
import { startBatch } from "../../batch/start-batch.ts";
import type { BatchInput } from "../../contract.ts";
import type { TestTemporal } from "../../testing/temporal.ts";
import type { Scenarios } from "../scenario.ts";

export const batchScenarios: Scenarios = {
  "batch-is-answered": (temporal) => {
    const progress = ["going", "going"] as BatchProgress[];
    return batch(temporal, { lookAfterBatch: async () => progress.pop() ?? "ended" });
  },

  "batch-has-nothing-to-wait-for": (temporal) => batch(temporal, { sendBatch: async () => "none" }),

  "batch-takes-too-long": (temporal) => {
    let isCancelled = false;
    return batch(temporal, {
      lookAfterBatch: async () => (isCancelled ? "ended" : "going"),
      cancelBatch: async () => {
        isCancelled = true;
      },
    });
  },

  "batch-is-cancelled": (temporal) => {
    const looking = Promise.withResolvers<void>();
    return batch(
      temporal,
      {
        lookAfterBatch: async () => {
          looking.resolve();
          return "going";
        },
      },
      async (handle) => {
        await looking.promise;
        await handle.cancel();
      },
      { longestMs: 60_000 },
    );
  },

  "batch-is-done-without": (temporal) => {
    const fails = async () => {
      throw ApplicationFailure.nonRetryable("the activity failed: INTERNAL", "INTERNAL");
    };
    return batch(temporal, { sendBatch: fails, applyBatch: fails });
  },

  "batch-ends-slowly": (temporal) => {
    const progress: CloseProgress[] = ["still_going", "still_going"];
    return batch(temporal, { closeBatch: async () => progress.pop() ?? "closed" });
  },

  "batch-is-left": (temporal) => {
    const fails = async () => {
      throw ApplicationFailure.nonRetryable(
        "the activity failed: MODEL_SERVER_FAILED",
        "MODEL_SERVER_FAILED",
      );
    };
    return batch(temporal, { lookAfterBatch: fails, cancelBatch: fails, closeBatch: fails });
  },
};

async function batch(
  temporal: TestTemporal,
  changes: Partial<BatchActivities>,
  meanwhile: (handle: WorkflowHandle) => Promise<void> = async () => undefined,
  input: Partial<BatchInput> = {},
): Promise<WorkflowHandle> {
  const activities: BatchActivities = {
    sendBatch: async () => "sent",
    lookAfterBatch: async () => "ended",
    cancelBatch: async () => undefined,
    applyBatch: async () => ({ answered: 2, unanswered: 1 }),
    releaseBatch: async () => undefined,
    closeBatch: async () => "closed",
    leaveBatch: async () => undefined,
    ...changes,
  };
  await using _worker = await temporal.startWorker(activities);
  const { taskQueue } = temporal;
  const id = { tenantId: randomUUID(), batchId: randomUUID() };
  const pace = { firstPauseMs: 10, longestPauseMs: 20, longestMs: 30, endingMs: 1_000 };
  const handle = await startBatch(temporal.client, { ...id, ...pace, ...input }, { taskQueue });
  await meanwhile(handle);
  await handle.result().catch(() => undefined);
  return handle;
}
