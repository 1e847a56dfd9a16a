import type { AuditEvent } from "@mneme/core/audit/event.ts";
import { watchCrossings } from "@mneme/core/canary/watch-crossings.ts";
import { indexPending } from "@mneme/core/extraction/index-pending.ts";
import { ingestBatch } from "@mneme/core/extraction/ingest.ts";
import { type Canaries, canariesOf } from "@mneme/core/tenancy/canary-tenants.ts";
import { asNobody, asTenant } from "@mneme/core/tenancy/credential-tenant.ts";
import { createMemoryStore } from "@mneme/postgres/memory-store.ts";
import { createPool } from "@mneme/postgres/pool.ts";
import { testIngest } from "@mneme/postgres/testing/memories.ts";
import { pino } from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { canaryWorkflowId, workflowNames } from "../contract.ts";
import { createMetrics } from "../metrics.ts";
import { type IngestEngines, openIngestEngines } from "../testing/ingest-engines.ts";
import { openTestTemporal, type TestTemporal } from "../testing/temporal.ts";
import { createCanaryActivities } from "./activities.ts";
import { createCanaryWatch } from "./watch.ts";

let engines: IngestEngines;
let temporal: TestTemporal;
let canaries: Canaries;
const metrics = createMetrics();
const log = pino({ level: "silent" });

beforeAll(async () => {
  engines = await openIngestEngines();
  canaries = canariesOf(engines.generations.pool);
  temporal = await openTestTemporal();
});
afterAll(async () => {
  await temporal?.[Symbol.asyncDispose]();
  await engines?.[Symbol.asyncDispose]();
});

const watch = (broken: Partial<Parameters<typeof createCanaryWatch>[0]> = {}, index = engines.index) =>
  createCanaryWatch({ ...engines.record.database, ...broken }, index, engines.embedder, canaries);

/** One run of the workflow, as the schedule starts it. */
async function run(watching: ReturnType<typeof watch>) {
  await using _worker = await temporal.startWorker(createCanaryActivities({ log, metrics, watch: watching }));
  const { taskQueue } = temporal;
  return await temporal.client.workflow.execute(workflowNames.canary, {
    workflowId: `${canaryWorkflowId(taskQueue)}-${Date.now()}`,
    taskQueue,
  });
}

/** Works what was planted, as a worker does. */
async function work(): Promise<void> {
  const { record, index, embedder } = engines;
  const { rows } = await record.admin.query<{ tenant_id: string; bucket: number }>(
    "select distinct tenant_id, bucket from mneme.messages where state = 'pending'",
  );
  const deps = { ...testIngest(record), index, embedder };
  for (const { tenant_id: tenantId, bucket } of rows) {
    while ((await ingestBatch(deps, { tenantId, bucket }, { limit: 10, exclude: [] })).more);
    while ((await indexPending(deps, { tenantId, bucket }, 100)).more);
  }
  await index.refresh();
}

const alarms = async (way: string) =>
  (await metrics.canaryCrossings.get()).values.find(({ labels }) => labels.way === way)?.value ?? 0;
const audited = async () => {
  const { rows } = await engines.record.admin.query<{ tenant_id: string; event: AuditEvent }>(
    `select tenant_id, to_jsonb(e)::text as event from mneme.audit_inbox e where tenant_id = any ($1::uuid[])`,
    [canaries.map(({ tenantId }) => tenantId)],
  );
  return rows;
};

it("plants a marker with each canary once, and sees each find its own and not the other's", async () => {
  expect(await run(watch())).toEqual({ crossings: [], blind: 0, planted: 2 });
  expect(await run(watch())).toEqual({ crossings: [], blind: 0, planted: 2 });
  await work();
  expect(await run(watch())).toEqual({ crossings: [], blind: 0, planted: 0 });
  const { rows } = await engines.record.admin.query(
    "select from mneme.memories where tenant_id = any ($1::uuid[])",
    [canaries.map(({ tenantId }) => tenantId)],
  );
  expect(rows).toHaveLength(2);
  expect(await audited()).toEqual([]);
});

it("fires where the index lets one into the other's", async () => {
  const { index } = engines;
  const [first, second] = canaries;
  // An index that has lost its fences: whoever asks is answered from the other one's.
  const other = (tenantId: string) => (tenantId === first.tenantId ? second : first);
  const broken = {
    ...index,
    candidates: ((query, signal) => {
      const { tenantId, projectId } = other(query.filter.tenantId);
      const filter = { tenantId, projectId };
      return asNobody(() => index.candidates({ ...query, filter }, signal));
    }) as typeof index.candidates,
  };
  const report = await run(watch({}, broken as typeof index));
  // What the index lets through, the record still holds back: the whole search finds nothing of the other's.
  expect(report).toEqual({ crossings: ["index", "index"], blind: 2, planted: 0 });
  expect(await alarms("index")).toBe(2);
  const events = await audited();
  expect(new Set(events.map(({ tenant_id }) => tenant_id))).toEqual(
    new Set([first.tenantId, second.tenantId]),
  );
  expect(events.every(({ event }) => String(event).includes("canary/crossed_by_index"))).toBe(true);
  expect((await metrics.canaryBlind.get()).values[0]?.value).toBe(2);
});

it("fires where the record lets one into the other's", async () => {
  const { record } = engines;
  const url = record.admin.options.connectionString as string;
  const unfenced = createPool({ url, applicationName: "unfenced", max: 2 });
  try {
    const deps = {
      canaries,
      find: async () => [],
      index: engines.index,
      auditor: { note: async () => undefined },
      conversations: { accept: () => Promise.reject(new Error("nothing is to be planted")) },
    };
    // Row-level security gone, and a query that forgets the tenant.
    const store = createMemoryStore({ ...record.database, pool: unfenced });
    const both = canaries.map((tenancy) => (ids: readonly string[]) => store.get(tenancy, ids));
    const get: typeof store.get = async (_, ids) =>
      (await Promise.all(both.map((ask) => asNobody(() => ask(ids))))).flat();
    const report = await asTenant(canaries[0].tenantId, () =>
      asNobody(() => watchCrossings({ ...deps, memories: { list: store.list, get } })),
    );
    expect(report.crossings).toEqual(["record", "record"]);
  } finally {
    await unfenced.end();
  }
});
