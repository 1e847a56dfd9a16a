import type { Embedder } from "../embedding/embedder.ts";
import { MnemeError, type Reason } from "../errors.ts";
import type { MemoryIndex } from "../search/memory-index.ts";
import type { Extractor } from "./extractor.ts";
import type { IngestStore, IngestTarget, StreamBatch, StreamResult } from "./ingest-store.ts";
import { proposeStatements } from "./propose.ts";
import { readStream, type StreamReading } from "./read-stream.ts";
import { reconcile } from "./reconcile.ts";

export interface IngestDeps {
  readonly store: IngestStore;
  readonly index: Pick<MemoryIndex, "write" | "remove" | "refresh" | "nearest">;
  readonly extractor: Extractor;
  readonly embedder: Embedder;
}

export interface IngestOptions {
  /** Messages a call, over all streams. */
  readonly limit: number;
  /** Streams that somebody else is trying again. */
  readonly exclude: readonly string[];
  readonly signal?: AbortSignal;
  /** Told after each stream, so that a long call shows that it lives. */
  readonly onProgress?: (messages: number) => void;
  /** Told of what the extractor threw; the error itself is for the log, never for a history. */
  readonly onFailure?: (failure: StreamFailure, error: unknown) => void;
}

/** Ids and counts only: this stands in workflow histories. */
export interface IngestReport {
  readonly messages: number;
  readonly failed: readonly StreamFailure[];
  /** True when more may be waiting; only a call that finds nothing can tell that nothing is. */
  readonly more: boolean;
}

export interface StreamFailure {
  readonly streamId: string;
  readonly reason: Reason | "INTERNAL";
  /** False: the same input will fail again. */
  readonly retryable: boolean;
}

/**
 * Works the next messages of a target: reads statements out of them, embeds, reconciles with what is
 * known and applies everything in one transaction. Repeating it changes nothing.
 *
 * @throws MnemeError when the record or the embedder does not answer: nothing was changed then.
 */
export async function ingestBatch(
  deps: IngestDeps,
  target: IngestTarget,
  options: IngestOptions,
): Promise<IngestReport> {
  const batches = await deps.store.load(target, options, options.signal);
  const readings: StreamReading[] = [];
  const failed: StreamFailure[] = [];
  for (const batch of batches) {
    try {
      readings.push(await readStream(deps, target.tenantId, batch, options.signal));
    } catch (error) {
      options.signal?.throwIfAborted();
      const failure = toFailure(batch.streamId, error);
      await deps.store.recordFailure(target.tenantId, batch, failure.reason, options.signal);
      options.onFailure?.(failure, error);
      failed.push(failure);
    }
    options.onProgress?.(batch.pending.length);
  }
  const results = await toResults(deps, target.tenantId, readings, options.signal);
  await deps.store.apply(target.tenantId, results, options.signal);
  const messages = readings.reduce((sum, { batch }) => sum + batch.pending.length, 0);
  // A batch shares its limit out among its streams, so it may be short and leave work behind.
  return { messages, failed, more: batches.length > 0 };
}

/**
 * Works the next messages of one stream that failed before.
 *
 * @returns how many messages were worked; 0 when there is nothing left.
 * @throws what the extractor throws, after counting the try.
 */
export async function ingestStream(
  deps: IngestDeps,
  tenantId: string,
  streamId: string,
  options: Pick<IngestOptions, "limit" | "signal" | "onFailure">,
): Promise<number> {
  const batch = await deps.store.loadStream(tenantId, streamId, options.limit, options.signal);
  if (!batch) return 0;
  const reading = await readOrCount(deps, tenantId, batch, options);
  const results = await toResults(deps, tenantId, [reading], options.signal);
  await deps.store.apply(tenantId, results, options.signal);
  return batch.pending.length;
}

async function readOrCount(
  deps: IngestDeps,
  tenantId: string,
  batch: StreamBatch,
  { signal, onFailure }: Pick<IngestOptions, "signal" | "onFailure">,
): Promise<StreamReading> {
  try {
    return await readStream(deps, tenantId, batch, signal);
  } catch (error) {
    signal?.throwIfAborted();
    const failure = toFailure(batch.streamId, error);
    await deps.store.recordFailure(tenantId, batch, failure.reason, signal);
    onFailure?.(failure, error);
    throw error;
  }
}

async function toResults(
  deps: IngestDeps,
  tenantId: string,
  readings: readonly StreamReading[],
  signal: AbortSignal | undefined,
): Promise<StreamResult[]> {
  const proposals = await proposeStatements(deps, tenantId, readings, signal);
  return readings.map((reading, i) => {
    const { decisions } = reconcile(proposals[i] ?? []);
    return {
      batch: reading.batch,
      decisions,
      droppedMessageIds: reading.droppedMessageIds,
      participants: reading.participants,
      summary: reading.summary,
      windows: reading.windows,
      extractor: { name: deps.extractor.name, version: deps.extractor.version },
      embeddingModel: deps.embedder.model,
    };
  });
}

/** The failure as a history may hold it. */
export function toFailure(streamId: string, error: unknown): StreamFailure {
  if (!(error instanceof MnemeError)) return { streamId, reason: "INTERNAL", retryable: true };
  const retryable = error.kind !== "invalid_argument" && error.kind !== "failed_precondition";
  return { streamId, reason: error.reason, retryable };
}
