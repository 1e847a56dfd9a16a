import { randomUUID } from "node:crypto";
import { Client, Connection } from "@temporalio/client";
import { afterAll, beforeAll, expect, it } from "vitest";

const namespace = process.env.MNEME_TEMPORAL_NAMESPACE ?? "mneme";

let connection: Connection;
beforeAll(async () => {
  connection = await Connection.connect({ address: process.env.MNEME_TEMPORAL_ADDRESS ?? "" });
});
afterAll(() => connection?.close());

it("hands a tenant's task out before the two hundred that another had waiting", async () => {
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
  const handed: string[] = [];
  const poll = async () => {
    const task = await connection.withDeadline(Date.now() + 30_000, () =>
      connection.workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name: taskQueue } }),
    );
    handed.push(task.workflowExecution?.workflowId?.split("/")[0] ?? "");
  };
  while (!handed.includes("quiet") && handed.length < 200) await poll();
  // Some were read into memory before the last one came.
  expect(handed.indexOf("quiet")).toBeLessThan(20);
}, 120_000);
