import pLimit from "p-limit";
import { MnemeError } from "../errors.ts";
import { type FailureReason, failureReason } from "./failure-reason.ts";
import type { IngestDeps } from "./ingest-deps.ts";
import type { IngestTarget, StreamBatch, StreamResult } from "./ingest-store.ts";
import { isOutage } from "./outage.ts";
import { proposeStatements } from "./propose.ts";
import { readStream, type StreamReading } from "./read-stream.ts";
import { reconcile } from "./reconcile.ts";

export interface IngestOptions {
  /** Messages a call, over all streams. */
  readonly limit: number;
  readonly signal?: AbortSignal;
  /** Told of what made a try fail; the error itself is for the log, never for a history. */
  readonly onFailure?: (failure: StreamFailure, error: unknown) => void;
}

export interface IngestBatchOptions extends IngestOptions {
  /** Streams that somebody else is trying again. */
  readonly exclude: readonly string[];
}

/** Ids and counts only. */
export interface IngestReport {
  /** Ids of the messages that were worked. */
  readonly worked: readonly string[];
  readonly failed: readonly StreamFailure[];
  /** True when more may be waiting; only a call that finds nothing can tell that nothing is. */
  readonly more: boolean;
}

/** A try that failed and was counted. */
export interface StreamFailure {
  readonly streamId: string;
  /** The stream's next extraction, which the try counts on. */
  readonly extractionId: string;
  readonly reason: FailureReason;
  /** False: the same input will fail again. */
  readonly retryable: boolean;
  /** How long the model's server asks to be left alone. */
  readonly retryAfterMs: number | undefined;
}

/**
 * Works the next messages of a target: reads statements out of them, embeds, reconciles with what is
 * known and applies everything in one transaction. Repeating it changes nothing. A fault that names no
 * stream makes every stream of the batch a failed one: tried alone, only the culprit fails again.
 *
 * @throws MnemeError when an engine or the model's server is away and nothing could be done: no try was
 *   counted and nothing was changed then.
 */
export async function ingestBatch(
  deps: IngestDeps,
  target: IngestTarget,
  options: IngestBatchOptions,
): Promise<IngestReport> {
  const { tenantId } = target;
  const batches = await deps.store.load(target, options, options.signal);
  return workBatches(deps, tenantId, batches, options);
}

/**
 * Works the next messages of one stream that failed before.
 *
 * @throws MnemeError when an engine or the model's server is away: the try was not counted then.
 */
export async function ingestStream(
  deps: IngestDeps,
  tenantId: string,
  streamId: string,
  options: IngestOptions,
): Promise<IngestReport> {
  const batch = await deps.store.loadStream(tenantId, streamId, options.limit, options.signal);
  return workBatches(deps, tenantId, batch ? [batch] : [], options);
}

async function workBatches(
  deps: IngestDeps,
  tenantId: string,
  batches: readonly StreamBatch[],
  options: IngestOptions,
): Promise<IngestReport> {
  const attempts = await readAll(deps, tenantId, batches, options.signal);
  const readings = attempts.flatMap((attempt) => ("reading" in attempt ? [attempt.reading] : []));
  const failures = attempts.filter((attempt) => "error" in attempt);
  let worked: readonly StreamReading[] = [];
  try {
    await applyAll(deps, tenantId, readings, options.signal);
    worked = readings;
  } catch (error) {
    options.signal?.throwIfAborted();
    failures.push(...readings.map(({ batch }) => ({ batch, error })));
  }
  const outage = failures.find(({ error }) => isOutage(error));
  const faults = failures.filter(({ error }) => !isOutage(error));
  if (outage && worked.length === 0 && faults.length === 0) throw outage.error;
  const failed: StreamFailure[] = [];
  for (const { batch, error } of faults) {
    const failure = toFailure(batch, error);
    await deps.store.recordFailure(tenantId, batch, failure.reason, options.signal);
    options.onFailure?.(failure, error);
    failed.push(failure);
  }
  return {
    worked: worked.flatMap(({ batch }) => batch.pending.map(({ turn }) => turn.messageId)),
    failed,
    // A batch shares its limit out among its streams, so it may be short and leave work behind.
    more: batches.length > 0,
  };
}

type Attempt = { readonly batch: StreamBatch } & (
  | { readonly reading: StreamReading }
  | { readonly error: unknown }
);

/** Reads people beside each other where the extractor waits for a model. */
async function readAll(
  deps: IngestDeps,
  tenantId: string,
  batches: readonly StreamBatch[],
  signal: AbortSignal | undefined,
): Promise<Attempt[]> {
  const inTurn = pLimit(deps.extractor.concurrency ?? 1);
  const attempts = await Promise.all(
    batches.map((batch) =>
      inTurn(async (): Promise<Attempt> => {
        try {
          signal?.throwIfAborted();
          return { batch, reading: await readStream(deps, tenantId, batch, signal) };
        } catch (error) {
          return { batch, error };
        }
      }),
    ),
  );
  signal?.throwIfAborted();
  return attempts;
}

async function applyAll(
  deps: IngestDeps,
  tenantId: string,
  readings: readonly StreamReading[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const proposals = await proposeStatements(deps, tenantId, readings, signal);
  const { extractor, embedder } = deps;
  const results = readings.map(
    (reading, i): StreamResult => ({
      batch: reading.batch,
      decisions: reconcile(proposals[i] ?? []),
      droppedMessageIds: reading.droppedMessageIds,
      participants: reading.participants,
      summary: reading.summary,
      windows: reading.windows,
      extractor: { name: extractor.name, version: extractor.version },
      embeddingModel: embedder.model,
    }),
  );
  await deps.store.apply(tenantId, results, signal);
}

function toFailure({ streamId, pending }: StreamBatch, error: unknown): StreamFailure {
  const extractionId = pending[0]?.extractionId ?? "";
  const reason = failureReason(error);
  if (!(error instanceof MnemeError)) {
    return { streamId, extractionId, reason, retryable: true, retryAfterMs: undefined };
  }
  const { kind, retryAfterMs } = error;
  const retryable = kind !== "invalid_argument" && kind !== "failed_precondition";
  return { streamId, extractionId, reason, retryable, retryAfterMs };
}
