import {
  type IngestOptions,
  type IngestReport,
  ingestBatch,
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
  // Somebody else indexes meanwhile: what is new is theirs to hear of.
  if (!input.index) seat.close();
  try {
    for (;;) {
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

interface Worked {
  readonly report: IngestReport;
  /** When the messages that were worked had arrived, in epoch milliseconds. */
  readonly worked: readonly number[];
}

/**
 * One batch in its turn. A fault that is no outage and names no stream makes every stream of the batch a
 * failed one: tried alone, only the culprit fails again.
 */
async function workBatch(deps: IngestActivityDeps, input: WorkInput, signal: AbortSignal): Promise<Worked> {
  const { ingest, limits, metrics } = deps;
  return deps.inTurn(async () => {
    signal.throwIfAborted();
    let loaded: readonly StreamBatch[] = [];
    const store = overriding(ingest.store, {
      load: async (...query) => {
        loaded = await ingest.store.load(...query);
        return loaded;
      },
    });
    let report: IngestReport;
    try {
      const options: IngestOptions = {
        limit: limits.batch,
        exclude: input.exclude,
        signal,
        onFailure: (failure, err) => deps.log.warn({ ...failure, err }, "a stream's try failed"),
      };
      report = await ingestBatch({ ...ingest, store }, input, options);
    } catch (error) {
      signal.throwIfAborted();
      if (isOutage(error) || loaded.length === 0) throw error;
      report = { messages: 0, failed: await blameAll(deps, input, loaded, error, signal), more: true };
    }
    if (loaded.length > 0) metrics.batches.inc();
    metrics.messages.inc(report.messages);
    for (const { reason } of report.failed) metrics.failures.inc({ reason });
    const failed = new Set(report.failed.map(({ streamId }) => streamId));
    const worked = loaded.flatMap((batch) => (failed.has(batch.streamId) ? [] : batch.pending));
    return { report, worked: worked.map(({ turn }) => arrivalOf(turn.messageId)) };
  });
}

async function blameAll(
  { ingest, log }: IngestActivityDeps,
  { tenantId, bucket }: WorkInput,
  loaded: readonly StreamBatch[],
  error: unknown,
  signal: AbortSignal,
): Promise<IngestReport["failed"]> {
  const failed = loaded.map(({ streamId }) => toFailure(streamId, error));
  log.warn(
    { tenantId, bucket, streams: failed.length, reason: failed[0]?.reason, err: error },
    "a whole batch failed",
  );
  for (const [i, batch] of loaded.entries()) {
    await ingest.store.recordFailure(tenantId, batch, failed[i]?.reason ?? "INTERNAL", signal);
  }
  return failed;
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
