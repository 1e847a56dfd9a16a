import { randomUUID } from "node:crypto";
import { workflowNames } from "../../contract.ts";
import type { MaintenanceActivities } from "../../maintenance/activities.ts";
import type { Scenarios } from "../scenario.ts";

export const maintenanceScenarios: Scenarios = {
  "maintenance-schedules-ageing": async (temporal) => {
    const activities: MaintenanceActivities = {
      removeExpired: async () => ({
        sessionWindows: 2,
        requests: 3,
        messageCounts: 1,
        rateBuckets: 1,
        misses: 1,
        modelAnswers: 1,
      }),
      applyRetention: async () => ({ messages: 5, memories: 1 }),
      retireAbandoned: async () => 1,
      reindexProjects: async () => 1,
      scheduleAgeing: async () => 2,
      wakeForgotten: async () => 1,
    };
    await using _worker = await temporal.startWorker(activities);
    const { taskQueue } = temporal;
    const workflowId = `maintenance-${randomUUID()}`;
    const handle = await temporal.client.workflow.start(workflowNames.maintenance, { workflowId, taskQueue });
    await handle.result();
    return handle;
  },
};
