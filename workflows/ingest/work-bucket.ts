import { setTimeout as pause } from "node:timers/promises";
import {
  type IngestOptions,
  type IngestReport,
  ingestBatch,
  type StreamFailure,
  toFailure,
} from "@mneme/core/extraction/ingest.ts";
import type { StreamBatch } from "@mneme/core/extraction/ingest-store.ts";
import { isOutage } from "../failures.ts";
import { type IngestActivityDeps, overriding, type WorkInput, type WorkReport } from "./deps.ts";
import { createIndexing, indexInBackground } from "./indexing.ts";

/**
 * Works batch after batch, and indexes each while the next is read. After the last one it stays a moment
 * and looks again: a conversation's next message then costs no workflow task.
 */
export async function workBucket(
  deps: IngestActivityDeps,
  input: WorkInput,
  signal: AbortSignal,
): Promise<WorkReport> {
  const { limits, metrics, draining, desk } = deps;
  using seat = desk.sit(input);
  const indexing = createIndexing(deps, input, signal);
  const arrivals: number[] = [];
  const background = indexInBackground(indexing, () => {
    const indexed = arrivals.splice(0);
    const serve = seat.promise();
    return () => {
      serve();
      observe(metrics.searchableLag, indexed);
    };
  });
  const start = performance.now();
  const totals = { batches: 0, messages: 0 };
  let failed: IngestReport["failed"] = [];
  let more = false;
  let lastWork = start;
  let begun = Number.NEGATIVE_INFINITY;
  // Somebody else indexes meanwhile: what is new is theirs to hear of.
  if (!input.index) seat.close();
  try {
    for (;;) {
      if (!more) await gather(begun + limits.gatherMs - performance.now(), signal);
      begun = performance.now();
      // A removal has no message: whatever wakes the bucket, the index is looked after as well.
      const woken = seat.hasWork || totals.batches === 0;
      seat.look();
      const { report, worked } = await workBatch(deps, input, signal);
      totals.batches += 1;
      totals.messages += report.messages;
      failed = report.failed;
      more = report.more || failed.length > 0;
      if (report.messages > 0) {
        lastWork = performance.now();
        arrivals.push(...worked);
        observe(metrics.extractedLag, worked);
      }
      if (input.index && (woken || report.messages > 0)) background.request();
      const now = performance.now();
      if (failed.length > 0 || draining.aborted || now - start > limits.stayMs) break;
      if (more || seat.hasWork) continue;
      if (desk.taken > limits.seats || now - lastWork + limits.lookMs > limits.lingerMs) break;
      await seat.rest(limits.lookMs, signal);
    }
  } finally {
    seat.close();
    await background.settled();
  }
  const failure = await background.settled();
  signal.throwIfAborted();
  if (failure && !isOutage(failure.error)) logIndexFailure(deps, input, failure.error);
  const unindexed = failure !== undefined || (!input.index && totals.messages > 0);
  return { ...totals, ...indexing.counts, failed, more, unindexed };
}

/** What comes in the next moment joins the batch: a batch of one costs nearly what one of twenty does. */
async function gather(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await pause(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}

interface Worked {
  readonly report: IngestReport;
  /** When the messages that were worked had arrived, in epoch milliseconds. */
  readonly worked: readonly number[];
}

/**
 * One batch in its turn.
 *
 * @throws MnemeError when an engine or the model's server is away and nothing else went wrong.
 */
async function workBatch(deps: IngestActivityDeps, input: WorkInput, signal: AbortSignal): Promise<Worked> {
  const { metrics } = deps;
  return deps.inTurn(async () => {
    signal.throwIfAborted();
    const { loaded, report, errors } = await readBatch(deps, input, signal);
    const outages = [...errors.values()].filter(isOutage);
    const failed = report.failed.filter(({ streamId }) => !isOutage(errors.get(streamId)));
    if (outages.length > 0 && report.messages === 0 && failed.length === 0) throw outages[0];
    for (const failure of failed) await countTry(deps, input, loaded, failure, errors, signal);
    if (loaded.length > 0) metrics.batches.inc();
    metrics.messages.inc(report.messages);
    const unread = new Set(report.failed.map(({ streamId }) => streamId));
    const worked = loaded.flatMap((batch) => (unread.has(batch.streamId) ? [] : batch.pending));
    const more = report.more || outages.length > 0;
    const arrivals = worked.map(({ turn }) => arrivalOf(turn.messageId));
    return { report: { messages: report.messages, failed, more }, worked: arrivals };
  });
}

interface ReadBatch {
  readonly loaded: readonly StreamBatch[];
  readonly report: IngestReport;
  /** What stopped each failed stream. */
  readonly errors: ReadonlyMap<string, unknown>;
}

/**
 * A fault that is no outage and names no stream makes every stream of the batch a failed one: tried alone,
 * only the culprit fails again.
 */
async function readBatch(
  { ingest, limits, log }: IngestActivityDeps,
  input: WorkInput,
  signal: AbortSignal,
): Promise<ReadBatch> {
  let loaded: readonly StreamBatch[] = [];
  const errors = new Map<string, unknown>();
  const store = overriding(ingest.store, {
    load: async (...query) => {
      loaded = await ingest.store.load(...query);
      return loaded;
    },
    // Counted when it is known whether it counts: an outage does not.
    recordFailure: async () => undefined,
  });
  const options: IngestOptions = {
    limit: limits.batch,
    exclude: input.exclude,
    signal,
    onFailure: ({ streamId }, error) => errors.set(streamId, error),
  };
  try {
    return { report: await ingestBatch({ ...ingest, store }, input, options), loaded, errors };
  } catch (error) {
    signal.throwIfAborted();
    if (isOutage(error) || loaded.length === 0) throw error;
    const { tenantId, bucket } = input;
    log.warn({ tenantId, bucket, streams: loaded.length, err: error }, "a whole batch failed");
    const failed = loaded.map(({ streamId }) => toFailure(streamId, error));
    return { report: { messages: 0, failed, more: true }, loaded, errors };
  }
}

async function countTry(
  { ingest, log, metrics }: IngestActivityDeps,
  { tenantId }: WorkInput,
  loaded: readonly StreamBatch[],
  failure: StreamFailure,
  errors: ReadonlyMap<string, unknown>,
  signal: AbortSignal,
): Promise<void> {
  const { streamId, reason } = failure;
  metrics.failures.inc({ reason });
  if (errors.has(streamId)) log.warn({ ...failure, err: errors.get(streamId) }, "a stream's try failed");
  const batch = loaded.find((each) => each.streamId === streamId);
  if (batch) await ingest.store.recordFailure(tenantId, batch, reason, signal);
}

function logIndexFailure({ log }: IngestActivityDeps, { tenantId, bucket }: WorkInput, error: unknown) {
  const { reason } = toFailure("", error);
  log.error({ tenantId, bucket, reason }, "the index could not be brought up");
}

/** Message ids are UUIDs of version 7: their first 48 bits are the time they were made. */
function arrivalOf(messageId: string): number {
  return Number.parseInt(messageId.replaceAll("-", "").slice(0, 12), 16);
}

function observe(lag: { observe(seconds: number): void }, arrivals: readonly number[]): void {
  const now = Date.now();
  for (const arrival of arrivals) lag.observe(Math.max(0, now - arrival) / 1_000);
}
