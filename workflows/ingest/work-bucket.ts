import { setTimeout as pause } from "node:timers/promises";
import { type IngestReport, ingestBatch, type StreamFailure } from "@mneme/core/extraction/ingest.ts";
import { isOutage } from "@mneme/core/extraction/outage.ts";
import { reasonOf } from "../failures.ts";
import type { IngestActivityDeps, WorkInput, WorkReport } from "./deps.ts";
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
  const unindexed = { isDue: false, messages: 0 };
  const requestIndexing = () => {
    if (input.index && unindexed.isDue) background.request();
    Object.assign(unindexed, { isDue: false, messages: 0 });
  };
  let failed: readonly StreamFailure[] = [];
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
      const report = await workBatch(deps, input, signal);
      const worked = report.worked.map(arrivalOf);
      totals.batches += 1;
      totals.messages += worked.length;
      failed = report.failed;
      more = report.more;
      if (worked.length > 0) {
        lastWork = performance.now();
        arrivals.push(...worked);
        observe(metrics.extractedLag, worked);
      }
      unindexed.isDue ||= woken || worked.length > 0;
      unindexed.messages += worked.length;
      // Of a flood more is indexed at once: each time costs the index a segment, and soon a merge of many.
      const floods = worked.length >= limits.batch && unindexed.messages < limits.indexBatch;
      if (!floods) requestIndexing();
      const now = performance.now();
      if (failed.length > 0 || draining.aborted || now - start > limits.stayMs) break;
      if (more || seat.hasWork) continue;
      if (desk.taken > limits.seats || now - lastWork + limits.lookMs > limits.lingerMs) break;
      await seat.rest(limits.lookMs, signal);
    }
  } finally {
    seat.close();
    requestIndexing();
    await background.settled();
  }
  const failure = await background.settled();
  signal.throwIfAborted();
  if (failure && !isOutage(failure.error)) logIndexFailure(deps, input, failure.error);
  const isUnindexed = failure !== undefined || (!input.index && totals.messages > 0);
  const report = failed.map(({ extractionId: _, ...failure }) => failure);
  return { ...totals, ...indexing.counts, failed: report, more, unindexed: isUnindexed };
}

/** What comes in the next moment joins the batch: a batch of one costs nearly what one of twenty does. */
async function gather(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await pause(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}

/**
 * One batch in its turn.
 *
 * @throws MnemeError when an engine or the model's server is away and nothing else went wrong.
 */
function workBatch(deps: IngestActivityDeps, input: WorkInput, signal: AbortSignal): Promise<IngestReport> {
  const { ingest, metrics, limits } = deps;
  return deps.inTurn(async () => {
    signal.throwIfAborted();
    const report = await ingestBatch(ingest, input, {
      limit: limits.batch,
      exclude: input.exclude,
      signal,
      onFailure: (failure, error) => noteFailure(deps, failure, error),
    });
    if (report.more) metrics.batches.inc();
    metrics.messages.inc(report.worked.length);
    return report;
  });
}

/** Counts and logs a try that failed. */
export function noteFailure(
  { metrics, log }: Pick<IngestActivityDeps, "metrics" | "log">,
  failure: StreamFailure,
  error: unknown,
): void {
  metrics.failures.inc({ reason: failure.reason });
  log.warn({ ...failure, err: error }, "a stream's try failed");
}

function logIndexFailure({ log }: IngestActivityDeps, { tenantId, bucket }: WorkInput, error: unknown) {
  log.error({ tenantId, bucket, reason: reasonOf(error) }, "the index could not be brought up");
}

/** Message ids are UUIDs of version 7: their first 48 bits are the time they were made. */
function arrivalOf(messageId: string): number {
  return Number.parseInt(messageId.replaceAll("-", "").slice(0, 12), 16);
}

function observe(lag: { observe(seconds: number): void }, arrivals: readonly number[]): void {
  const now = Date.now();
  for (const arrival of arrivals) lag.observe(Math.max(0, now - arrival) / 1_000);
}
