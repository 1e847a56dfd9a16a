import { randomUUID } from "node:crypto";
import { Client, Connection } from "@temporalio/client";
import { temporal } from "@temporalio/proto";
import { afterAll, beforeAll, expect, it, vi } from "vitest";

const namespace = process.env.MNEME_TEMPORAL_NAMESPACE ?? "mneme";

let connection: Connection;
beforeAll(async () => {
  connection = await Connection.connect({ address: process.env.MNEME_TEMPORAL_ADDRESS ?? "" });
});
afterAll(() => connection?.close());

async function waiting(name: string): Promise<number | undefined> {
  const { stats } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name },
    taskQueueType: temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    reportStats: true,
  });
  return stats?.approximateBacklogCount?.toNumber();
}

/** Fills a queue for one tenant, then adds a task of another. @returns how many were handed out before that one. */
async function placeOfQuiet(): Promise<number> {
  const taskQueue = `fair-${randomUUID()}`;
  const client = new Client({ connection, namespace });
  const begin = (tenant: string) =>
    client.workflow.signalWithStart("ingest", {
      workflowId: `${tenant}/${randomUUID()}`,
      taskQueue,
      args: [],
      signal: "wake",
      priority: { fairnessKey: tenant },
      workflowExecutionTimeout: "2 minutes",
    });
  await Promise.all(Array.from({ length: 200 }, () => begin("noisy")));
  await begin("quiet");
  // Temporal hands them on to the queue later: what a poll meets on its way there waits in no line.
  await vi.waitFor(async () => expect(await waiting(taskQueue)).toBe(201), {
    timeout: 50_000,
    interval: 250,
  });
  for (let place = 0; ; place += 1) {
    const task = await connection.withDeadline(Date.now() + 30_000, () =>
      connection.workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name: taskQueue } }),
    );
    if (task.workflowExecution?.workflowId?.startsWith("quiet/")) return place;
  }
}

it("hands a tenant's task out before most of the two hundred that another had waiting", async () => {
  // Some are read into memory before the last one comes, how many is chance: without fairness it is about half of them.
  const places = [];
  for (let round = 0; round < 3; round += 1) places.push(await placeOfQuiet());
  expect(places.sort((a, b) => a - b)[1]).toBeLessThan(40);
}, 180_000);
