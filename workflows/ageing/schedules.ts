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
   *
   * @param pausedNote one that is made is paused, with this note; undefined: it is not.
   */
  ensure(tenantId: string, isOtherPlan: boolean, pausedNote?: string): Promise<void>;
  /** With what note one is paused, maybe an empty one; `note` is undefined where it is not paused. */
  paused(tenantId: string): Promise<{ readonly note: string | undefined } | "gone">;
  /** Removes a tenant's schedule, where there is one. */
  remove(tenantId: string): Promise<void>;
}

export function createAgeingScheduler(
  client: Client,
  { taskQueue, plan }: { readonly taskQueue: string; readonly plan: AgeingPlan },
): AgeingScheduler {
  const soon = <T>(call: () => Promise<T>) => client.withDeadline(Date.now() + DEADLINE_MS, call);
  const handleOf = (tenantId: string) => client.schedule.getHandle(ageingScheduleId(tenantId));

  function create(tenantId: string, pausedNote: string | undefined) {
    const input: AgeingInput = { tenantId };
    return client.schedule.create({
      scheduleId: ageingScheduleId(tenantId),
      spec: specOf(tenantId, plan),
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: catchUpOf(plan) },
      ...(pausedNote !== undefined && { state: { paused: true, note: pausedNote } }),
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
    async ensure(tenantId, isOtherPlan, pausedNote) {
      try {
        await soon(() => create(tenantId, pausedNote));
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
    async paused(tenantId) {
      try {
        const { state } = await soon(() => handleOf(tenantId).describe());
        return { note: state.paused ? (state.note ?? "") : undefined };
      } catch (error) {
        if (error instanceof ScheduleNotFoundError) return "gone";
        throw error;
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
