import { randomUUID } from "node:crypto";
import type { Embedder } from "@mneme/core/embedding/embedder.ts";
import type { IndexGeneration } from "@mneme/core/search/memory-index.ts";
import { everyoneIn } from "@mneme/core/tenancy/placement.ts";
import { createIndexClient, type IndexClient } from "@mneme/opensearch/client.ts";
import { createGenerations, type Generations } from "@mneme/opensearch/generation.ts";
import { createMemoryIndex } from "@mneme/opensearch/index.ts";
import { putTemplate } from "@mneme/opensearch/template.ts";
import { createMaintenance } from "@mneme/postgres/maintenance.ts";
import { createReindexStore } from "@mneme/postgres/reindex-store.ts";
import { openTestRecord, type TestRecord } from "@mneme/postgres/testing/record.ts";
import { pino } from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { reindexWorkflowId, workflowNames } from "../contract.ts";
import { createMetrics } from "../metrics.ts";
import { createReindexActivities } from "../reindex/activities.ts";
import { isReindexing } from "../reindex/is-reindexing.ts";
import { NO_AGEING } from "../testing/no-ageing.ts";
import { openTestTemporal, type TestTemporal, until } from "../testing/temporal.ts";
import { untilCancelled } from "../testing/until-cancelled.ts";
import { createMaintenanceActivities } from "./activities.ts";

const OLD = { model: "old", dimension: 2 };
const NEW = { model: "new", dimension: 2 };
const pool = `test${randomUUID().replaceAll("-", "").slice(0, 12)}`;
const log = pino({ level: "silent" });
const metrics = createMetrics();

let record: TestRecord;
let temporal: TestTemporal;
let client: IndexClient;
let generations: Generations;

beforeAll(async () => {
  client = createIndexClient({ node: process.env.MNEME_OPENSEARCH_URL ?? "" });
  await putTemplate(client, { shards: 1 });
  generations = createGenerations({ client, pool, cacheMs: 100 });
  await generations.ensure(OLD);
  record = await openTestRecord("abandoned");
  temporal = await openTestTemporal();
});
afterAll(async () => {
  for (const { index } of await generations.list()) {
    await client.send({ method: "DELETE", path: `/${index}` });
  }
  await client?.[Symbol.asyncDispose]();
  await temporal?.[Symbol.asyncDispose]();
  await record?.[Symbol.asyncDispose]();
});

/** A reindex for the new model that comes as far as the swap, and no further; and maintenance. */
function activities(asked: () => Promise<unknown> = async () => undefined) {
  const embedder: Embedder = { ...NEW, embed: async (texts) => texts.map(() => new Float32Array([1, 0])) };
  const index = createMemoryIndex({ client, generations, model: NEW.model });
  const promote = (_: number, signal?: AbortSignal) => untilCancelled(signal);
  return {
    ...createReindexActivities({
      log,
      metrics,
      reindex: { store: createReindexStore(record.database, pool), index, embedder },
      generations: { ...generations, promote },
      placements: everyoneIn(pool),
      wanted: NEW,
    }),
    ...createMaintenanceActivities({
      log,
      metrics,
      maintenance: createMaintenance(record.database.pool),
      pools: async () => [generations],
      isReindexing: async () => {
        const runs = await isReindexing(temporal.client, pool, 0);
        await asked();
        return runs;
      },
      ageing: NO_AGEING,
    }),
  };
}

async function maintain(): Promise<void> {
  const { taskQueue } = temporal;
  const workflowId = `maintenance-${randomUUID()}`;
  await temporal.client.workflow.execute(workflowNames.maintenance, { workflowId, taskQueue });
}

const states = async () => (await generations.list()).map(({ generation, state }) => [generation, state]);

it("removes what a reindex left that was terminated, and nothing of one that runs", async () => {
  await using _worker = await temporal.startWorker(activities());
  const old = createMemoryIndex({ client, generations, model: OLD.model });
  const handle = await temporal.client.workflow.start(workflowNames.reindex, {
    workflowId: reindexWorkflowId(pool),
    taskQueue: temporal.taskQueue,
    args: [{}],
  });
  await until(async () => (await states()).some(([, state]) => state === "next"));
  generations.forget();
  await expect(old.requireModel(randomUUID())).rejects.toMatchObject({ reason: "DEPENDENCY_UNAVAILABLE" });
  await maintain();
  expect(await states()).toEqual([
    [1, "current"],
    [2, "next"],
  ]);
  await handle.terminate();
  expect(await isReindexing(temporal.client, pool)).toBe(true);
  await maintain();
  expect(await states()).toEqual([[1, "current"]]);
  await expect(old.requireModel(randomUUID())).resolves.toBeUndefined();
  await maintain();
  expect(await states()).toEqual([[1, "current"]]);
});

it("removes nothing that a reindex makes just now under the number of what one left", async () => {
  const left = await generations.build(NEW);
  let made: IndexGeneration | undefined;
  const begin = async () => {
    if (made) return;
    await generations.retire(left.generation);
    made = await generations.build(NEW);
  };
  await using _worker = await temporal.startWorker(activities(begin));
  await maintain();
  expect(made?.generation).toBe(left.generation);
  expect(await generations.list()).toContainEqual(made);
  await maintain();
  expect(await states()).toEqual([[1, "current"]]);
});
