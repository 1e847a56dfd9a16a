import { createHash, randomUUID } from "node:crypto";
import type { Embedder } from "@mneme/core/embedding/embedder.ts";
import { MnemeError } from "@mneme/core/errors.ts";
import { createEmbeddedExtractor } from "@mneme/core/extraction/embedded/extractor.ts";
import { indexPending } from "@mneme/core/extraction/index-pending.ts";
import { ingestBatch } from "@mneme/core/extraction/ingest.ts";
import type { IngestDeps } from "@mneme/core/extraction/ingest-deps.ts";
import type { IndexGeneration } from "@mneme/core/search/memory-index.ts";
import { createIndexClient, type IndexClient } from "@mneme/opensearch/client.ts";
import { createGenerations, type Generations } from "@mneme/opensearch/generation.ts";
import { createMemoryIndex, type OpenSearchMemoryIndex } from "@mneme/opensearch/index.ts";
import { rebrand } from "@mneme/opensearch/index-testing.ts";
import { putTemplate, SCHEMA_VERSION } from "@mneme/opensearch/template.ts";
import { createConversationStore } from "@mneme/postgres/conversation-store.ts";
import { createIngestStore } from "@mneme/postgres/ingest-store.ts";
import type { Provisioned } from "@mneme/postgres/provision.ts";
import { createReindexStore } from "@mneme/postgres/reindex-store.ts";
import { settingsOf } from "@mneme/postgres/testing/memories.ts";
import { openTestRecord, type TestRecord } from "@mneme/postgres/testing/record.ts";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type ReindexInput, type ReindexProgress, reindexWorkflowId, workflowNames } from "../contract.ts";
import { createMetrics } from "../metrics.ts";
import { openBroughtKeys } from "../testing/brought-key.ts";
import { openTestTemporal, type TestTemporal, until } from "../testing/temporal.ts";
import { untilCancelled } from "../testing/until-cancelled.ts";
import { createReindexActivities, type ReindexActivityDeps } from "./activities.ts";

let record: TestRecord;
let temporal: TestTemporal;
let client: IndexClient;
let other: Provisioned;

/** One pool with what writes and reads it through one model. */
interface Pool {
  readonly generations: Generations;
  readonly index: OpenSearchMemoryIndex;
  readonly ingest: IngestDeps;
  readonly embedder: Embedder;
}
let pool: Pool;
let poolName: string;

beforeAll(async () => {
  const node = process.env.MNEME_OPENSEARCH_URL;
  if (!node) throw new Error("Run these tests with `npm test`, or set MNEME_OPENSEARCH_URL.");
  client = createIndexClient({ node });
  await putTemplate(client, { shards: 2 });
  temporal = await openTestTemporal();
});
afterAll(async () => {
  await client?.[Symbol.asyncDispose]();
  await temporal?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  record = await openTestRecord("reindex");
  other = await record.provision("other");
  poolName = `test${randomUUID().replaceAll("-", "").slice(0, 12)}`;
  pool = openPool("model-a", 8);
  await pool.generations.ensure({ model: "model-a", dimension: 8 });
});
afterEach(async () => {
  for (const { index } of await pool.generations.list()) {
    await client.send({ method: "DELETE", path: `/${index}` });
  }
  await record[Symbol.asyncDispose]();
});

function openPool(model: string, dimension: number): Pool {
  const generations = createGenerations({ client, pool: poolName, cacheMs: 200 });
  const index = createMemoryIndex({ client, generations, model });
  const embedder = hashing(model, dimension);
  const store = createIngestStore(record.database);
  return {
    generations,
    index,
    embedder,
    ingest: { store, index, embedder, settings: settingsOf(record), extractor: createEmbeddedExtractor() },
  };
}

/** The same text has the same vector; another text a very different one. */
function hashing(model: string, dimension: number): Embedder {
  const vectorOf = (text: string) => {
    const bytes = createHash("sha512").update(model).update(text).digest();
    const vector = Float32Array.from({ length: dimension }, (_, i) => bytes.readInt16LE(i * 2) / 32_768);
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length);
  };
  return { model, dimension, embed: async (texts) => texts.map(vectorOf) };
}

/** Keeps finished statements and indexes them. */
async function add(tenant: Provisioned, texts: readonly string[], via = pool): Promise<void> {
  const defaults = {
    kind: "semantic",
    category: "other",
    confidence: 1,
    importance: 0.5,
    origin: "stated",
  } as const;
  const times = { validFrom: undefined, validTo: undefined, expiresAt: undefined };
  await createConversationStore(record.database).accept(tenant, {
    scope: { userId: "ada" },
    items: texts.map((text) => ({
      type: "draft",
      draft: { text, ...defaults, ...times, metadata: {} },
      sentAt: new Date(),
    })),
    metadata: {},
    request: { rpc: "Import", requestId: randomUUID(), body: Buffer.from("") },
  });
  await work(tenant, via);
}

