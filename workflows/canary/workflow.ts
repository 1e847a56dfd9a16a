import { proxyActivities } from "@temporalio/workflow";
import type { CanaryActivities } from "./activities.ts";

const { lookAcross } = proxyActivities<CanaryActivities>({
  startToCloseTimeout: "2 minutes",
  heartbeatTimeout: "20 seconds",
  retry: { initialInterval: "1 second", maximumInterval: "30 seconds", maximumAttempts: 5 },
});

/** Has two tenants look for each other's marker; started by a schedule. @returns counts and names of ways only. */
export async function canary(): Promise<Awaited<ReturnType<typeof lookAcross>>> {
  return lookAcross();
}
