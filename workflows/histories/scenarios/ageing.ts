import { randomUUID } from "node:crypto";
import type { WorkflowHandle } from "@temporalio/client";
import { ApplicationFailure } from "@temporalio/common";
import type { AgeingActivities } from "../../ageing/activities.ts";
import { type AgeingInput, ageingWorkflowId, workflowNames } from "../../contract.ts";
import type { TestTemporal } from "../../testing/temporal.ts";
import { type Scenarios, TENANTS } from "../scenario.ts";

export const ageingScenarios: Scenarios = {
  "ageing-ends-incomplete": (temporal) =>
    age(temporal, {
      archive: async () => {
        throw ApplicationFailure.nonRetryable("the activity failed: INTERNAL", "INTERNAL");
      },
    }),

  "ageing-reviews": (temporal) => age(temporal, {}),

  "ageing-pages-and-continues-as-new": (temporal) => age(temporal, {}, { maxHistoryEvents: 8 }),

  "ageing-consolidates-and-archives": (temporal) => age(temporal, {}),
};

async function age(
  temporal: TestTemporal,
  changes: Partial<AgeingActivities>,
  input: Partial<AgeingInput> = {},
): Promise<WorkflowHandle> {
  const activities: AgeingActivities = {
    review: async () => ({ counts: { downgraded: 2, left: 1 } }),
    archive: async ({ cursor }) => {
      const counts = { faded: 3, left: 1 };
      return cursor ? { counts } : { counts, cursor: { projectId: TENANTS[1], after: TENANTS[0] } };
    },
    consolidate: async ({ cursor }) => {
      const counts = { summaries: 1, consolidated: 3, changed: 0, withheld: 0 };
      return cursor ? { counts } : { counts, cursor: { after: TENANTS[0] } };
    },
    noteAged: async () => undefined,
    ...changes,
  };
  await using _worker = await temporal.startWorker(activities);
  const tenantId = randomUUID();
  const handle = await temporal.client.workflow.start(workflowNames.ageing, {
    workflowId: ageingWorkflowId(tenantId),
    taskQueue: temporal.taskQueue,
    args: [{ tenantId, ...input }],
  });
  await handle.result().catch(() => undefined);
  // The first run: where it continues as new, that is what is worth keeping.
  return temporal.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId);
}
