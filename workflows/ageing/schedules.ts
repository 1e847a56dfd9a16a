import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from "@temporalio/client";
import { type AgeingInput, ageingScheduleId, ageingWorkflowId, workflowNames } from "../contract.ts";
import { type AgeingPlan, catchUpOf, specOf } from "./plan.ts";

const DEADLINE_MS = 5_000;

/** Where schedules are, and what their runs are for. */
export interface AgeingScheduler {
  /**
   * Sees to a tenant's schedule: makes it where it is missing. One that is there stays as an operator has set it, paused
   * above all; where the deployment's plan is another than the last, its times and its queue are changed, and no more.
   */
  ensure(tenantId: string, isOtherPlan: boolean): Promise<void>;
  /** Removes a tenant's schedule, where there is one. */
  remove(tenantId: string): Promise<void>;
}

export function createAgeingScheduler(
  client: Client,
  { taskQueue, plan }: { readonly taskQueue: string; readonly plan: AgeingPlan },
): AgeingScheduler {
  const soon = <T>(call: () => Promise<T>) => client.withDeadline(Date.now() + DEADLINE_MS, call);
  const handleOf = (tenantId: string) => client.schedule.getHandle(ageingScheduleId(tenantId));

  function create(tenantId: string) {
    const input: AgeingInput = { tenantId };
    return client.schedule.create({
      scheduleId: ageingScheduleId(tenantId),
      spec: specOf(tenantId, plan),
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: catchUpOf(plan) },
      action: {
        type: "startWorkflow",
        workflowType: workflowNames.ageing,
        workflowId: ageingWorkflowId(tenantId),
        taskQueue,
        args: [input],
      },
    });
  }

  return {
    async ensure(tenantId, isOtherPlan) {
      try {
        await soon(() => create(tenantId));
      } catch (error) {
        if (!(error instanceof ScheduleAlreadyRunning)) throw error;
        if (!isOtherPlan) return;
        await soon(() =>
          handleOf(tenantId).update((held) => ({
            ...held,
            spec: specOf(tenantId, plan),
            policies: { ...held.policies, catchupWindow: catchUpOf(plan) },
            action: { ...held.action, taskQueue },
          })),
        );
      }
    },
    async remove(tenantId) {
      try {
        await soon(() => handleOf(tenantId).delete());
      } catch (error) {
        if (!(error instanceof ScheduleNotFoundError)) throw error;
      }
    },
  };
}
