import { randomUUID } from "node:crypto";
import { Client, type WorkflowHandle } from "@temporalio/client";
import type { DataConverter } from "@temporalio/common";
import { NativeConnection, Worker } from "@temporalio/worker";
import { pino } from "pino";
import { dataConverter, obtainBundle } from "../bundle.ts";
import { installRuntime } from "../temporal.ts";

/** Temporal as a suite uses it: a task queue of its own on the runner's server; what still runs on it ends with it. */
export interface TestTemporal extends AsyncDisposable {
  readonly client: Client;
  readonly taskQueue: string;
  /** Runs a worker for these activities until it is disposed. */
  startWorker(activities: object, converter?: DataConverter): Promise<AsyncDisposable>;
}

const IDENTITY = "test";

let installed = false;

/**
 * @param taskQueue of another one, whose workers then share it: a connection has one worker a queue.
 * @throws Error without MNEME_TEMPORAL_ADDRESS.
 */
export async function openTestTemporal(taskQueue = `test-${randomUUID()}`): Promise<TestTemporal> {
  const address = process.env.MNEME_TEMPORAL_ADDRESS;
  if (!address) {
    throw new Error(
      "These tests run on a real Temporal: run them with `npm test`, or set MNEME_TEMPORAL_ADDRESS and MNEME_TEMPORAL_NAMESPACE.",
    );
  }
  if (!installed) installRuntime(pino({ level: "silent" }));
  installed = true;
  const namespace = process.env.MNEME_TEMPORAL_NAMESPACE || "default";
  const connection = await NativeConnection.connect({ address });
  const client = new Client({ connection, namespace, dataConverter, identity: IDENTITY });
  return {
    client,
    taskQueue,
    async startWorker(activities, converter = dataConverter) {
      const worker = await Worker.create({
        connection,
        namespace,
        taskQueue,
        activities,
        dataConverter: converter,
        workflowBundle: await obtainBundle(),
        // A recorded history then names no machine.
        identity: IDENTITY,
        stickyQueueScheduleToStartTimeout: "1 second",
        shutdownGraceTime: "1 second",
        shutdownForceTime: "5 seconds",
      });
      const running = worker.run();
      return {
        async [Symbol.asyncDispose]() {
          worker.shutdown();
          await running;
        },
      };
    },
    async [Symbol.asyncDispose]() {
      const query = `TaskQueue = "${taskQueue}" and ExecutionStatus = "Running"`;
      for await (const { workflowId } of client.workflow.list({ query })) {
        // Ended since it was listed: just as well.
        await client.workflow
          .getHandle(workflowId)
          .terminate()
          .catch(() => undefined);
      }
      await connection.close();
    },
  };
}

/** A run's whole history as JSON text, payloads decoded. */
export async function historyText(handle: WorkflowHandle): Promise<string> {
  const { events } = await handle.fetchHistory();
  const plain = (key: string, value: unknown) =>
    key === "data" && typeof value === "string" ? Buffer.from(value, "base64").toString("utf8") : value;
  return JSON.stringify(JSON.parse(JSON.stringify(events)), plain);
}

/** Asks until it is so. */
export async function until(isSo: () => boolean | Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error("it did not come true in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
