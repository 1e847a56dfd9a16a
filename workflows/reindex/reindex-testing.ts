import { createHash, randomUUID } from "node:crypto";
import type { Embedder } from "@mneme/core/embedding/embedder.ts";
import { createEmbeddedExtractor } from "@mneme/core/extraction/embedded/extractor.ts";
import type { IngestDeps } from "@mneme/core/extraction/ingest-deps.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import type { IndexClient } from "@mneme/opensearch/client.ts";
import { createGenerations, type Generations } from "@mneme/opensearch/generation.ts";
import { createMemoryIndex, type OpenSearchMemoryIndex } from "@mneme/opensearch/index.ts";
import { createIngestStore } from "@mneme/postgres/ingest-store.ts";
import { createPlacements } from "@mneme/postgres/placements.ts";
import type { Provisioned } from "@mneme/postgres/provision.ts";
import { createReindexStore } from "@mneme/postgres/reindex-store.ts";
import { acceptDrafts, settingsOf } from "@mneme/postgres/testing/memories.ts";
import { openTestRecord, type TestRecord } from "@mneme/postgres/testing/record.ts";
import { pino } from "pino";
import { type ReindexInput, type ReindexProgress, reindexWorkflowId, workflowNames } from "../contract.ts";
import { createMetrics } from "../metrics.ts";
import { openTestTemporal, type TestTemporal } from "../testing/temporal.ts";
import { workTenant } from "../testing/work-tenant.ts";
import { createReindexActivities, type ReindexActivityDeps } from "./activities.ts";

/** One pool with what writes and reads it through one model. */
export interface Pool {
  readonly generations: Generations;
  readonly index: OpenSearchMemoryIndex;
  readonly ingest: IngestDeps;
  readonly embedder: Embedder;
}

/** `update` of a version as the index must see it: it has no more documents than before. */
export const RECATEGORISE = `update mneme.memory_versions set category = $2, revision = nextval('mneme.index_revision')
  where memory_id = $1`;

/** A test's own record, pool and task queue, and what writes, reads and reindexes them. */
export class Stage implements AsyncDisposable {
  readonly poolName = `test${randomUUID().replaceAll("-", "").slice(0, 12)}`;
  /** What is written and read through unless another one is named. */
  pool: Pool;
  readonly record: TestRecord;
  /** A second tenant of the record. */
  readonly other: Provisioned;
  readonly temporal: TestTemporal;
  readonly #client: IndexClient;

  /** With a first generation, of `model-a`. */
  static async open(client: IndexClient): Promise<Stage> {
    await using opened = new AsyncDisposableStack();
    const record = opened.use(await openTestRecord("reindex"));
    const temporal = opened.use(await openTestTemporal());
    const stage = new Stage(client, record, await record.provision("other"), temporal);
    await stage.pool.generations.ensure({ model: "model-a", dimension: 8 });
    opened.move();
    return stage;
  }

  private constructor(client: IndexClient, record: TestRecord, other: Provisioned, temporal: TestTemporal) {
    this.#client = client;
    this.record = record;
    this.other = other;
    this.temporal = temporal;
    this.pool = this.openPool("model-a", 8);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.temporal[Symbol.asyncDispose]();
    for (const { index } of await this.pool.generations.list()) {
      await this.#client.send({ method: "DELETE", path: `/${index}` });
    }
    await this.record[Symbol.asyncDispose]();
  }

  /** The same pool by another model. */
  openPool(model: string, dimension: number): Pool {
    const { record } = this;
    const generations = createGenerations({ client: this.#client, pool: this.poolName, cacheMs: 200 });
    const index = createMemoryIndex({ client: this.#client, generations, model });
    const embedder = hashing(model, dimension);
    const store = createIngestStore(record.database);
    const settings = settingsOf(record);
    const ingest = { store, index, embedder, settings, extractor: createEmbeddedExtractor() };
    return { generations, index, embedder, ingest };
  }

  /** Keeps finished statements and indexes them. */
  async add(tenant: Provisioned, texts: readonly string[], via = this.pool): Promise<void> {
    const drafts = texts.map((text) => draftOf(text));
    await acceptDrafts(this.record, tenant, { userId: "ada" }, drafts);
    await this.work(tenant, via);
  }

  work({ tenantId }: Provisioned, { ingest }: Pool): Promise<void> {
    return workTenant(this.record, ingest, tenantId);
  }

  async recategorise(tenant: Provisioned, memoryId: string, via: Pool): Promise<void> {
    await this.record.admin.query(RECATEGORISE, [memoryId, "furniture"]);
    await this.work(tenant, via);
  }

  /** Memories of a category, as the index has them. */
  async inCategory({ tenantId, projectId }: Provisioned, category: string): Promise<string[]> {
    const filter = { tenantId, projectId, categories: [category] };
    const query = { filter, vector: undefined, keywords: "hall", entities: [], pool: 10 };
    const { candidates } = await this.pool.index.candidates(query);
    return candidates.map(({ memoryId }) => memoryId);
  }

  /** Whether a search finds the memory of exactly this text first. */
  async finds({ tenantId, projectId }: Provisioned, text: string, via = this.pool): Promise<boolean> {
    const [vector] = await via.embedder.embed([text], { purpose: "query" });
    const filter = { tenantId, projectId };
    const query = { filter, vector: vector as Float32Array, keywords: "", entities: [], pool: 10 };
    const { candidates } = await via.index.candidates(query);
    return candidates.some(({ cosine }) => cosine > 0.99);
  }

  /** A tenant's documents in each generation. */
  async countOf({ tenantId }: Provisioned): Promise<Record<number, number>> {
    await this.pool.index.refresh();
    const counts = await this.pool.index.count({ tenantId });
    return Object.fromEntries(counts.map(({ generation, documents }) => [generation, documents]));
  }

  /** Starts a reindex of the pool, with a worker for as long as `work` goes on. */
  async run<T>(
    changes: Partial<ReindexActivityDeps>,
    work: (workflowId: string) => Promise<T>,
    input: ReindexInput = { graceMs: 100 },
  ): Promise<T> {
    const { index, embedder, generations } = this.pool;
    const activities = createReindexActivities({
      log: pino({ level: "silent" }),
      metrics: createMetrics(),
      reindex: { store: createReindexStore(this.record.database, this.poolName), index, embedder },
      generations,
      placements: createPlacements(this.record.database.pool, { defaultPool: this.poolName }),
      wanted: { model: embedder.model, dimension: embedder.dimension },
      pageSize: 20,
      ...changes,
    });
    await using _worker = await this.temporal.startWorker(activities);
    const workflowId = reindexWorkflowId(this.poolName);
    const options = { workflowId, taskQueue: this.temporal.taskQueue, args: [input] };
    await this.temporal.client.workflow.start(workflowNames.reindex, options);
    return await work(workflowId);
  }

  readonly result = (workflowId: string): Promise<ReindexProgress> =>
    this.temporal.client.workflow.getHandle(workflowId).result();
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
