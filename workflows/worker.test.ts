import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { installedModelDir } from "@mneme/models/testing/model-dir.ts";
import { createIndexClient } from "@mneme/opensearch/client.ts";
import { createGenerations } from "@mneme/opensearch/generation.ts";
import { createConversationStore } from "@mneme/postgres/conversation-store.ts";
import { openTestRecord, type TestRecord } from "@mneme/postgres/testing/record.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ingestWorkflowId, maintenanceScheduleId } from "./contract.ts";
import { historyText, openTestTemporal, type TestTemporal, until } from "./testing/temporal.ts";

const MAIN = fileURLToPath(new URL("./worker.ts", import.meta.url));
const PLANTED = ["Rosalind", "otters", "rosalind@example.org"];

let record: TestRecord;
let temporal: TestTemporal;
let worker: ChildProcess;
let output = "";
let url: string;
const pool = `test${randomUUID().replaceAll("-", "").slice(0, 12)}`;
const opensearchUrl = process.env.MNEME_OPENSEARCH_URL ?? "";

beforeAll(async () => {
  record = await openTestRecord("worker");
  temporal = await openTestTemporal();
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  worker = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env.PATH,
      MNEME_DATABASE_URL: record.urls.app,
      MNEME_RELAY_DATABASE_URL: record.urls.relay,
      MNEME_KEYS_DATABASE_URL: record.urls.keys,
      MNEME_MASTER_KEY_FILE: record.masterKeyFile,
      MNEME_OPENSEARCH_URL: opensearchUrl,
      MNEME_INDEX_POOL: pool,
      MNEME_TEMPORAL_ADDRESS: process.env.MNEME_TEMPORAL_ADDRESS,
      MNEME_TEMPORAL_NAMESPACE: process.env.MNEME_TEMPORAL_NAMESPACE,
      MNEME_TASK_QUEUE: temporal.taskQueue,
      MNEME_MODEL_DIR: installedModelDir(),
      MNEME_METRICS_PORT: String(port),
      MNEME_LOG_LEVEL: "debug",
    },
  });
  for (const stream of [worker.stdout, worker.stderr]) stream?.on("data", (data) => (output += data));
  const ready = () =>
    fetch(`${url}/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  await until(ready, 90_000);
});
afterAll(async () => {
  worker?.kill("SIGKILL");
  await temporal?.client.schedule.getHandle(maintenanceScheduleId(temporal.taskQueue)).delete();
  await temporal?.[Symbol.asyncDispose]();
  await record?.[Symbol.asyncDispose]();
  await using client = createIndexClient({ node: opensearchUrl });
  for (const { index } of await createGenerations({ client, pool }).list()) {
    await client.send({ method: "DELETE", path: `/${index}` });
  }
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || !address) throw new Error("no port");
  return address.port;
}

async function isSearchable(extractionId: string): Promise<boolean> {
  const { rows } = await record.admin.query<{ state: string }>(
    "select state from mneme.extractions where id = $1",
    [extractionId],
  );
  return rows[0]?.state === "searchable";
}

it("makes an add searchable, and says nothing of what it was about", async () => {
  const { extraction } = await createConversationStore(record.database).accept(record.tenant, {
    scope: { userId: "rosalind@example.org", sessionId: "first" },
    items: [
      {
        type: "turn",
        message: {
          role: "user",
          name: "Rosalind",
          text: "I keep two otters in a pond behind my house in Bergen.",
          toolCalls: [],
          toolCallId: undefined,
          sentAt: new Date(),
        },
      },
    ],
    metadata: {},
    request: { rpc: "AddMessages", requestId: randomUUID(), body: Buffer.from("") },
  });
  await until(() => isSearchable(extraction.id));
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toMatch(/^mneme_ingest_messages_total 1$/m);
  expect(metrics).toMatch(/^mneme_ingest_searchable_lag_seconds_count 1$/m);
  expect(metrics).toMatch(/^mneme_outbox_rows \d/m);

  const { rows } = await record.admin.query<{ bucket: number }>("select bucket from mneme.streams");
  const workflowId = ingestWorkflowId(record.tenant.tenantId, rows[0]?.bucket ?? -1);
  const handle = temporal.client.workflow.getHandle(workflowId);
  await handle.result();
  const told = `${output}${metrics}${await historyText(handle)}`;
  expect(PLANTED.filter((word) => told.includes(word))).toEqual([]);
});

it("sees to the maintenance schedule", async () => {
  const { scheduleId } = temporal.client.schedule.getHandle(maintenanceScheduleId(temporal.taskQueue));
  await until(async () =>
    temporal.client.schedule
      .getHandle(scheduleId)
      .describe()
      .then(
        () => true,
        () => false,
      ),
  );
});

it("drains when it is asked to stop", async () => {
  const ended = once(worker, "exit");
  worker.kill("SIGTERM");
  expect((await ended)[0]).toBe(0);
  expect(output).toContain("worker drained");
});

/** Beside the record's own, with which it goes. */
async function newMasterKey(): Promise<string> {
  const file = `${record.masterKeyFile}.other`;
  await writeFile(file, randomBytes(32).toString("hex"));
  return file;
}

it.each([
  ["a master key that is not there", async () => "/nowhere/master.key", /\/nowhere\/master\.key/],
  [
    "a master key that is not the one",
    newMasterKey,
    /^the settings.*\n.*MNEME_MASTER_KEY_FILE does not open the keys/,
  ],
])("ends with a line that says why with %s", async (_, masterKeyFile, why) => {
  const ending = spawn(process.execPath, [MAIN], {
    env: {
      MNEME_DATABASE_URL: record.urls.app,
      MNEME_RELAY_DATABASE_URL: record.urls.relay,
      MNEME_KEYS_DATABASE_URL: record.urls.keys,
      MNEME_MASTER_KEY_FILE: await masterKeyFile(),
      MNEME_OPENSEARCH_URL: opensearchUrl,
      MNEME_MODEL_DIR: installedModelDir(),
      MNEME_METRICS_PORT: String(await freePort()),
    },
  });
  let written = "";
  ending.stdout.on("data", (data) => (written += data));
  expect((await once(ending, "close"))[0]).toBe(1);
  const last = JSON.parse(written.trimEnd().split("\n").at(-1) ?? "");
  expect(last).toMatchObject({ level: "fatal", process: "worker" });
  expect(last.why).toMatch(why);
});
