import { patched, proxyActivities } from "@temporalio/workflow";
import type { MaintenanceActivities } from "./activities.ts";

const { removeExpired, applyRetention, retireAbandoned, reindexProjects, scheduleAgeing, wakeForgotten } =
  proxyActivities<MaintenanceActivities>({
    startToCloseTimeout: "10 minutes",
    heartbeatTimeout: "20 seconds",
    retry: { initialInterval: "1 second", maximumInterval: "30 seconds" },
  });

/** Removes what has expired or was left over, and wakes what was forgotten; started by a schedule. */
export async function maintenance(): Promise<void> {
  await removeExpired();
  if (patched("apply-retention")) await applyRetention();
  if (patched("retire-abandoned")) await retireAbandoned();
  if (patched("reindex-projects")) await reindexProjects();
  if (patched("wake-forgotten")) await wakeForgotten();
  if (patched("schedule-ageing")) await scheduleAgeing();
}
