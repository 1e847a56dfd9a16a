import { createHash } from "node:crypto";
import type { ScheduleSpec } from "@temporalio/client";

/** When tenants' memories age; times of the day are UTC. */
export interface AgeingPlan {
  /** From one run of a tenant's to the next, milliseconds. */
  readonly everyMs: number;
  /** Behind midnight, milliseconds: the first tenants begin then. */
  readonly fromMs: number;
  /** Over which all tenants are spread from then on, milliseconds. */
  readonly withinMs: number;
}

const HOUR_MS = 3_600_000;
/** At random beside a tenant's own time, so that what changed with all of them at once is not done at once. */
const JITTER_MS = 300_000;

/** How far behind each multiple of `everyMs` since 1970 a tenant's run begins: always the same for the same tenant. */
export function offsetOf(tenantId: string, { everyMs, fromMs, withinMs }: AgeingPlan): number {
  const share = createHash("sha256").update(tenantId).digest().readUIntBE(0, 6) / 2 ** 48;
  return Math.floor(fromMs + share * Math.min(withinMs, everyMs)) % everyMs;
}

/** When a tenant's runs begin. */
export function specOf(tenantId: string, plan: AgeingPlan): ScheduleSpec {
  return {
    intervals: [{ every: plan.everyMs, offset: offsetOf(tenantId, plan) }],
    jitter: Math.min(JITTER_MS, plan.everyMs / 4),
  };
}

/** How late a run that an outage kept from beginning may still begin. */
export function catchUpOf({ everyMs }: AgeingPlan): number {
  return Math.min(6 * HOUR_MS, everyMs);
}

/** Tells plans apart, with the queue that their runs are for. */
export function planKey({ everyMs, fromMs, withinMs }: AgeingPlan, taskQueue: string): string {
  return [everyMs, fromMs, withinMs, taskQueue].join("/");
}
