import { randomUUID } from "node:crypto";
import { MnemeError } from "@mneme/core/errors.ts";
import { ownPool } from "@mneme/core/tenancy/placement.ts";
import { createTenantMoves } from "@mneme/opensearch/tenant-moves.ts";
import { createReindexStore } from "@mneme/postgres/reindex-store.ts";
import { pino } from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { MoveProgress } from "../contract.ts";
import { createMetrics } from "../metrics.ts";
import { createReindexActivities } from "../reindex/activities.ts";
import { type IngestEngines, openIngestEngines } from "../testing/ingest-engines.ts";
import { openTestTemporal, until } from "../testing/temporal.ts";
import { untilCancelled } from "../testing/until-cancelled.ts";
import { createMoveActivities, type MoveActivityDeps } from "./activities.ts";
import { Hammer } from "./hammer-testing.ts";
import { Tenant } from "./move-testing.ts";
import { startMove } from "./start-move.ts";

const CACHE_MS = 200;
const log = pino({ level: "silent" });

let engines: IngestEngines;
let home: string;
beforeAll(async () => {
  engines = await openIngestEngines({ cacheMs: CACHE_MS });
  home = engines.generations.pool;
});
afterAll(async () => {
  await engines?.[Symbol.asyncDispose]();
});

/** One more shared pool, as a move makes it. */
async function newPool(): Promise<string> {
  const name = `test${randomUUID().replaceAll("-", "").slice(0, 12)}`;
  const { model, dimension } = engines.embedder;
  await engines.generations.ofPool(name).ensure({ model, dimension });
  return name;
}

async function newTenant(texts: readonly string[] = []): Promise<Tenant> {
  const tenant = new Tenant(engines, await engines.record.provision("moved"));
  if (texts.length > 0) await tenant.add(texts);
  return tenant;
}

function depsOf(changes: Partial<MoveActivityDeps> = {}): MoveActivityDeps {
  const { record, client, generations, placements, index, embedder } = engines;
  return {
    log,
    metrics: createMetrics(),
    placements,
    generations,
    moves: createTenantMoves({ client, generations }),
    wanted: { model: embedder.model, dimension: embedder.dimension },
    reindex: { store: createReindexStore(record.database, home), index, embedder },
    cacheMs: CACHE_MS,
    pageSize: 20,
    ...changes,
  };
}

/** A task queue of its own, and who works on it. */
async function openQueue(changes?: Partial<MoveActivityDeps>) {
  const temporal = await openTestTemporal();
  const startWorker = (changed?: Partial<MoveActivityDeps>) => {
    const deps = depsOf(changed);
    const { reindex, generations, wanted, metrics } = deps;
    const others = createReindexActivities({ log, metrics, reindex, generations, wanted, pageSize: 20 });
    return temporal.startWorker({ ...others, ...createMoveActivities(deps) });
  };
  let worker = await startWorker(changes);
  const start = (tenant: Tenant, pool: string) =>
    startMove(temporal.client, tenant.id, pool, { taskQueue: temporal.taskQueue, graceMs: 100 });
  return {
    temporal,
    start,
    moveTo: async (tenant: Tenant, pool: string): Promise<MoveProgress> =>
      (await start(tenant, pool)).result(),
    /** Stops the worker, and starts another one. */
    async replaceWorker() {
      await worker[Symbol.asyncDispose]();
      worker = await startWorker();
    },
    async [Symbol.asyncDispose]() {
      await worker[Symbol.asyncDispose]();
      await temporal[Symbol.asyncDispose]();
    },
  };
}

const numbered = (count: number) =>
  Array.from({ length: count }, (_, i) => `Chair number ${i} stands in the hall.`);

it.concurrent("moves to an index of the tenant's own and back while it and a neighbour are read and written", async () => {
  const [moved, neighbour] = [await newTenant(numbered(90)), await newTenant(numbered(30))];
  const hammers = await Promise.all([Hammer.begin(moved), Hammer.begin(neighbour)]);
  await using queue = await openQueue();
  const there = await queue.moveTo(moved, "own");
  expect(there).toMatchObject({ phase: "done", to: ownPool(moved.id), refused: 0, embedded: 0 });
  expect(there.removed).toBeGreaterThanOrEqual(90);
  expect(await engines.placements.find(moved.id)).toMatchObject({ pool: ownPool(moved.id) });
  const back = await queue.moveTo(moved, home);
  expect(back).toMatchObject({ phase: "done", to: home, refused: 0, embedded: 0, removed: 0 });
  for (const hammer of hammers) {
    const report = await hammer.end();
    expect(report.faults).toEqual([]);
    expect(Math.min(report.searches, report.adds, report.updates, report.deletes)).toBeGreaterThan(3);
  }
  const counts = Object.entries(await moved.counts()).filter(([, documents]) => documents > 0);
  expect(counts).toEqual([[home, await moved.versions()]]);
  expect(await neighbour.counts()).toMatchObject({ [home]: await neighbour.versions() });
  expect(await engines.generations.ofPool(ownPool(moved.id)).list()).toEqual([]);
  expect(await engines.placements.find(moved.id)).toMatchObject({ pool: home, leaving: undefined });
}, 180_000);

