import type { IngestDeps } from "./ingest-deps.ts";
import type { IngestTarget, StreamBatch, StreamResult } from "./ingest-store.ts";
import { type Outcome, sum, Tally, type TallyOptions } from "./ingest-tally.ts";
import { proposeStatements } from "./propose.ts";
import { readStream, type StreamReading } from "./read-stream.ts";
import { reconcile } from "./reconcile.ts";
import { trimBatch } from "./trim-batch.ts";
import { type EachOptions, type SlowReading, workEach } from "./work-each.ts";

export interface IngestOptions extends TallyOptions {
  /** Messages a call, over all streams. */
  readonly limit: number;
}

export interface IngestBatchOptions extends IngestOptions, Omit<EachOptions, "concurrency"> {
  /** Streams that somebody else is trying again, or still reads. */
  readonly exclude: readonly string[];
}

/** Ids and counts only, but for the outage: where it let nothing be done, it is thrown. */
export interface IngestReport extends Outcome {
  /** Streams that had their turn and more than one try takes on, where there is such a limit. */
  readonly trimmed?: readonly string[];
  /** Readings that go on, where `quietMs` says how long they are waited for. */
  readonly slow?: readonly SlowReading[];
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
  const [toRead, finished] = concurrency === undefined ? [[], batches] : byNeed(batches);
  const together = await workTogether(deps, tenantId, finished, options);
  const each = await workEach(toRead, { ...options, concurrency: concurrency ?? 1 }, (batch) =>
    workAlone(deps, tenantId, batch, options),
  );
  const outcome = sum([together, ...each.ended]);
  const { worked, failed, outage } = outcome;
  if (outage && worked.length + failed.length + each.slow.length === 0) throw outage.error;
  const begun = new Set([...finished.map(({ streamId }) => streamId), ...each.begun]);
  const trimmed = batches.filter((batch, i) => batch !== loaded[i] && begun.has(batch.streamId));
  return {
    ...outcome,
    ...(most && { trimmed: trimmed.map(({ streamId }) => streamId) }),
    ...(each.slow.length > 0 && { slow: each.slow }),
    // A batch shares its limit out among its streams, so it may be short and leave work behind.
    more: batches.length > 0,
  };
}

type WorkOptions = IngestOptions & Omit<EachOptions, "concurrency">;

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
  options: WorkOptions,
): Promise<Outcome> {
  const { signal } = options;
  const tally = new Tally(deps.store, tenantId, options);
  const readings: StreamReading[] = [];
  const failures: { readonly batch: StreamBatch; readonly error: unknown }[] = [];
  for (const batch of batches) {
    signal?.throwIfAborted();
    try {
      readings.push(await readStream(deps, tenantId, batch, signal));
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
  return tally.outcome;
}

/** One person in a transaction of their own. */
async function workAlone(
  deps: IngestDeps,
  tenantId: string,
  batch: StreamBatch,
  options: WorkOptions,
): Promise<Outcome> {
  const { signal } = options;
  signal?.throwIfAborted();
  const tally = new Tally(deps.store, tenantId, options);
  try {
    await applyAll(deps, tenantId, [await readStream(deps, tenantId, batch, signal)], signal);
    tally.worked([batch]);
  } catch (error) {
    await tally.failed(batch, error);
  }
  return tally.outcome;
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
