import { randomUUID } from "node:crypto";
import { MnemeError } from "@mneme/core/errors.ts";
import type { IndexGeneration } from "@mneme/core/search/memory-index.ts";
import { ownPool } from "@mneme/core/tenancy/placement.ts";
import { rebrand } from "@mneme/opensearch/index-testing.ts";
import { SCHEMA_VERSION } from "@mneme/opensearch/template.ts";
import { tenantAlias } from "@mneme/opensearch/tenant-alias.ts";
import { createTenantMoves } from "@mneme/opensearch/tenant-moves.ts";
import { want } from "@mneme/postgres/placements.ts";
import { withTenant } from "@mneme/postgres/pool.ts";
import { createReindexStore } from "@mneme/postgres/reindex-store.ts";
import type { WorkflowHandle } from "@temporalio/client";
import { pino } from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type MoveProgress, moveWorkflowId, reindexWorkflowId, workflowNames } from "../contract.ts";
import { createMetrics } from "../metrics.ts";
import { createReindexActivities } from "../reindex/activities.ts";
import { type BroughtKeys, openBroughtKeys } from "../testing/brought-key.ts";
import { type IngestEngines, openIngestEngines } from "../testing/ingest-engines.ts";
import { openTestTemporal, until } from "../testing/temporal.ts";
import { untilCancelled } from "../testing/until-cancelled.ts";
import { createMoveActivities, type MoveActivityDeps } from "./activities.ts";
import { Hammer } from "./hammer-testing.ts";
import { Tenant } from "./move-testing.ts";
import { resumeMove, startMove } from "./start-move.ts";

const CACHE_MS = 200;
const log = pino({ level: "silent" });

let engines: IngestEngines;
let home: string;
/** Those that tests made: who lists tenants' pools does not find one that all have left. */
const pools: string[] = [];
beforeAll(async () => {
  engines = await openIngestEngines({ cacheMs: CACHE_MS });
  home = engines.generations.pool;
});
afterAll(async () => {
  for (const { index } of await engines.generations.listAll(pools)) {
    await engines.client.send({ method: "DELETE", path: `/${index}` });
  }
  await engines?.[Symbol.asyncDispose]();
});

/** One more shared pool, as a move makes it. */
async function newPool(): Promise<string> {
  const name = `test${randomUUID().replaceAll("-", "").slice(0, 12)}`;
  const { model, dimension } = engines.embedder;
  await engines.generations.ofPool(name).ensure({ model, dimension });
  pools.push(name);
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
    const others = createReindexActivities({ ...deps, log, pageSize: 20 });
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
    reindex: (pool: string) =>
      temporal.client.workflow.start(workflowNames.reindex, {
        workflowId: reindexWorkflowId(pool),
        taskQueue: temporal.taskQueue,
        args: [{ pool, graceMs: 100 }],
      }),
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

it("moves to an index of the tenant's own and back while it and a neighbour are read and written", async () => {
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

it.concurrent.each(["a shared pool", "an index of its own"])(
  "leaves the tenant where it was, and nothing in %s where it was going to, when it is cancelled",
  async (kind) => {
    const tenant = await newTenant(numbered(60));
    const pool = kind === "a shared pool" ? await newPool() : "own";
    const { reindex } = depsOf();
    let pages = 0;
    const page: typeof reindex.store.page = async (tenantId, range, signal) => {
      pages += 1;
      return pages === 2 ? untilCancelled(signal) : reindex.store.page(tenantId, range, signal);
    };
    await using queue = await openQueue({ reindex: { ...reindex, store: { ...reindex.store, page } } });
    const handle = await queue.start(tenant, pool);
    await until(() => pages === 2);
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: "CancelledFailure" } });
    const counts = Object.entries(await tenant.counts()).filter(([, documents]) => documents > 0);
    expect(counts).toEqual([[home, 60]]);
    const placed = { pool: home, movingTo: undefined, leaving: undefined };
    expect(await engines.placements.find(tenant.id)).toMatchObject(placed);
    expect(await tenant.search("Chair number 7 stands in the hall.")).not.toEqual([]);
    expect(await engines.generations.ofPool(ownPool(tenant.id)).list()).toEqual([]);
    // What was given up can be asked for again: nothing of it is refused now.
    expect(await queue.moveTo(tenant, pool)).toMatchObject({ phase: "done", written: 60 });
  },
  120_000,
);

