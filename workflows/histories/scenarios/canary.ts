import { randomUUID } from "node:crypto";
import type { CanaryActivities } from "../../canary/activities.ts";
import { workflowNames } from "../../contract.ts";
import type { Scenarios } from "../scenario.ts";

export const canaryScenarios: Scenarios = {
  canary: async (temporal) => {
    const activities: CanaryActivities = {
      lookAcross: async () => ({ crossings: ["index"], blind: 1, planted: 0 }),
    };
    await using _worker = await temporal.startWorker(activities);
    const { taskQueue } = temporal;
    const workflowId = `canary-${randomUUID()}`;
    const handle = await temporal.client.workflow.start(workflowNames.canary, { workflowId, taskQueue });
    await handle.result();
    return handle;
  },
};
