import pLimit from "p-limit";
import { MnemeError } from "../errors.ts";
import type { IngestDeps } from "./ingest-deps.ts";
import type { IngestTarget, StreamBatch, StreamResult } from "./ingest-store.ts";
import { type StreamFailure, Tally, type TallyOptions } from "./ingest-tally.ts";
import { proposeStatements } from "./propose.ts";
import { readStream, type StreamReading } from "./read-stream.ts";
import { reconcile } from "./reconcile.ts";
import { trimBatch } from "./trim-batch.ts";

export interface IngestOptions extends TallyOptions {
  /** Messages a call, over all streams. */
  readonly limit: number;
}

export interface IngestBatchOptions extends IngestOptions {
  /** Streams that somebody else is trying again. */
  readonly exclude: readonly string[];
  /** People that a model has not begun to read by then, in milliseconds, are left for the next call. */
  readonly beginMs?: number;
}

/** Ids and counts only. */
export interface IngestReport {
  /** Ids of the messages that were worked. */
  readonly worked: readonly string[];
  readonly failed: readonly StreamFailure[];
  /** Streams that had more than one try takes on, where there is such a limit. */
  readonly trimmed?: readonly string[];
  /** True when more may be waiting; only a call that finds nothing can tell that nothing is. */
  readonly more: boolean;
}

/**
 * Works the next messages of a target: reads statements out of them, embeds, reconciles with what is known and
 * applies it, in one transaction for all, or where a model reads in one a person. Repeating it changes nothing. A
 * fault that names no stream makes every stream of its transaction a failed one: tried alone, only the culprit
 * fails again.
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
  loaded: readonly StreamBatch[],
  options: WorkOptions,
): Promise<IngestReport> {
  const { most, concurrency } = deps.extractor;
  const batches = most ? loaded.map((batch) => trimBatch(batch, most)) : loaded;
  const tally = new Tally(deps.store, tenantId, options);
  const [toRead, finished] = concurrency === undefined ? [[], batches] : byNeed(batches);
  await workTogether(deps, tenantId, finished, tally, options);
  await workEach(deps, tenantId, toRead, tally, { ...options, concurrency: concurrency ?? 1 });
  return {
    ...tally.report(),
    ...(most && { trimmed: batches.flatMap((batch, i) => (batch === loaded[i] ? [] : [batch.streamId])) }),
    // A batch shares its limit out among its streams, so it may be short and leave work behind.
    more: batches.length > 0,
  };
}

type WorkOptions = IngestOptions & Pick<IngestBatchOptions, "beginMs">;

/** Those that a model must read, and those that are finished statements only, as imports bring them. */
function byNeed(batches: readonly StreamBatch[]): [StreamBatch[], StreamBatch[]] {
  const isFinished = ({ pending }: StreamBatch) => pending.every(({ draft }) => draft !== undefined);
  return [batches.filter((batch) => !isFinished(batch)), batches.filter(isFinished)];
}

/** One transaction for all: cheapest where reading takes no time. */
async function workTogether(
  deps: IngestDeps,
  tenantId: string,
  batches: readonly StreamBatch[],
  tally: Tally,
  { signal }: WorkOptions,
): Promise<void> {
  const readings: StreamReading[] = [];
  const failures: { readonly batch: StreamBatch; readonly error: unknown }[] = [];
  for (const batch of batches) {
    signal?.throwIfAborted();
    try {
      readings.push(await readInTime(deps, tenantId, batch, signal));
    } catch (error) {
      failures.push({ batch, error });
    }
  }
  try {
    if (readings.length > 0) await applyAll(deps, tenantId, readings, signal);
    tally.worked(readings.map(({ batch }) => batch));
  } catch (error) {
    failures.push(...readings.map(({ batch }) => ({ batch, error })));
  }
  for (const { batch, error } of failures) await tally.failed(batch, error);
}

/** People beside each other, each by themselves: one that takes long holds up and loses nobody else's work. */
async function workEach(
  deps: IngestDeps,
  tenantId: string,
  batches: readonly StreamBatch[],
  tally: Tally,
  { concurrency, signal, beginMs = Number.POSITIVE_INFINITY }: WorkOptions & { readonly concurrency: number },
): Promise<void> {
  const inTurn = pLimit(concurrency);
  const start = performance.now();
  let begun = 0;
  const work = async (batch: StreamBatch) => {
    signal?.throwIfAborted();
    if (begun >= concurrency && performance.now() - start > beginMs) return;
    begun += 1;
    try {
      await applyAll(deps, tenantId, [await readInTime(deps, tenantId, batch, signal)], signal);
      tally.worked([batch]);
    } catch (error) {
      await tally.failed(batch, error);
    }
  };
  // All have ended when this does: nothing goes on behind the back of who reports.
  const ends = await Promise.allSettled(batches.map((batch) => inTurn(work, batch)));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

/** @throws MnemeError MODEL_TIMEOUT where it took longer than a try may. */
async function readInTime(
  deps: IngestDeps,
  tenantId: string,
  batch: StreamBatch,
  signal: AbortSignal | undefined,
): Promise<StreamReading> {
  const ms = deps.extractor.most?.ms;
  if (ms === undefined) return readStream(deps, tenantId, batch, signal);
  const deadline = AbortSignal.timeout(ms);
  const either = signal ? AbortSignal.any([signal, deadline]) : deadline;
  try {
    return await readStream(deps, tenantId, batch, either);
  } catch (error) {
    if (!deadline.aborted || signal?.aborted) throw error;
    throw new MnemeError("deadline_exceeded", "MODEL_TIMEOUT", "reading the messages took too long", {
      metadata: { server: "extractor" },
    });
  }
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