it.concurrent("waits for a reindex of either pool, and a reindex waits for it", async () => {
  const both = [await newPool(), await newPool()] as const;
  const [from, to] = both;
  const tenant = await newTenant();
  await engines.record.admin.query("insert into mneme.tenant_placements (tenant_id, pool) values ($1, $2)", [
    tenant.id,
    from,
  ]);
  await tenant.add(numbered(10));
  const copying = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const { reindex } = depsOf();
  const page: typeof reindex.store.page = async (...args) => {
    copying.resolve();
    await released.promise;
    return reindex.store.page(...args);
  };
  await using queue = await openQueue({ reindex: { ...reindex, store: { ...reindex.store, page } } });

  const { model, dimension } = engines.embedder;
  const reindexed = both.map((pool) => engines.generations.ofPool(pool));
  for (const each of reindexed) await each.build({ model, dimension });
  const handle = await queue.start(tenant, to);
  for (const each of reindexed) {
    await until(async () => (await failureOf(handle)) === "POOL_REINDEXING");
    await each.retire(2);
  }
  await copying.promise;

  const reindexes = await Promise.all(both.map((pool) => queue.reindex(pool)));
  for (const each of reindexes) await until(async () => (await failureOf(each)) === "TENANT_MOVING");
  for (const each of reindexed) expect(await each.list()).toHaveLength(1);
  released.resolve();
  expect(await handle.result()).toMatchObject({ phase: "done", written: 10 });
  const [ofFrom, ofTo] = await Promise.all(reindexes.map((each) => each.result()));
  expect(ofFrom).toMatchObject({ phase: "done", generation: 2, written: 0 });
  expect(ofTo).toMatchObject({ phase: "done", generation: 2, written: 10 });
  expect((await tenant.counts())[to]).toBe(10);
}, 120_000);

it.concurrent("embeds anew what another model embedded", async () => {
  const tenant = await newTenant(numbered(30));
  await engines.record.admin.query(
    "update mneme.memory_versions set embedding_model = 'older' where tenant_id = $1 and memory_id = any ($2)",
    [tenant.id, (await tenant.memoryIds()).slice(0, 12)],
  );
  await using queue = await openQueue();
  expect(await queue.moveTo(tenant, "own")).toMatchObject({ phase: "done", written: 30, embedded: 12 });
  expect(await tenant.search("Chair number 7 stands in the hall.")).not.toEqual([]);
}, 120_000);

it.concurrent("goes on to where it was asked to go meanwhile", async () => {
  const tenant = await newTenant(numbered(20));
  await using queue = await openQueue();
  const first = await queue.start(tenant, "own");
  const second = await queue.start(tenant, home);
  expect(second.signaledRunId).toBe(first.signaledRunId);
  expect(await second.result()).toMatchObject({ phase: "done", to: home });
  expect(await engines.placements.find(tenant.id)).toMatchObject({ pool: home });
}, 120_000);

it.concurrent("goes on to where it was asked to go meanwhile, though where it went first does not take it", async () => {
  const tenant = await newTenant(numbered(20));
  const [unfit, wanted] = [await newPool(), await newPool()];
  const [generation] = await engines.generations.ofPool(unfit).list();
  await rebrand(engines.client, generation as IndexGeneration, SCHEMA_VERSION - 1);
  const { generations } = depsOf();
  const asked = Promise.withResolvers<void>();
  const ofPool: typeof generations.ofPool = (pool) => {
    const of = generations.ofPool(pool);
    const list = async (signal?: AbortSignal) => {
      await asked.promise;
      return of.list(signal);
    };
    return { ...of, list };
  };
  await using queue = await openQueue({ generations: { ...generations, ofPool } });
  await queue.start(tenant, unfit);
  const second = await queue.start(tenant, wanted);
  asked.resolve();
  expect(await second.result()).toMatchObject({ phase: "done", to: wanted, written: 20 });
  expect(await engines.placements.find(tenant.id)).toMatchObject({ pool: wanted, leaving: undefined });
}, 120_000);

it.concurrent("goes on to what was asked for last where it was terminated and forgotten", async () => {
  const tenant = await newTenant(numbered(20));
  const [first, last] = [await newPool(), await newPool()];
  const ask = (pool: string) =>
    withTenant(engines.record.database.pool, tenant.id, (client) => want(client, tenant.id, pool, home));
  const { reindex } = depsOf();
  const copying = Promise.withResolvers<void>();
  const page: typeof reindex.store.page = async (tenantId, range, signal) => {
    if ((await engines.placements.find(tenantId)).movingTo !== first) {
      return reindex.store.page(tenantId, range, signal);
    }
    copying.resolve();
    return untilCancelled(signal);
  };
  await using queue = await openQueue({ reindex: { ...reindex, store: { ...reindex.store, page } } });
  await ask(first);
  const handle = await queue.start(tenant, first);
  await copying.promise;
  await ask(last);
  await handle.terminate();
  const resumed = await resumeMove(queue.temporal.client, tenant.id, queue.temporal);
  expect(await resumed.result()).toMatchObject({ phase: "done", to: last, written: 20 });
  const placed = { pool: last, movingTo: undefined, leaving: undefined, wanted: undefined };
  expect(await engines.placements.find(tenant.id)).toEqual({ tenantId: tenant.id, ...placed });
}, 120_000);