async function work({ tenantId }: Provisioned, { ingest }: Pool): Promise<void> {
  for (let bucket = 0; bucket < 16; bucket += 1) {
    const target = { tenantId, bucket };
    while ((await ingestBatch(ingest, target, { limit: 128, exclude: [] })).more);
    while ((await indexPending(ingest, target, 512)).more);
  }
}

const RECATEGORISE = `update mneme.memory_versions set category = $2, revision = nextval('mneme.index_revision')
  where memory_id = $1`;

/** Changes a version as the index must see it: it has no more documents than before. */
async function recategorise(tenant: Provisioned, memoryId: string, via: Pool): Promise<void> {
  await record.admin.query(RECATEGORISE, [memoryId, "furniture"]);
  await work(tenant, via);
}

/** Memories of a category, as the index has them. */
async function inCategory({ tenantId, projectId }: Provisioned, category: string): Promise<string[]> {
  const filter = { tenantId, projectId, categories: [category] };
  const query = { filter, vector: undefined, keywords: "hall", entities: [], pool: 10 };
  const { candidates } = await pool.index.candidates(query);
  return candidates.map(({ memoryId }) => memoryId);
}

/** Whether a search finds the memory of exactly this text first. */
async function finds({ tenantId, projectId }: Provisioned, text: string, via = pool): Promise<boolean> {
  const [vector] = await via.embedder.embed([text]);
  const filter = { tenantId, projectId };
  const query = { filter, vector: vector as Float32Array, keywords: "", entities: [], pool: 10 };
  const { candidates } = await via.index.candidates(query);
  return candidates.some(({ cosine }) => cosine > 0.99);
}

async function countOf({ tenantId }: Provisioned): Promise<Record<number, number>> {
  await pool.index.refresh();
  const counts = await pool.index.count({ tenantId });
  return Object.fromEntries(counts.map(({ generation, documents }) => [generation, documents]));
}

async function run<T>(
  changes: Partial<ReindexActivityDeps>,
  work: (workflowId: string) => Promise<T>,
  input: ReindexInput = { graceMs: 100 },
): Promise<T> {
  const { index, embedder, generations } = pool;
  const activities = createReindexActivities({
    log: pino({ level: "silent" }),
    metrics: createMetrics(),
    reindex: { store: createReindexStore(record.database, poolName), index, embedder },
    generations,
    wanted: { model: embedder.model, dimension: embedder.dimension },
    pageSize: 20,
    ...changes,
  });
  await using _worker = await temporal.startWorker(activities);
  const workflowId = reindexWorkflowId(poolName);
  const options = { workflowId, taskQueue: temporal.taskQueue, args: [input] };
  await temporal.client.workflow.start(workflowNames.reindex, options);
  return await work(workflowId);
}

const result = (workflowId: string): Promise<ReindexProgress> =>
  temporal.client.workflow.getHandle(workflowId).result();

