import { randomUUID } from "node:crypto";
import type { WorkflowHandle } from "@temporalio/client";
import { type ReplayInput, replayWorkflowId, WAKE, workflowNames } from "../../contract.ts";
import type { ReplayActivities } from "../../replay/activities.ts";
import { type TestTemporal, until } from "../../testing/temporal.ts";
import type { Scenarios } from "../scenario.ts";

export const replayScenarios: Scenarios = {
  "replay-reads-waits-and-is-woken": (temporal) =>
    replay(
      temporal,
      [
        { next: "again", waitMs: 0, streams: 2 },
        { next: "again", waitMs: 100, streams: 0 },
        { next: "again", waitMs: 600_000, streams: 0 },
        { next: "over", waitMs: 0, streams: 1 },
      ],
      async (handle, taken) => {
        await until(() => taken() === 3);
        // It waits then, and nothing but this ends that.
        await handle.signal(WAKE);
      },
    ),

  "replay-continues-as-new": (temporal) =>
    replay(
      temporal,
      [
        { next: "again", waitMs: 0, streams: 2 },
        { next: "again", waitMs: 0, streams: 2 },
        { next: "over", waitMs: 0, streams: 0 },
      ],
      async () => undefined,
      { maxHistoryEvents: 12 },
    ),
};

async function replay(
  temporal: TestTemporal,
  steps: Awaited<ReturnType<ReplayActivities["takeReplayOn"]>>[],
  meanwhile: (handle: WorkflowHandle, taken: () => number) => Promise<void>,
  more: Partial<ReplayInput> = {},
): Promise<WorkflowHandle> {
  let taken = 0;
  const activities: ReplayActivities = {
    takeReplayOn: async () => {
      taken += 1;
      return steps.shift() ?? { next: "over", waitMs: 0, streams: 0 };
    },
  };
  await using _worker = await temporal.startWorker(activities);
  const input: ReplayInput = { tenantId: randomUUID(), replayId: randomUUID(), ...more };
  const handle = await temporal.client.workflow.start(workflowNames.replay, {
    workflowId: replayWorkflowId(input.tenantId, input.replayId),
    taskQueue: temporal.taskQueue,
    args: [input],
  });
  await meanwhile(handle, () => taken);
  await handle.result();
  // The first run: where it continues as new, that is what is worth keeping.
  return temporal.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId);
}
