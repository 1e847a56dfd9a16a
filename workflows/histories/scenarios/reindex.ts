import { randomUUID } from "node:crypto";
import type { WorkflowHandle } from "@temporalio/client";
import { type ReindexInput, reindexWorkflowId, workflowNames } from "../../contract.ts";
import type { ReindexActivities } from "../../reindex/activities.ts";
import type { TestTemporal } from "../../testing/temporal.ts";
import { type Scenarios, TENANTS } from "../scenario.ts";

export const reindexScenarios: Scenarios = {
  "reindex-swaps": (temporal) => reindex(temporal, {}),

  "reindex-swaps-within-a-model": (temporal) =>
    reindex(temporal, { beginGeneration: async () => ({ generation: 2 }) }),

  "reindex-repairs-what-is-short": (temporal) => {
    let short = 1;
    return reindex(temporal, {
      compareCounts: async () => ({ tenants: 2, short: short-- > 0 ? [TENANTS[1] as string] : [] }),
    });
  },

  "reindex-gives-up": (temporal) =>
    reindex(temporal, { compareCounts: async () => ({ tenants: 2, short: [TENANTS[0] as string] }) }),
};

async function reindex(temporal: TestTemporal, changes: Partial<ReindexActivities>): Promise<WorkflowHandle> {
  const cursors = TENANTS.map((tenantId) => ({ tenantId }));
  const changed = [2_000, 10];
  const activities: ReindexActivities = {
    beginGeneration: async () => ({ generation: 2, mark: "100" }),
    markRecord: async () => ({ mark: "101" }),
    copyPages: async ({ cursor, changes }) => {
      if (changes) return { written: changed.shift() ?? 0, refused: 0, embedded: 0 };
      const at = cursors.findIndex(({ tenantId }) => tenantId === cursor?.tenantId);
      return { written: 10, refused: 0, embedded: 0, next: cursors[at + 1] };
    },
    announce: async () => undefined,
    compareCounts: async () => ({ tenants: 2, short: [] }),
    promote: async () => undefined,
    retireOld: async () => ({ retired: 1 }),
    abandon: async () => undefined,
    ...changes,
  };
  await using _worker = await temporal.startWorker(activities);
  const input: ReindexInput = { graceMs: 100 };
  const handle = await temporal.client.workflow.start(workflowNames.reindex, {
    workflowId: reindexWorkflowId(randomUUID()),
    taskQueue: temporal.taskQueue,
    args: [input],
  });
  await handle.result().catch(() => undefined);
  return handle;
}
