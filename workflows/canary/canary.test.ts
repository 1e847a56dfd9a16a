import { type CanaryDeps, watchCrossings } from "@mneme/core/canary/watch-crossings.ts";
import { indexPending } from "@mneme/core/extraction/index-pending.ts";
import { ingestBatch } from "@mneme/core/extraction/ingest.ts";
import type { MemoryIndex } from "@mneme/core/search/memory-index.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import { type Canaries, canariesOf } from "@mneme/core/tenancy/canary-tenants.ts";
import { asNobody } from "@mneme/core/tenancy/credential-tenant.ts";
import type { Database } from "@mneme/postgres/database.ts";
import { testIngest } from "@mneme/postgres/testing/memories.ts";
import { openUnfencedPool, withOpenKeys } from "@mneme/postgres/testing/unfenced.ts";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { canaryWorkflowId, workflowNames } from "../contract.ts";
import { createMetrics } from "../metrics.ts";
import { type IngestEngines, openIngestEngines } from "../testing/ingest-engines.ts";
import { openTestTemporal, type TestTemporal } from "../testing/temporal.ts";
import { type CanaryActivityDeps, createCanaryActivities } from "./activities.ts";
import { canaryDepsOf, createCanaryWatch } from "./watch.ts";

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

const watch = (index: Pick<MemoryIndex, "candidates"> = engines.index) =>
  createCanaryWatch(engines.record.database, index, engines.embedder, canaries);

/** One run of the workflow, as the schedule starts it. */
async function run(watching: CanaryActivityDeps["watch"]) {
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
  const { rows } = await engines.record.admin.query<{ tenant_id: string; action: string }>(
    "select tenant_id, action from mneme.audit_inbox where tenant_id = any ($1::uuid[])",
    [canaries.map(({ tenantId }) => tenantId)],
  );
  return rows;
};
/** By the metric, once for each that asked, and in both trails. */
async function expectTold(way: string): Promise<void> {
  expect(await alarms(way)).toBe(2);
  const told = (await audited()).filter(({ action }) => action === `canary/crossed_by_${way}`);
  expect(new Set(told.map(({ tenant_id }) => tenant_id))).toEqual(
    new Set(canaries.map(({ tenantId }) => tenantId)),
  );
}
/** Whose data is asked for by mistake. */
const other = ({ tenantId }: Pick<Tenancy, "tenantId">) =>
  tenantId === canaries[0].tenantId ? canaries[1] : canaries[0];

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

it("sees as well while the operator has suspended a canary: that ends credentials, and it has none", async () => {
  const { admin } = engines.record;
  const suspend = (state: string) =>
    admin.query("update mneme.tenants set state = $1 where id = $2", [state, canaries[0].tenantId]);
  await suspend("suspended");
  expect(await run(watch())).toEqual({ crossings: [], blind: 0, planted: 0 });
  await suspend("active");
});

it("fires where the index lets one into the other's", async () => {
  const { index } = engines;
  // An index that has lost its fences: whoever asks is answered from the other one's.
  const broken = {
    ...index,
    candidates: ((query, signal) => {
      const { tenantId, projectId } = other(query.filter);
      const filter = { tenantId, projectId };
      return asNobody(() => index.candidates({ ...query, filter }, signal));
    }) as typeof index.candidates,
  };
  const report = await run(watch(broken));
  // What the index lets through, the record still holds back: the whole search finds nothing of the other's.
  expect(report).toEqual({ crossings: ["index", "index"], blind: 2, planted: 0 });
  await expectTold("index");
  expect((await metrics.canaryBlind.get()).values[0]?.value).toBe(2);
});

describe("a handler that asks for the other tenant's data with its own credentials", () => {
  const depsOf = (database: Database, index: Pick<MemoryIndex, "candidates"> = engines.index) =>
    canaryDepsOf(database, index, engines.embedder, canaries);
  let fenced: Database;
  let unfenced: Database;

  beforeAll(() => {
    fenced = withOpenKeys(engines.record.database);
    unfenced = { ...fenced, pool: openUnfencedPool(engines.record) };
  });
  afterAll(() => unfenced?.pool.end());

  it("fires by the record, once its fence is down", async () => {
    const asking = (database: Database) => () => {
      const { memories } = depsOf(database);
      const get: typeof memories.get = (tenancy, ...rest) => memories.get(other(tenancy), ...rest);
      return watchCrossings({ ...depsOf(fenced), memories: { list: memories.list, get } });
    };
    expect(await run(asking(fenced))).toEqual({ crossings: [], blind: 0, planted: 0 });
    expect(await alarms("record")).toBe(0);
    expect(await run(asking(unfenced))).toEqual({ crossings: ["record", "record"], blind: 0, planted: 0 });
    await expectTold("record");
  });

  it("fires by the search, once all fences are down", async () => {
    const open: Pick<MemoryIndex, "candidates"> = {
      candidates: (query, signal) => asNobody(() => engines.index.candidates(query, signal)),
    };
    const asking = (deps: CanaryDeps) => () => {
      const find: typeof deps.find = (tenancy, ...rest) => deps.find(other(tenancy), ...rest);
      return watchCrossings({ ...depsOf(fenced), find });
    };
    // The record's fence hides even the other's settings, without which nobody searches.
    await expect(asking(depsOf(fenced, open))()).rejects.toThrow("a project that does not exist");
    // Neither finds its own, as it asks for the other's.
    expect(await run(asking(depsOf(unfenced)))).toEqual({ crossings: [], blind: 2, planted: 0 });
    expect(await alarms("search")).toBe(0);
    const crossed = { crossings: ["search", "search"], blind: 2, planted: 0 };
    expect(await run(asking(depsOf(unfenced, open)))).toEqual(crossed);
    await expectTold("search");
  });
});
