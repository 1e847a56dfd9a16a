import { setTimeout as pause } from "node:timers/promises";
import { type IngestReport, ingestBatch } from "@mneme/core/extraction/ingest.ts";
import type { StreamFailure } from "@mneme/core/extraction/ingest-tally.ts";
import { isOutage } from "@mneme/core/extraction/outage.ts";
import { reasonOf } from "../failures.ts";
import type { IngestActivityDeps, WorkInput, WorkReport } from "./deps.ts";
import { createIndexing, indexInBackground, paceIndexing } from "./indexing.ts";

/**
 * Works batch after batch, and indexes what was worked while more is read, of a flood several batches at
 * once. After the last one it stays a moment and looks again: a conversation's next message then costs no
 * workflow task.
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
  const promises: (() => void)[] = [];
  const background = indexInBackground(indexing, () => {
    const indexed = arrivals.splice(0);
    const kept = promises.splice(0);
    return () => {
      for (const keep of kept) keep();
      observe(metrics.searchableLag, indexed);
    };
  });
  const start = performance.now();
  const totals = { batches: 0, messages: 0 };
  // They had their turn, and have more: one turn is the others', who may be hidden behind what they have.
  let aside: readonly string[] = [];
  let isDue = false;
  const pace = paceIndexing(limits, () => {
    if (input.index && isDue) background.request();
    isDue = false;
  });
  let failed: readonly StreamFailure[] = [];
  let more = false;
  let lastWork = start;
  const onWorked = (messageIds: readonly string[]) => {
    const worked = messageIds.map(arrivalOf);
    totals.messages += worked.length;
    lastWork = performance.now();
    arrivals.push(...worked);
    observe(metrics.extractedLag, worked);
    isDue = true;
    pace.worked(worked.length);
  };
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
      const report = await workBatch(
        deps,
        { ...input, exclude: [...input.exclude, ...aside] },
        signal,
        onWorked,
      );
      totals.batches += 1;
      failed = report.failed;
      more = report.more || aside.length > 0;
      aside = report.trimmed ?? [];
      // Here, not when it is indexed: by then rows of the next batch have been seen, and not been worked.
      promises.push(seat.promise());
      isDue ||= woken;
      pace.ended(report.worked.length);
      const now = performance.now();
      if (failed.length > 0 || draining.aborted || now - start > limits.stayMs) break;
      if (more || seat.hasWork) continue;
      if (desk.taken > limits.seats || now - lastWork + limits.lookMs > limits.lingerMs) break;
      await seat.rest(limits.lookMs, signal);
    }
  } finally {
    seat.close();
    pace.flush();
    await background.settled();
  }
  const failure = await background.settled();
  signal.throwIfAborted();
  if (failure && !isOutage(failure.error)) logIndexFailure(deps, input, failure.error);
  const isUnindexed = failure !== undefined || (!input.index && totals.messages > 0);
  return { ...totals, ...indexing.counts, failed, more, unindexed: isUnindexed };
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
function workBatch(
  deps: IngestActivityDeps,
  input: WorkInput,
  signal: AbortSignal,
  onWorked: (messageIds: readonly string[]) => void,
): Promise<IngestReport> {
  const { ingest, metrics, limits } = deps;
  return deps.inTurn(async () => {
    signal.throwIfAborted();
    const report = await ingestBatch(ingest, input, {
      limit: limits.batch,
      exclude: input.exclude,
      beginMs: limits.beginMs,
      signal,
      onWorked,
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
