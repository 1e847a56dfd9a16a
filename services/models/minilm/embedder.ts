import { setImmediate } from "node:timers/promises";
import type { Embedder, EmbedOptions } from "@mneme/core/embedding/embedder.ts";
import { MnemeError } from "@mneme/core/errors.ts";
import { abortError } from "../abort.ts";
import { QueryCache, type QueryCacheOptions } from "../query-cache.ts";
import { toUnitVector } from "../vector.ts";
import { planBatches } from "./batches.ts";
import { type Job, Lanes } from "./lanes.ts";
import { DIMENSION, type MiniLmVariant } from "./model.ts";
import { ModelThread, notLoaded } from "./model-thread.ts";
import { PROBES } from "./probes.ts";
import { loadTokenizer, type Tokenize } from "./tokenize.ts";

export interface MiniLmOptions extends QueryCacheOptions {
  /** Starts all threads at once, so that what they hold shows from the beginning and not under load. */
  readonly eager?: boolean;
  /** A folder that `exportMiniLm` has written. */
  readonly modelDir: string;
  /** Default `q8`. Vectors of two variants never belong in one index. */
  readonly variant?: MiniLmVariant;
  /** How many batches are computed beside each other, 1 by default. All but the first start when they are needed. */
  readonly threads?: number;
  /** A batch's size in padded tokens, 256 by default: bounds memory, and how long a query waits for a running batch. */
  readonly maxPaddedTokens?: number;
  /** How long a batch may take before the thread is replaced. Default 30 s. */
  readonly timeoutMs?: number;
}

/** Tokenizing is done on the event loop, so after this long others get their turn. */
const TOKENIZING_TURN_MS = 5;

/**
 * all-MiniLM-L6-v2 in this process, computed off the event loop. Texts beyond 256 tokens are cut. Queries overtake
 * waiting documents. A vector depends on its text alone, not on its batch.
 *
 * @throws MnemeError `unavailable` if the model cannot be loaded.
 */
export async function createMiniLmEmbedder(options: MiniLmOptions): Promise<Embedder & AsyncDisposable> {
  const embedder = new MiniLmEmbedder(options, readTokenizer(options.modelDir));
  await embedder.start();
  return embedder;
}

function readTokenizer(modelDir: string): Tokenize {
  try {
    return loadTokenizer(modelDir);
  } catch (error) {
    throw notLoaded(error);
  }
}

class MiniLmEmbedder implements Embedder, AsyncDisposable {
  readonly model: string;
  readonly dimension = DIMENSION;
  readonly #tokenize: Tokenize;
  readonly #eager: boolean;
  readonly #threads: readonly ModelThread[];
  readonly #working = new Set<ModelThread>();
  readonly #lanes: Lanes;
  readonly #maxPaddedTokens: number;
  readonly #cache: QueryCache;

  constructor(options: MiniLmOptions, tokenize: Tokenize) {
    const { modelDir, variant = "q8", threads = 1, maxPaddedTokens = 256, timeoutMs = 30_000 } = options;
    this.model = `all-MiniLM-L6-v2/${variant}`;
    this.#tokenize = tokenize;
    this.#eager = options.eager ?? false;
    this.#maxPaddedTokens = maxPaddedTokens;
    this.#lanes = new Lanes(maxPaddedTokens);
    const thread = { modelDir, variant, probes: PROBES.map(tokenize) };
    this.#threads = Array.from({ length: threads }, () => new ModelThread(thread, timeoutMs));
    this.#cache = new QueryCache(options);
  }

  /** Unless asked to, the other threads start with their first batch. */
  async start(): Promise<void> {
    await Promise.all(this.#threads.slice(0, this.#eager ? undefined : 1).map((thread) => thread.start()));
  }

  async embed(texts: readonly string[], options: EmbedOptions = {}): Promise<Float32Array[]> {
    const { purpose = "document", signal } = options;
    if (signal?.aborted) throw abortError(signal);
    if (purpose === "document") return this.#compute(texts, purpose, signal);
    return this.#cache.through(texts, (missing) => this.#compute(missing, purpose, signal));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new MnemeError("unavailable", "DRAINING", "the embedder is closed");
    for (const job of this.#lanes.drain()) job.reject(closed);
    await Promise.all(this.#threads.map((thread) => thread[Symbol.asyncDispose]()));
    this.#cache.clear();
  }

  async #compute(
    texts: readonly string[],
    purpose: "query" | "document",
    signal: AbortSignal | undefined,
  ): Promise<Float32Array[]> {
    const rows = await this.#tokenizeAll(texts, signal);
    const lengths = rows.map((row) => row.length);
    const batches = planBatches(lengths, this.#maxPaddedTokens);
    const vectors = new Array<Float32Array>(texts.length);
    // All batches stand in line at once, so one failure must take the others out again.
    const stop = new AbortController();
    const call = {};
    const signals = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    try {
      await Promise.all(
        batches.map(async (batch) => {
          const part = batch.map((index) => rows[index] as readonly number[]);
          const computed = await this.#enqueue({ call, rows: part }, purpose, signals);
          for (const [at, index] of batch.entries()) vectors[index] = computed[at] as Float32Array;
        }),
      );
    } catch (error) {
      stop.abort();
      throw error;
    }
    return vectors;
  }

  async #tokenizeAll(
    texts: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<(readonly number[])[]> {
    const rows: (readonly number[])[] = [];
    let turn = performance.now();
    for (const text of texts) {
      if (performance.now() - turn > TOKENIZING_TURN_MS) {
        await setImmediate();
        if (signal?.aborted) throw abortError(signal);
        turn = performance.now();
      }
      rows.push(this.#tokenize(text));
    }
    return rows;
  }

  #enqueue(
    { call, rows }: Pick<Job, "call" | "rows">,
    purpose: "query" | "document",
    signal: AbortSignal,
  ): Promise<readonly Float32Array[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly Float32Array[]>();
    const job: Job = { call, rows, tokens: Math.max(...rows.map((row) => row.length)), resolve, reject };
    const onAbort = () => {
      this.#lanes.remove(job);
      reject(abortError(signal));
    };
    signal.addEventListener("abort", onAbort, { once: true });
    this.#lanes.add(purpose, job);
    void this.#work();
    return promise.finally(() => signal.removeEventListener("abort", onAbort));
  }

  /** Has a thread that is free run batches until nothing waits; one that finds nothing is not started. */
  async #work(): Promise<void> {
    const thread = this.#threads.find((each) => !this.#working.has(each));
    if (!thread) return;
    this.#working.add(thread);
    // Queries that arrive in the same turn of the event loop are joined.
    await Promise.resolve();
    for (let jobs = this.#lanes.next(); jobs.length > 0; jobs = this.#lanes.next())
      await this.#runBatch(thread, jobs);
    this.#working.delete(thread);
  }

  async #runBatch(thread: ModelThread, jobs: readonly Job[]): Promise<void> {
    try {
      const rows = await thread.run(jobs.flatMap((job) => job.rows));
      let next = 0;
      for (const job of jobs) {
        const vectors = job.rows.map(() => {
          const row = rows.slice(next * DIMENSION, ++next * DIMENSION);
          return toUnitVector(row, DIMENSION, { model: this.model });
        });
        job.resolve(vectors);
      }
    } catch (error) {
      for (const job of jobs) job.reject(error);
    }
  }
}