it.concurrent.each([
  ["before the record says that it is elsewhere", 1],
  ["afterwards, and died before it looked again", 2],
])(
  "takes back the first alias of a writer that gave it late: %s",
  async (_, late) => {
    const tenant = await newTenant(numbered(20));
    const pool = await newPool();
    const { placements, moves } = depsOf();
    const [old] = await engines.generations.list();
    let swaps = 0;
    const swap: typeof moves.swap = async (...args) => {
      await moves.swap(...args);
      swaps += 1;
      if (swaps === late) await moves.swap(tenant.id, old as IndexGeneration);
    };
    const readFrom = async () => {
      const path = `/_alias/${tenantAlias(tenant.id)}`;
      return Object.keys((await engines.client.send<object>({ method: "GET", path })).body);
    };
    /** When the remains begin to be removed. */
    const seen: string[][] = [];
    const find: typeof placements.find = async (...args) => {
      const place = await placements.find(...args);
      if (place.leaving === home) seen.push(await readFrom());
      return place;
    };
    await using queue = await openQueue({ placements: { ...placements, find }, moves: { ...moves, swap } });
    expect(await queue.moveTo(tenant, pool)).toMatchObject({ phase: "done", removed: 20 });
    const [current] = await engines.generations.ofPool(pool).list();
    expect(seen[0]).toEqual([(late === 1 ? current : old)?.index]);
    expect(await readFrom()).toEqual([current?.index]);
  },
  120_000,
);

it.concurrent("refuses a pool that is another tenant's, an index that does not fit, and a tenant that is none", async () => {
  const [tenant, other] = [await newTenant(numbered(5)), await newTenant(numbered(5))];
  const own = engines.generations.ofPool(ownPool(other.id));
  const { model, dimension } = engines.embedder;
  await own.ensure({ model, dimension });
  const older = await newPool();
  const [generation] = await engines.generations.ofPool(older).list();
  await rebrand(engines.client, generation as IndexGeneration, SCHEMA_VERSION - 1);
  await using queue = await openQueue();
  const run = async (tenantId: string, to: string) => {
    const workflowId = moveWorkflowId(tenantId);
    const options = {
      workflowId,
      taskQueue: queue.temporal.taskQueue,
      args: [{ tenantId, to, graceMs: 100 }],
    };
    return queue.temporal.client.workflow.execute(workflowNames.move, options);
  };
  const fails = (type: string) => ({ cause: { cause: { type } } });
  await expect(run(tenant.id, own.pool)).rejects.toMatchObject(fails("POOL_INVALID"));
  await expect(run(tenant.id, older)).rejects.toMatchObject(fails("POOL_UNFIT"));
  await expect(run(randomUUID(), await newPool())).rejects.toMatchObject(fails("TENANT_UNKNOWN"));
  expect(await own.list()).toHaveLength(1);
  await createTenantMoves(engines).remove(other.id, own.pool);
  expect(await engines.placements.find(tenant.id)).toMatchObject({ pool: home, movingTo: undefined });
  await tenant.add(["A stool stands in the hall."]);
}, 120_000);

it.concurrent.each([
  [
    "is revoked",
    "TENANT_KEY_REVOKED",
    async ({ server }: BroughtKeys, token: string) => server.revoke(token),
  ],
  [
    "is at an address that is dead",
    "TENANT_KEY_AWAY",
    ({ server }: BroughtKeys) => server[Symbol.asyncDispose](),
  ],
] as const)(
  "gives up a tenant whose own key %s, for reindexes would wait for it",
  async (_, type, close) => {
    const tenant = await newTenant(numbered(10));
    await using brought = await openBroughtKeys(engines.record);
    const token = await brought.bring(tenant.id);
    const { reindex } = depsOf();
    const store = createReindexStore(brought.openDatabase(), home);
    await using queue = await openQueue({ reindex: { ...reindex, store } });
    await close(brought, token);
    await expect(queue.moveTo(tenant, "own")).rejects.toMatchObject({ cause: { cause: { type } } });
    expect(await store.isMoving(ownPool(tenant.id))).toBe(false);
    expect(await engines.generations.ofPool(ownPool(tenant.id)).list()).toEqual([]);
  },
  120_000,
);

/** Type of what an activity failed with that is tried again. */
async function failureOf(handle: Pick<WorkflowHandle, "describe">): Promise<string | undefined> {
  const { raw } = await handle.describe();
  const [pending] = raw.pendingActivities ?? [];
  return pending?.lastFailure?.applicationFailureInfo?.type ?? undefined;
}