const numbered = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${name} number ${i} stands in the hall.`);

it("swaps in a new generation that holds everything, while others write, delete and search", async () => {
  await add(record.tenant, numbered("Chair", 130));
  await add(other, numbered("Table", 30));
  const { rows } = await record.admin.query<{ memory_id: string }>(
    "select memory_id from mneme.memory_versions where tenant_id = $1 order by memory_id desc limit 1",
    [other.tenantId],
  );
  const doomed = rows[0]?.memory_id ?? "";
  let searches = 0;
  let running = true;
  const misses: string[] = [];
  const searching = (async () => {
    for (; running; searches += 1) {
      const found = await finds(record.tenant, `Chair number ${searches % 130} stands in the hall.`);
      if (!found) misses.push(`search ${searches}`);
    }
  })();
  let lamps = 0;
  const writing = (async () => {
    for (; running; lamps += 1) await add(record.tenant, [`Lamp number ${lamps} stands in the hall.`]);
  })();
  const store = createReindexStore(record.database, poolName);
  // Writers of one model write both generations: nothing is copied twice, and nobody is held up.
  const changes: typeof store.changes = () => Promise.reject(new Error("nothing is left to catch up with"));
  const { index, embedder } = pool;
  const reindex = { store: { ...store, changes }, index, embedder };
  const progress = await run({ reindex }, async (workflowId) => {
    await pool.index.remove(other.tenantId, [doomed]);
    await record.admin.query("delete from mneme.memories where tenant_id = $1 and id = $2", [
      other.tenantId,
      doomed,
    ]);
    return result(workflowId);
  });
  running = false;
  await Promise.all([searching, writing]);
  expect(progress).toMatchObject({ phase: "done", generation: 2, refused: 0, embedded: 0 });
  expect(misses).toEqual([]);
  expect(searches).toBeGreaterThan(5);
  expect((await pool.generations.list()).map(({ generation, state }) => [generation, state])).toEqual([
    [2, "current"],
  ]);
  expect(await countOf(record.tenant)).toEqual({ 2: 130 + lamps });
  expect(await countOf(other)).toEqual({ 2: 29 });
  expect(await finds(record.tenant, `Lamp number ${lamps - 1} stands in the hall.`)).toBe(true);
}, 120_000);

it("goes on where it was after an outage", async () => {
  await add(record.tenant, numbered("Chair", 100));
  const store = createReindexStore(record.database, poolName);
  const asked: (string | undefined)[] = [];
  let failing = 2;
  const changes = {
    reindex: {
      store: {
        ...store,
        page: async (...[tenantId, range, signal]: Parameters<typeof store.page>) => {
          asked.push(range.after?.memoryId);
          if (asked.length > 3 && failing-- > 0) {
            throw new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", "away", {
              metadata: { dependency: "postgres" },
            });
          }
          return store.page(tenantId, range, signal);
        },
      },
      index: pool.index,
      embedder: pool.embedder,
    },
  };
  const progress = await run(changes, result);
  expect(progress).toMatchObject({ phase: "done", written: 100 });
  // The first tenant's beginning is asked for once: what was copied is not copied again.
  expect(asked.filter((after) => after === undefined).length).toBeLessThanOrEqual(2);
});

it("leaves out a tenant whose own key's provider does not answer, which ingest indexes once it does", async () => {
  await add(record.tenant, numbered("Chair", 30));
  await add(other, numbered("Table", 30));
  await using brought = await openBroughtKeys(record);
  await brought.bring(other.tenantId);
  brought.server.hangs = true;
  const { index, embedder, ingest } = pool;
  const reindex = { store: createReindexStore(brought.openDatabase(), poolName), index, embedder };
  expect(await run({ reindex }, result)).toMatchObject({ phase: "done", written: 30 });
  expect([await countOf(record.tenant), await countOf(other)]).toEqual([{ 2: 30 }, { 2: 0 }]);
  brought.server.hangs = false;
  await work(other, { ...pool, ingest: { ...ingest, store: createIngestStore(brought.openDatabase()) } });
  expect(await countOf(other)).toEqual({ 2: 30 });
  expect(await finds(other, "Table number 7 stands in the hall.")).toBe(true);
}, 60_000);

it("embeds anew for another model, and keeps the vectors", async () => {
  await add(record.tenant, numbered("Chair", 45));
  pool = openPool("model-b", 4);
  const progress = await run({}, result);
  expect(progress).toMatchObject({ phase: "done", written: 45, embedded: 45 });
  expect(await finds(record.tenant, "Chair number 7 stands in the hall.")).toBe(true);
  const { rows } = await record.admin.query("select distinct embedding_model from mneme.memory_versions");
  expect(rows).toEqual([{ embedding_model: "model-b" }]);
  await add(record.tenant, ["A stool stands in the hall."]);
  expect(await finds(record.tenant, "A stool stands in the hall.")).toBe(true);
});

it("holds what workers of the old model write until the swap, though both models are of one dimension", async () => {
  await add(record.tenant, numbered("Chair", 45));
  const old = pool;
  pool = openPool("model-b", 8);
  const { generations } = pool;
  const mismatch = { reason: "EMBEDDING_DIMENSION_MISMATCH" };
  await expect(finds(record.tenant, "Chair number 7 stands in the hall.")).rejects.toMatchObject(mismatch);
  const { rows } = await record.admin.query<{ memory_id: string }>(
    "select memory_id from mneme.memory_versions order by memory_id limit 2",
  );
  const [changed = "", late = ""] = rows.map(({ memory_id }) => memory_id);
  const store = createReindexStore(record.database, poolName);
  const writer = await record.admin.connect();
  let isOpen = false;
  let refusal: unknown;
  const changes = {
    reindex: {
      store: {
        ...store,
        async mark() {
          const mark = store.mark();
          if (isOpen) await writer.query("commit");
          return mark;
        },
      },
      index: pool.index,
      embedder: pool.embedder,
    },
    generations: {
      ...generations,
      announce: async (generation: number, signal?: AbortSignal) => {
        await add(record.tenant, ["A stool stands in the hall."], old);
        await recategorise(record.tenant, changed, old);
        await writer.query("begin");
        await writer.query(RECATEGORISE, [late, "lost"]);
        isOpen = true;
        await generations.announce(generation, signal);
      },
      promote: async (generation: number, signal?: AbortSignal) => {
        refusal = await add(record.tenant, ["A bench stands in the hall."], old).catch((error) => error);
        await generations.promote(generation, signal);
      },
    },
  };
  const progress = await run(changes, result).finally(() => writer.release(true));
  expect(progress).toMatchObject({ phase: "done", written: 45, embedded: 46 });
  expect(refusal).toMatchObject({ reason: "DEPENDENCY_UNAVAILABLE" });
  expect(await finds(record.tenant, "A stool stands in the hall.")).toBe(true);
  expect(await inCategory(record.tenant, "furniture")).toEqual([changed]);
  expect(await inCategory(record.tenant, "lost")).toEqual([late]);
  // What the old one could not index any more is embedded anew by who does.
  await work(record.tenant, pool);
  expect(await finds(record.tenant, "A bench stands in the hall.")).toBe(true);
  await expect(finds(record.tenant, "A bench stands in the hall.", old)).rejects.toMatchObject(mismatch);
  expect(await countOf(record.tenant)).toEqual({ 2: 47 });
});

it.each(["before it begins", "before the last copy"])(
  "gives up where a writer that was open %s does not end",
  async (moment) => {
    await add(record.tenant, numbered("Chair", 30));
    const old = pool;
    pool = openPool("model-b", 8);
    const { generations } = pool;
    const writer = await record.admin.connect();
    const write = async () => {
      await writer.query("begin");
      await writer.query("update mneme.memory_versions set category = 'lost'");
    };
    const announce = async (generation: number, signal?: AbortSignal) => {
      await write();
      await generations.announce(generation, signal);
    };
    try {
      if (moment === "before it begins") await write();
      const held = run({ markMs: 500, generations: { ...generations, announce } }, result);
      await expect(held).rejects.toMatchObject({ cause: { cause: { type: "RECORD_HELD" } } });
    } finally {
      writer.release(true);
    }
    expect((await generations.list()).map(({ generation }) => generation)).toEqual([1]);
    await add(record.tenant, ["A stool stands in the hall."], old);
    expect(await finds(record.tenant, "A stool stands in the hall.", old)).toBe(true);
  },
);

it("rebuilds an index of an older mapping within its model, with what waited for it", async () => {
  await add(record.tenant, numbered("Chair", 30));
  const [old] = await pool.generations.list();
  await rebrand(client, old as IndexGeneration, SCHEMA_VERSION - 1);
  pool.generations.forget();
  const refused = { reason: "DEPENDENCY_UNAVAILABLE" };
  await expect(add(record.tenant, ["A stool stands in the hall."])).rejects.toMatchObject(refused);
  const { generations } = pool;
  let refusal: unknown;
  const promote = async (generation: number, signal?: AbortSignal) => {
    refusal = await add(record.tenant, ["A bench stands in the hall."]).catch((error) => error);
    await generations.promote(generation, signal);
  };
  const progress = await run({ generations: { ...generations, promote } }, result);
  expect(progress).toMatchObject({ phase: "done", generation: 2, refused: 0, embedded: 0 });
  expect(refusal).toMatchObject(refused);
  expect(await generations.list()).toMatchObject([
    { generation: 2, state: "current", schema: SCHEMA_VERSION },
  ]);
  await work(record.tenant, pool);
  for (const text of ["Chair number 7", "A stool", "A bench"]) {
    expect(await finds(record.tenant, `${text} stands in the hall.`)).toBe(true);
  }
  expect(await countOf(record.tenant)).toEqual({ 2: 32 });
  const { rows } = await record.admin.query("select from mneme.memory_versions where refused");
  expect(rows).toEqual([]);
});

it("leaves the current generation as it was when it is cancelled", async () => {
  await add(record.tenant, numbered("Chair", 30));
  const store = createReindexStore(record.database, poolName);
  let reached = false;
  const page: typeof store.page = async (_tenant, _range, signal) => {
    reached = true;
    return untilCancelled(signal);
  };
  await run(
    { reindex: { store: { ...store, page }, index: pool.index, embedder: pool.embedder } },
    async (id) => {
      await until(() => reached);
      const handle = temporal.client.workflow.getHandle(id);
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow();
    },
  );
  expect((await pool.generations.list()).map(({ generation }) => generation)).toEqual([1]);
  expect(await finds(record.tenant, "Chair number 7 stands in the hall.")).toBe(true);
});
