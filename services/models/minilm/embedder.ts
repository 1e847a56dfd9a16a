import type { Embedder, EmbedOptions } from "@mneme/core/embedding/embedder.ts";
import { MnemeError } from "@mneme/core/errors.ts";
import { abortError } from "../abort.ts";
import { QueryCache, type QueryCacheOptions } from "../query-cache.ts";
import { toUnitVector } from "../vector.ts";
import { planBatches } from "./batches.ts";
import { DIMENSION, type MiniLmVariant } from "./graph.ts";
import { type Job, Lanes } from "./lanes.ts";
import { ModelThread } from "./model-thread.ts";
import { estimateTokens } from "./tokenize.ts";

export interface MiniLmOptions extends QueryCacheOptions {
  /** A folder that `exportMiniLm` has written. */
  readonly modelDir: string;
  /** Default `q8`. Vectors of two variants never belong in one index. */
  readonly variant?: MiniLmVariant;
  /** Threads a batch is computed on, 1 by default. */
  readonly threads?: number;
  /** A batch's size in padded tokens: bounds memory, and how long a query waits for a running batch. */
  readonly maxPaddedTokens?: number;
  /** How long a batch may take before the thread is replaced. Default 30 s. */
  readonly timeoutMs?: number;
}

/**
 * all-MiniLM-L6-v2 in this process, off the event loop. Texts beyond 256 tokens are cut. Queries overtake
 * waiting documents. A vector depends on its text alone, not on its batch.
 *
 * @throws MnemeError `unavailable` if the model cannot be loaded.
 */
export async function createMiniLmEmbedder(options: MiniLmOptions): Promise<Embedder & AsyncDisposable> {
  const embedder = new MiniLmEmbedder(options);
  await embedder.start();
  return embedder;
}

class MiniLmEmbedder implements Embedder, AsyncDisposable {
  readonly model: string;
  readonly dimension = DIMENSION;
  readonly #thread: ModelThread;
  readonly #lanes: Lanes;
  readonly #maxPaddedTokens: number;
  readonly #cache: QueryCache;
  #working = false;

  constructor(options: MiniLmOptions) {
    const { modelDir, variant = "q8", threads = 1, maxPaddedTokens = 512, timeoutMs = 30_000 } = options;
    this.model = `all-MiniLM-L6-v2/${variant}`;
    this.#maxPaddedTokens = maxPaddedTokens;
    this.#lanes = new Lanes(maxPaddedTokens);
    this.#thread = new ModelThread({ modelDir, variant, threads, maxPaddedTokens }, timeoutMs);
    this.#cache = new QueryCache(options);
  }

  start(): Promise<void> {
    return this.#thread.start();
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
    await this.#thread[Symbol.asyncDispose]();
    this.#cache.clear();
  }

  async #compute(
    texts: readonly string[],
    purpose: "query" | "document",
    signal: AbortSignal | undefined,
  ): Promise<Float32Array[]> {
    const lengths = texts.map(estimateTokens);
    const batches = planBatches(lengths, this.#maxPaddedTokens);
    const vectors = new Array<Float32Array>(texts.length);
    // All batches stand in line at once, so one failure must take the others out again.
    const stop = new AbortController();
    const signals = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    try {
      await Promise.all(
        batches.map(async (batch) => {
          const part = batch.map((index) => texts[index] as string);
          const tokens = Math.max(...batch.map((index) => lengths[index] as number));
          const rows = await this.#enqueue(part, tokens, purpose, signals);
          for (const [row, index] of batch.entries()) vectors[index] = rows[row] as Float32Array;
        }),
      );
    } catch (error) {
      stop.abort();
      throw error;
    }
    return vectors;
  }

  #enqueue(
    texts: readonly string[],
    tokens: number,
    purpose: "query" | "document",
    signal: AbortSignal,
  ): Promise<readonly Float32Array[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly Float32Array[]>();
    const job: Job = { texts, tokens, resolve, reject };
    const onAbort = () => {
      this.#lanes.remove(job);
      reject(abortError(signal));
    };
    signal.addEventListener("abort", onAbort, { once: true });
    this.#lanes.add(purpose, job);
    void this.#work();
    return promise.finally(() => signal.removeEventListener("abort", onAbort));
  }

  /** Runs batches one at a time until nothing waits. */
  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    // Queries that arrive in the same turn of the event loop are joined.
    await Promise.resolve();
    for (let jobs = this.#lanes.next(); jobs.length > 0; jobs = this.#lanes.next())
      await this.#runBatch(jobs);
    this.#working = false;
  }

  async #runBatch(jobs: readonly Job[]): Promise<void> {
    try {
      const rows = await this.#thread.run(jobs.flatMap((job) => job.texts));
      let next = 0;
      for (const job of jobs) {
        const vectors = job.texts.map(() => {
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
