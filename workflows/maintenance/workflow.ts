import { proxyActivities } from "@temporalio/workflow";
import type { MaintenanceActivities } from "./activities.ts";

const { removeExpired } = proxyActivities<MaintenanceActivities>({
  startToCloseTimeout: "10 minutes",
  heartbeatTimeout: "20 seconds",
  retry: { initialInterval: "1 second", maximumInterval: "30 seconds" },
});

/** Removes what has expired; started by a schedule. */
export async function maintenance(): Promise<void> {
  await removeExpired();
}
