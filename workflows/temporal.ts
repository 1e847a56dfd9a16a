import type { Client } from "@temporalio/client";
import { ScheduleAlreadyRunning, ScheduleOverlapPolicy } from "@temporalio/client";
import { NativeConnection, Runtime, Worker } from "@temporalio/worker";
import type { Logger } from "pino";
import { untilItWorks } from "./backoff.ts";
import { dataConverter, obtainBundle } from "./bundle.ts";
import type { TemporalConfig } from "./config.ts";
import {
  canaryScheduleId,
  canaryWorkflowId,
  maintenanceScheduleId,
  maintenanceWorkflowId,
  workflowNames,
} from "./contract.ts";
import { reasonOf } from "./failures.ts";
import { temporalLog } from "./log.ts";
import { type TemporalPlace, temporalOptions } from "./temporal-tls.ts";

/** Once a process, before anything else of Temporal: its log goes into ours, and signals stay ours. */
export function installRuntime(log: Logger): void {
  Runtime.install({
    logger: temporalLog(log),
    shutdownSignals: [],
    telemetryOptions: {
      // Each call that is tried again would be a warning: readiness and the relay's metrics tell of that.
      logging: { filter: "ERROR,temporalio_sdk_core=WARN", forward: {} },
    },
  });
}

/** Connects as soon as Temporal answers. @throws the signal's reason. */
export function connect(place: TemporalPlace, log: Logger, signal: AbortSignal): Promise<NativeConnection> {
  const connectOnce = async () => NativeConnection.connect(await temporalOptions(place));
  return untilItWorks(connectOnce, {
    signal,
    onFailure: (error, backoffMs) =>
      log.warn({ code: codeOf(error), backoffMs }, "Temporal does not answer; trying again"),
  });
}

/** ECONNREFUSED, say, or what is wrong with a certificate. */
function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

/**
 * Runs a worker until `stop` aborts, then drains it: what runs has 10 s to finish, and is cancelled then.
 * A worker that ends by itself (Temporal lost its namespace, say) is started again.
 */
export async function runWorker(
  connection: NativeConnection,
  { temporalNamespace, taskQueue }: Pick<TemporalConfig, "temporalNamespace" | "taskQueue">,
  activities: object,
  options: { readonly log: Logger; readonly stop: AbortSignal; readonly onRunning: (worker: Worker) => void },
): Promise<void> {
  const { log, stop, onRunning } = options;
  const workflowBundle = await obtainBundle();
  const runOnce = async () => {
    const worker = await Worker.create({
      connection,
      namespace: temporalNamespace,
      taskQueue,
      workflowBundle,
      activities,
      dataConverter,
      maxConcurrentActivityTaskExecutions: 64,
      maxConcurrentWorkflowTaskExecutions: 16,
      workflowTaskPollerBehavior: { type: "simple-maximum", maximum: 3 },
      activityTaskPollerBehavior: { type: "simple-maximum", maximum: 2 },
      maxCachedWorkflows: 200,
      // What a killed worker had cached must soon go to another one.
      stickyQueueScheduleToStartTimeout: "3 seconds",
      maxHeartbeatThrottleInterval: "4 seconds",
      shutdownGraceTime: "10 seconds",
      shutdownForceTime: "20 seconds",
    });
    onRunning(worker);
    const drain = () => worker.shutdown();
    stop.addEventListener("abort", drain, { once: true });
    const running = worker.run();
    if (stop.aborted) drain();
    await running.finally(() => stop.removeEventListener("abort", drain));
    if (!stop.aborted) throw new Error("the Temporal worker ended by itself");
  };
  await untilItWorks(() => runOnce(), {
    signal: new AbortController().signal,
    onFailure: (error, backoffMs) => {
      log.error({ reason: reasonOf(error), backoffMs }, "the Temporal worker ended; starting it again");
    },
  });
}

/** A workflow that is started again and again. */
export interface Recurring {
  readonly scheduleId: string;
  readonly workflowType: string;
  /** Prefix of its runs. */
  readonly workflowId: string;
  readonly every: "5 minutes" | "10 minutes";
}

/** What each task queue has schedules for. */
export function recurringOf(taskQueue: string): readonly Recurring[] {
  return [
    {
      scheduleId: maintenanceScheduleId(taskQueue),
      workflowType: workflowNames.maintenance,
      workflowId: maintenanceWorkflowId(taskQueue),
      every: "10 minutes",
    },
    {
      scheduleId: canaryScheduleId(taskQueue),
      workflowType: workflowNames.canary,
      workflowId: canaryWorkflowId(taskQueue),
      every: "5 minutes",
    },
  ];
}

/** Sees to a schedule; one that exists is left as an operator set it. */
export async function ensureSchedule(
  client: Client,
  taskQueue: string,
  { scheduleId, workflowType, workflowId, every }: Recurring,
): Promise<void> {
  try {
    await client.withDeadline(Date.now() + 5_000, () =>
      client.schedule.create({
        scheduleId,
        spec: { intervals: [{ every }] },
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: "1 minute" },
        action: { type: "startWorkflow", workflowType, workflowId, taskQueue, args: [] },
      }),
    );
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
