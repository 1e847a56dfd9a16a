import { randomUUID } from "node:crypto";
import { ownPool } from "@mneme/core/tenancy/placement.ts";
import { listen } from "@mneme/postgres/listener.ts";
import { createOutbox, type Outbox } from "@mneme/postgres/outbox.ts";
import { createPool } from "@mneme/postgres/pool.ts";
import { openTestRecord, type TestRecord } from "@mneme/postgres/testing/record.ts";
import { Client, Connection } from "@temporalio/client";
import type pg from "pg";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { batchWorkflowId, ingestWorkflowId, moveWorkflowId } from "./contract.ts";
import { Desk } from "./ingest/desk.ts";
import { createMetrics } from "./metrics.ts";
import { type RelayOptions, startRelay } from "./relay.ts";
import { historyText, openTestTemporal, type TestTemporal, until } from "./testing/temporal.ts";

let record: TestRecord;
let temporal: TestTemporal;
let pool: pg.Pool;
let outbox: Outbox;
let running: AsyncDisposableStack;

beforeAll(async () => {
  record = await openTestRecord("relay");
  temporal = await openTestTemporal();
  pool = createPool({ url: record.urls.relay, applicationName: "relay test" });
  outbox = createOutbox(pool);
  running = new AsyncDisposableStack();
});
afterEach(async () => {
  await running.disposeAsync();
  running = new AsyncDisposableStack();
});
afterAll(async () => {
  await pool?.end();
  await record?.[Symbol.asyncDispose]();
  await temporal?.[Symbol.asyncDispose]();
});

function start(options: Partial<RelayOptions> = {}) {
  const metrics = createMetrics();
  const { client, taskQueue } = temporal;
  const log = pino({ level: "silent" });
  const relay = startRelay({ outbox, client, taskQueue, log, metrics, ...options });
  running.use(relay);
  return { relay, metrics };
}

/** Rows for the buckets of a tenant that nobody else has. */
async function insert(buckets: readonly number[]): Promise<string> {
  const tenantId = randomUUID();
  await record.admin.query(
    `insert into mneme.outbox (tenant_id, topic, key) select $1, 'ingest', unnest($2::text[])`,
    [tenantId, buckets.map(String)],
  );
  return tenantId;
}

const isEmpty = async () => (await outbox.backlog()).rows === 0;

async function signalsOf(tenantId: string, bucket: number): Promise<number> {
  const handle = temporal.client.workflow.getHandle(ingestWorkflowId(tenantId, bucket));
  const signals = (await historyText(handle)).match(/EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED/g);
  await handle.terminate();
  return signals?.length ?? 0;
}

it("makes one signal of all rows of a target, and deletes them", async () => {
  const tenantId = await insert([1, 2, 1, 1, 2]);
  start();
  await until(isEmpty);
  expect(await signalsOf(tenantId, 1)).toBe(1);
  expect(await signalsOf(tenantId, 2)).toBe(1);
});

it("tells Temporal whose tasks they are, so that tenants take turns", async () => {
  const tenantId = await insert([3]);
  start();
  await until(isEmpty);
  const handle = temporal.client.workflow.getHandle(ingestWorkflowId(tenantId, 3));
  expect((await handle.describe()).priority).toMatchObject({ fairnessKey: tenantId });
  await handle.terminate();
});

it("starts the move of a tenant to the pool that was asked for last, and drops one to what is no pool", async () => {
  const insertMoves = async (pools: readonly string[]) => {
    const tenantId = randomUUID();
    await record.admin.query(
      `insert into mneme.outbox (tenant_id, topic, key) select $1, 'move', unnest($2::text[])`,
      [tenantId, pools],
    );
    return tenantId;
  };
  const [tenantId, other] = [await insertMoves(["large", "own"]), await insertMoves(["Not a pool"])];
  start();
  await until(isEmpty);
  const handle = temporal.client.workflow.getHandle(moveWorkflowId(tenantId));
  const history = await historyText(handle);
  await handle.terminate();
  expect(history).toContain(ownPool(tenantId));
  expect(history).not.toContain("large");
  const dropped = temporal.client.workflow.getHandle(moveWorkflowId(other));
  await expect(dropped.describe()).rejects.toMatchObject({ name: "WorkflowNotFoundError" });
});

