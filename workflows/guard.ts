import { MnemeError } from "@mneme/core/errors.ts";
import { isOutage } from "@mneme/core/extraction/outage.ts";
import { Context } from "@temporalio/activity";
import type { Logger } from "pino";
import { reasonOf, toHistoryFailure } from "./failures.ts";
import type { WorkerMetrics } from "./metrics.ts";

/** What every activity stands on. */
export interface Guard {
  readonly log: Logger;
  readonly metrics: Pick<WorkerMetrics, "outages">;
}

/** Well inside the heartbeat time-outs that workflows set, the shortest being 6 s. */
const HEARTBEAT_MS = 1_500;

/**
 * Runs an activity's work: shows that it lives, hands on its cancellation, and lets only a reason out when
 * it fails.
 *
 * @param work gets the activity's signal, and what to say with each heartbeat.
 */
export async function guarded<T>(
  { log, metrics }: Guard,
  work: (signal: AbortSignal, note: (details: unknown) => void) => Promise<T>,
): Promise<T> {
  const context = Context.current();
  const { activityType, attempt, workflowExecution } = context.info;
  let details: unknown;
  const timer = setInterval(() => context.heartbeat(details), HEARTBEAT_MS);
  try {
    return await work(context.cancellationSignal, (latest) => {
      details = latest;
      context.heartbeat(details);
    });
  } catch (error) {
    context.cancellationSignal.throwIfAborted();
    if (isOutage(error)) metrics.outages.inc({ activity: activityType });
    const at = { activity: activityType, attempt, workflowId: workflowExecution?.workflowId };
    log.warn({ ...at, ...describe(error) }, "activity failed");
    throw toHistoryFailure(error);
  } finally {
    clearInterval(timer);
  }
}

/** An error as a log may hold it: what kind, where from, nothing of its words. */
export function describe(error: unknown): Record<string, unknown> {
  if (error instanceof MnemeError) return { reason: error.reason, kind: error.kind, ...error.metadata };
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  return { reason: reasonOf(error), name, code, at: whereFrom(error) };
}

function whereFrom(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [];
  const frames = (error.stack ?? "").slice(error.stack?.indexOf("\n    at ") ?? 0).split("\n");
  const here = frames.filter((line) => /^ {4}at .*:\d+:\d+\)?$/.test(line)).slice(0, 6);
  return here.map((line) => line.trim());
}