it.concurrent("goes between shared pools, again and again, and leaves nothing behind", async () => {
  const tenant = await newTenant(numbered(50));
  const other = await newPool();
  await using queue = await openQueue();
  for (const pool of [other, home]) {
    expect(await queue.moveTo(tenant, pool)).toMatchObject({ phase: "done", written: 50, removed: 50 });
    const counts = await tenant.counts();
    expect(counts[pool]).toBe(50);
    expect(Object.values(counts).reduce((sum, each) => sum + each)).toBe(50);
    expect(await tenant.search("Chair number 7 stands in the hall.")).not.toEqual([]);
  }
  expect(await queue.moveTo(tenant, home)).toMatchObject({ phase: "done", written: 0, removed: 0 });
}, 120_000);

it.concurrent("goes on where it was, whichever step failed half way", async () => {
  const tenant = await newTenant(numbered(90));
  const pool = await newPool();
  const { placements, moves, reindex } = depsOf();
  const failed = new Set<string>();
  /** Does the step, and fails once as if the worker had died before it could say so. */
  const dying =
    <Args extends unknown[], R>(name: string, step: (...args: Args) => Promise<R>) =>
    async (...args: Args): Promise<R> => {
      const result = await step(...args);
      if (failed.has(name)) return result;
      failed.add(name);
      throw new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", "died");
    };
  await using queue = await openQueue({
    placements: {
      ...placements,
      begin: dying("begin", placements.begin),
      settle: dying("settle", placements.settle),
      left: dying("left", placements.left),
    },
    moves: { ...moves, swap: dying("swap", moves.swap), remove: dying("remove", moves.remove) },
    reindex: {
      ...reindex,
      index: { ...reindex.index, writeTo: dying("writeTo", reindex.index.writeTo) },
      store: { ...reindex.store, countIndexed: dying("countIndexed", reindex.store.countIndexed) },
    },
  });
  expect(await queue.moveTo(tenant, pool)).toMatchObject({ phase: "done", to: pool });
  expect([...failed].sort()).toEqual([
    "begin",
    "countIndexed",
    "left",
    "remove",
    "settle",
    "swap",
    "writeTo",
  ]);
  expect(await tenant.counts()).toMatchObject({ [home]: 0, [pool]: 90 });
  expect(await engines.placements.find(tenant.id)).toMatchObject({
    pool,
    movingTo: undefined,
    leaving: undefined,
  });
}, 120_000);

it.concurrent("goes on with another worker where one was stopped in the middle of a copy", async () => {
  const tenant = await newTenant(numbered(60));
  const pool = await newPool();
  const { reindex } = depsOf();
  let pages = 0;
  const page: typeof reindex.store.page = async (tenantId, range, signal) => {
    pages += 1;
    return pages === 2 ? untilCancelled(signal) : reindex.store.page(tenantId, range, signal);
  };
  await using queue = await openQueue({ reindex: { ...reindex, store: { ...reindex.store, page } } });
  const handle = await queue.start(tenant, pool);
  await until(() => pages === 2);
  await queue.replaceWorker();
  expect(await handle.result()).toMatchObject({ phase: "done", written: 60 });
  expect(await tenant.counts()).toMatchObject({ [home]: 0, [pool]: 60 });
}, 120_000);

it.concurrent("leaves the tenant where it was, and nothing where it was going to, when it is cancelled", async () => {
  const tenant = await newTenant(numbered(60));
  const { reindex } = depsOf();
  let pages = 0;
  const page: typeof reindex.store.page = async (tenantId, range, signal) => {
    pages += 1;
    return pages === 2 ? untilCancelled(signal) : reindex.store.page(tenantId, range, signal);
  };
  await using queue = await openQueue({ reindex: { ...reindex, store: { ...reindex.store, page } } });
  for (const pool of [await newPool(), "own"]) {
    pages = 0;
    const handle = await queue.start(tenant, pool);
    await until(() => pages === 2);
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: "CancelledFailure" } });
    const counts = Object.entries(await tenant.counts()).filter(([, documents]) => documents > 0);
    expect(counts).toEqual([[home, 60]]);
    const placed = { pool: home, movingTo: undefined, leaving: undefined };
    expect(await engines.placements.find(tenant.id)).toMatchObject(placed);
    expect(await tenant.search("Chair number 7 stands in the hall.")).not.toEqual([]);
  }
  expect(await engines.generations.ofPool(ownPool(tenant.id)).list()).toEqual([]);
  // What was given up can be asked for again: nothing of it is refused now.
  pages = 2;
  expect(await queue.moveTo(tenant, "own")).toMatchObject({ phase: "done", written: 60 });
}, 120_000);