it("starts a batch's workflow, and another one not while that runs", async () => {
  const [tenantId, batchId] = [randomUUID(), randomUUID()];
  start();
  for (let i = 0; i < 2; i += 1) {
    const text = "insert into mneme.outbox (tenant_id, topic, key) values ($1, 'batch', $2)";
    await record.admin.query(text, [tenantId, batchId]);
    await until(isEmpty);
  }
  const handle = temporal.client.workflow.getHandle(batchWorkflowId(tenantId, batchId));
  const { events } = await handle.fetchHistory();
  expect(await historyText(handle)).toContain(batchId);
  await handle.terminate();
  expect(events?.filter(({ workflowExecutionStartedEventAttributes: started }) => started)).toHaveLength(1);
});

it("starts a forgotten move without a pool, and tells one that runs nothing", async () => {
  const tenantId = randomUUID();
  const handle = temporal.client.workflow.getHandle(moveWorkflowId(tenantId));
  const insertMove = async (key: string) => {
    const text = "insert into mneme.outbox (tenant_id, topic, key) values ($1, 'move', $2)";
    await record.admin.query(text, [tenantId, key]);
    await until(isEmpty);
  };
  start();
  await insertMove("");
  const begun = await handle.fetchHistory();
  await insertMove("large");
  await insertMove("");
  const { events } = await handle.fetchHistory();
  await handle.terminate();
  const signals = events?.flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => signal ?? []);
  expect(events?.at(0)).toEqual(begun.events?.at(0));
  expect(signals).toHaveLength(1);
});

it("is woken by a notice, also after its listening connection was cut", async () => {
  const { relay } = start({ pollMs: 600_000 });
  let listening = 0;
  running.use(
    listen({
      url: record.urls.relay,
      channel: "mneme_outbox",
      applicationName: "relay test listener",
      onNotice: relay.wake,
      onListening: () => {
        listening += 1;
        relay.wake();
      },
    }),
  );
  await until(() => listening === 1);
  await insert([4]);
  await until(isEmpty);
  await record.admin.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'relay test listener'",
  );
  await until(() => listening === 2);
  await insert([5]);
  await until(isEmpty);
});

it("keeps the rows while Temporal is away", async () => {
  const connection = Connection.lazy({ address: "127.0.0.1:1" });
  const tenantId = await insert([7]);
  const metrics = createMetrics();
  const failing = startRelay({
    outbox,
    client: new Client({ connection }),
    taskQueue: temporal.taskQueue,
    log: pino({ level: "silent" }),
    metrics,
  });
  const failures = async () => (await metrics.relayFailures.get()).values[0]?.value ?? 0;
  await until(async () => (await failures()) >= 1);
  expect((await outbox.backlog()).rows).toBe(1);
  await failing[Symbol.asyncDispose]();
  await connection.close();
  start();
  await until(isEmpty);
  expect(await signalsOf(tenantId, 7)).toBe(1);
});

it("lets several work side by side", async () => {
  const relays = [start({ pollMs: 50 }), start({ pollMs: 50 })];
  const tenants = await Promise.all(Array.from({ length: 10 }, () => insert([0, 1, 0, 1, 0, 1])));
  await until(isEmpty);
  for (const tenantId of tenants) {
    expect(await signalsOf(tenantId, 0)).toBeGreaterThan(0);
    expect(await signalsOf(tenantId, 1)).toBeGreaterThan(0);
  }
  for (const { metrics } of relays) expect((await metrics.relayFailures.get()).values[0]?.value).toBe(0);
});

it("leaves topics that it does not know where they are", async () => {
  const { rows } = await record.admin.query<{ id: string }>(
    `insert into mneme.outbox (tenant_id, topic, key) values ($1, 'unknown', '') returning id`,
    [randomUUID()],
  );
  start({ pollMs: 20 });
  await insert([3]);
  await until(async () => (await outbox.backlog()).rows === 1);
  await record.admin.query("delete from mneme.outbox where id = $1", [rows[0]?.id]);
});

it("hands rows to an activity of its own process instead of signalling", async () => {
  const desk = new Desk();
  const { metrics } = start({ desk, pollMs: 50 });
  const tenantId = randomUUID();
  const seat = desk.sit({ tenantId, bucket: 6 });
  const row = "insert into mneme.outbox (tenant_id, topic, key) values ($1, 'ingest', '6')";
  await record.admin.query(row, [tenantId]);
  await until(() => seat.hasWork);
  expect((await outbox.backlog()).rows).toBe(1);
  seat.look();
  seat.promise()();
  await until(isEmpty);
  const signals = async () => (await metrics.relaySignals.get()).values[0]?.value;
  expect(await signals()).toBe(0);

  await record.admin.query(row, [tenantId]);
  await until(() => seat.hasWork);
  seat[Symbol.dispose]();
  await until(isEmpty);
  expect(await signals()).toBe(1);
  expect(await signalsOf(tenantId, 6)).toBe(1);
});
