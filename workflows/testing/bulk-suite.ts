import type { CountedSpending } from "@mneme/core/cost/count-spending.ts";
import { parsePrices } from "@mneme/core/cost/prices.ts";
import type { BulkDeps } from "@mneme/core/extraction/bulk/bulk-deps.ts";
import type { BulkServer } from "@mneme/core/extraction/bulk/bulk-reader.ts";
import { gatherBatches } from "@mneme/core/extraction/bulk/gather-batches.ts";
import { chooseExtractor, type Extractors } from "@mneme/core/extraction/choose-extractor.ts";
import { createEmbeddedExtractor } from "@mneme/core/extraction/embedded/extractor.ts";
import { createOpenAiBatches } from "@mneme/models/openai/batches.ts";
import { createOpenAiExtractors } from "@mneme/models/openai/extractors.ts";
import { replies } from "@mneme/models/testing/replies.ts";
import {
  type Handler,
  type ScriptedServer,
  startScriptedOpenAi,
} from "@mneme/models/testing/scripted-server.ts";
import { createBulkStore } from "@mneme/postgres/bulk-store.ts";
import type { WorkflowHandle } from "@temporalio/client";
import { pino } from "pino";
import { createBatchActivities } from "../batch/activities.ts";
import { startBatch } from "../batch/start-batch.ts";
import type { BatchInput } from "../contract.ts";
import { createMetrics } from "../metrics.ts";
import { ingestActivitiesOver } from "./ingest-activities.ts";
import { type IngestEngines, openIngestEngines } from "./ingest-engines.ts";
import { wakeBucket } from "./ingest-suite.ts";
import { messagesOf } from "./read-by-model.ts";
import { openTestTemporal, type TestTemporal } from "./temporal.ts";
import { TestBucket } from "./test-bucket.ts";

export interface BulkSuiteOptions {
  /** Answers a line of a batch, or a direct call; as `answerEach` unless told. */
  readonly chat?: Handler;
  /** True unless told. */
  readonly takesBatches?: boolean;
  /** New messages of a request; 2 unless told. */
  readonly maxMessages?: number;
}

/** A dollar per million tokens, and half of it in a batch. */
const PRICES = parsePrices(
  '{"prices": [{"model": "scripted", "from": "2020-01-01", "input": 1, "output": 1}]}',
);
const FAST = { firstPauseMs: 10, longestPauseMs: 50, endingMs: 5_000 };

export const NOTHING_LEFT = { files: 0, reserved: 0, aside: 0, open: 0 };

/** One statement a message, as it was said. */
export const answerEach: Handler = (request) =>
  replies.content({
    statements: messagesOf(request).map((text, i) => ({
      text,
      evidence: [{ message: i + 1, quote: text }],
      category: "other",
    })),
    skipped: [],
  });

/** The engines for reading in batches; tests take a `BulkBench` each. */
export async function openBulkSuite() {
  await using opened = new AsyncDisposableStack();
  const engines = opened.use(await openIngestEngines());
  const temporal = opened.use(await openTestTemporal());
  const kept = opened.move();
  return {
    open: (options: BulkSuiteOptions = {}) => BulkBench.open(engines, temporal, options),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

interface BenchParts {
  readonly server: ScriptedServer;
  readonly batches: BulkServer;
  readonly spending: CountedSpending;
}

/** A bucket of a new tenant with a server that takes batches, and a worker. */
export class BulkBench implements AsyncDisposable {
  readonly bucket: TestBucket;
  readonly server: ScriptedServer;
  readonly bulk: BulkDeps;
  readonly metrics = createMetrics();
  /** The messages of each transaction that kept some, in order. */
  readonly applied: (readonly string[])[] = [];
  readonly #engines: IngestEngines;
  readonly #temporal: TestTemporal;
  readonly #spending: CountedSpending;
  readonly #resources: AsyncDisposableStack;

  static async open(
    engines: IngestEngines,
    temporal: TestTemporal,
    { chat = answerEach, takesBatches = true, maxMessages = 2 }: BulkSuiteOptions,
  ): Promise<BulkBench> {
    await using opened = new AsyncDisposableStack();
    const server = opened.use(await startScriptedOpenAi({ takesBatches, chat }));
    const bucket = await TestBucket.open(engines);
    const { baseUrl } = server;
    const batches = createOpenAiBatches({ baseUrl, timeoutMs: 5_000 });
    const extractors: Extractors = {
      embedded: () => createEmbeddedExtractor(),
      model: createOpenAiExtractors({ baseUrl, model: "scripted", projectModels: [], batches, maxMessages }),
      standard: "model",
    };
    bucket.extractorFor = (settings) => chooseExtractor(extractors, settings);
    // A slow machine is no slow model.
    bucket.limits = { quietMs: 10_000 };
    const spending = opened.use(bucket.holdToBudgets(PRICES));
    await bucket.set({ models: { batch: "bulk" } });
    const parts = { server, batches, spending };
    const bench = new BulkBench(engines, temporal, bucket, parts, opened.move());
    bench.#resources.use(await temporal.startWorker(bench.#activities()));
    return bench;
  }

  private constructor(
    engines: IngestEngines,
    temporal: TestTemporal,
    bucket: TestBucket,
    { server, batches, spending }: BenchParts,
    resources: AsyncDisposableStack,
  ) {
    this.#engines = engines;
    this.#temporal = temporal;
    this.bucket = bucket;
    this.server = server;
    this.#spending = spending;
    this.#resources = resources;
    bucket.beforeApply = (texts) => this.applied.push(texts);
    const store = createBulkStore(engines.record.database.pool);
    this.bulk = {
      get ingest() {
        return bucket.deps;
      },
      server: batches,
      batches: {
        ...store,
        // Of this tenant alone: other tests have theirs.
        listGathered: async (...asked) =>
          (await store.listGathered(...asked)).filter(({ tenantId }) => tenantId === bucket.target.tenantId),
        listOverdue: async (...asked) =>
          (await store.listOverdue(...asked)).filter(({ tenantId }) => tenantId === bucket.target.tenantId),
      },
    };
  }

  #activities() {
    const limits = { requests: 1_000, bytes: 1_000_000, messages: 100 };
    const base = { log: pino({ level: "silent" }), metrics: this.metrics };
    return {
      ...ingestActivitiesOver(this.bucket),
      ...createBatchActivities({ ...base, bulk: this.bulk, limits }),
    };
  }

  /** Wakes the bucket and has all of it done. */
  async work(): Promise<void> {
    await (await wakeBucket(this.#temporal, this.bucket)).result();
  }

  /** Makes batches of what waits, and has their workflows started as the relay does. */
  async gather(input: Partial<BatchInput> = {}): Promise<WorkflowHandle[]> {
    await gatherBatches(this.bulk, { waitMs: 0, streams: 100 });
    const { tenantId } = this.bucket.target;
    const { rows } = await this.#engines.record.admin.query<{ key: string }>(
      "delete from mneme.outbox where tenant_id = $1 and topic = 'batch' returning key",
      [tenantId],
    );
    const { client } = this.#temporal;
    return Promise.all(
      rows.map(({ key }) =>
        startBatch(client, { tenantId, batchId: key, ...FAST, ...input }, this.#temporal),
      ),
    );
  }

  /** Has all that waits read in batches, and everything that follows. */
  async workInBatches(input: Partial<BatchInput> = {}): Promise<void> {
    await this.work();
    for (const handle of await this.gather(input)) await handle.result();
    await this.work();
  }

  /** What the model was asked for by calls of its own. */
  direct(): string[][] {
    return this.server.requests.map((request) => messagesOf(request));
  }

  /** What batches asked for, by line. */
  inBatches(): string[][] {
    return this.server.batches.lines.map((line) => messagesOf(line));
  }

  /** What batches that are over may leave nowhere: files with the server, reserved budgets, people, open rows. */
  async left(): Promise<{ files: number; reserved: number; aside: number; open: number }> {
    const [counted] = await this.query<{ reserved: number; aside: number; open: number }>(
      `select (select count(*)::integer from mneme.model_reservations where tenant_id = $1) as reserved,
         (select count(*)::integer from mneme.streams where tenant_id = $1 and batch_since is not null) as aside,
         (select count(*)::integer from mneme.model_batches where tenant_id = $1 and state <> 'closed') as open`,
    );
    return { files: this.server.batches.files.size, ...(counted ?? { reserved: 0, aside: 0, open: 0 }) };
  }

  /** What calls of the model took, by purpose. */
  async usage(): Promise<Record<string, { calls: number; tokens: number; microdollars: number }>> {
    // Keeps what is gathered.
    await this.#spending[Symbol.asyncDispose]();
    const { rows } = await this.#engines.record.admin.query(
      `select purpose, calls::integer, (input_tokens + cached_input_tokens + output_tokens)::integer as tokens,
         (picodollars / 1000000)::float as microdollars
       from mneme.model_calls where tenant_id = $1`,
      [this.bucket.target.tenantId],
    );
    return Object.fromEntries(rows.map(({ purpose, ...took }) => [purpose, took]));
  }

  async query<Row extends object>(text: string, ...values: readonly unknown[]): Promise<Row[]> {
    const all = [this.bucket.target.tenantId, ...values];
    return (await this.#engines.record.admin.query<Row>(text, all)).rows;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}
