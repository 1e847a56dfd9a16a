import { setTimeout as pause } from "node:timers/promises";
import {
  type IngestBatchOptions,
  type IngestOptions,
  type IngestReport,
  ingestBatch,
} from "@mneme/core/extraction/ingest.ts";
import type { DropListener, Outcome, StreamFailure } from "@mneme/core/extraction/ingest-tally.ts";
import { isOutage } from "@mneme/core/extraction/outage.ts";
import pLimit from "p-limit";
import { reasonOf } from "../failures.ts";
import { countDrops } from "./count-drops.ts";
import type { IngestActivityDeps, WorkInput, WorkReport } from "./deps.ts";
import { type Following, followWork } from "./following.ts";
import { SlowReadings } from "./slow-readings.ts";

/** Beside slow readings an outage is waited out here, for so long each time. */
const OUTAGE_PAUSE_MS = 5_000;
/** They may go on for minutes: who comes meanwhile is mostly announced, and looked for this often if not. */
const SLOW_LOOK_MS = 1_000;

/**
 * Works batch after batch, and indexes what was worked while more is read, of a flood several batches at
 * once. After the last one it stays a moment and looks again: a conversation's next message then costs no
 * workflow task. A model's readings that outlast their batch go on while others are served; all have ended, or were
 * cut off, when this does.
 *
 * @throws MnemeError when an engine or the model's server is away, and nobody need hear of anything else: what was
 *   worked is kept.
 */
export async function workBucket(
  deps: IngestActivityDeps,
  input: WorkInput,
  signal: AbortSignal,
): Promise<WorkReport> {
  const { limits, draining, desk } = deps;
  using seat = desk.sit(input);
  const following = followWork(deps, input, signal);
  const failed: StreamFailure[] = [];
  let outage: Outcome["outage"];
  let more = false;
  const note = (outcome: Outcome) => {
    failed.push(...outcome.failed);
    outage ??= outcome.outage;
    following.ended(outcome.worked.length);
  };
  const slow = new SlowReadings((outcome) => {
    note(outcome);
    // Of the same person, what came meanwhile.
    more = true;
  });
  const cut = new AbortController();
  const reading = readingWith(deps, AbortSignal.any([signal, cut.signal]), following);
  // Somebody else indexes what is reported to them, and not before.
  const patienceMs = input.index ? limits.slowMs : limits.stayMs;
  const start = performance.now();
  let begun = Number.NEGATIVE_INFINITY;
  let batches = 0;
  // They had their turn, and have more: one turn is the others', who may be hidden behind what they have.
  let aside: readonly string[] = [];
  let woken = false;
  // Somebody else indexes meanwhile: what is new is theirs to hear of.
  if (!input.index) seat.close();
  try {
    for (;;) {
      if (!more) await gather(begun + limits.gatherMs - performance.now(), signal);
      begun = performance.now();
      // A removal has no message: whatever wakes the bucket, the index is looked after as well.
      woken ||= seat.hasWork || batches === 0;
      seat.look();
      const others = [...slow.streamIds, ...failed.map(({ streamId }) => streamId)];
      const exclude = [...input.exclude, ...aside, ...others];
      more = aside.length > 0;
      const report = await workBatch(deps, { ...input, exclude }, reading);
      slow.add(report.slow);
      batches += 1;
      more ||= report.more;
      aside = report.trimmed ?? [];
      if (!report.outage) {
        // Here, not when it is indexed: by then rows of the next batch have been seen, and not been worked.
        following.promise(seat.promise());
        if (woken) following.due();
        woken = false;
      }
      note(report);
      const now = performance.now();
      if (draining.aborted || now - start > patienceMs || (slow.areGoing && following.hasFailed)) break;
      const isOver = failed.length > 0 || outage !== undefined || now - start > limits.stayMs;
      if (isOver && !slow.areGoing) break;
      if (outage) {
        outage = undefined;
        more = true;
        await Promise.race([slow.next(), pause(OUTAGE_PAUSE_MS, undefined, { signal })]);
      } else if (more || seat.hasWork) {
        // At once.
      } else if (slow.areGoing) {
        await Promise.race([slow.next(), seat.rest(SLOW_LOOK_MS, signal)]);
      } else {
        if (desk.taken > limits.seats || now - following.lastWork + limits.lookMs > limits.lingerMs) break;
        await seat.rest(limits.lookMs, signal);
      }
    }
    await slow.endWithin(following.hasFailed ? 0 : start + patienceMs - performance.now());
  } finally {
    cut.abort();
    await slow.settled();
    seat.close();
    // Cut off while it was kept, perhaps.
    if (slow.unfinished.length > 0) following.due();
    following.flush();
    await following.settled();
  }
  const failure = await following.settled();
  signal.throwIfAborted();
  if (failure && !isOutage(failure.error)) logIndexFailure(deps, input, failure.error);
  const isUnindexed = failure !== undefined || (!input.index && following.messages > 0);
  if (outage && failed.length + slow.unfinished.length === 0 && !isUnindexed) throw outage.error;
  return {
    batches,
    messages: following.messages,
    ...following.counts,
    failed,
    ...(slow.unfinished.length > 0 && { slow: slow.unfinished }),
    more: more || outage !== undefined,
    unindexed: isUnindexed,
  };
}

type Reading = Pick<IngestOptions, "signal" | "onWorked" | "onHeld" | "onFailure"> &
  DropListener &
  Pick<IngestBatchOptions, "beginMs" | "readers" | "quietMs">;

/** How all batches of an activity are read. */
function readingWith(deps: IngestActivityDeps, signal: AbortSignal, following: Following): Reading {
  const { limits, ingest } = deps;
  const concurrency = ingest.concurrency ?? ingest.extractor.concurrency;
  return {
    signal,
    beginMs: limits.beginMs,
    // Of one batch and the next: slow readings count.
    ...(concurrency !== undefined && { readers: pLimit(concurrency), quietMs: limits.quietMs }),
    onWorked: following.worked,
    onHeld: () => deps.metrics.held.inc(),
    ...countDrops(deps.metrics),
    onFailure: (failure, error) => noteFailure(deps, failure, error),
  };
}

/** What comes in the next moment joins the batch: a batch of one costs nearly what one of twenty does. */
async function gather(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await pause(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}

/** One batch in its turn. An outage that lets nothing be done is an answer too. */
async function workBatch(
  { ingest, metrics, limits, inTurn }: IngestActivityDeps,
  input: WorkInput,
  reading: Reading,
): Promise<IngestReport> {
  const options = { limit: limits.batch, exclude: input.exclude, ...reading };
  try {
    return await inTurn(input.tenantId, async () => {
      reading.signal?.throwIfAborted();
      const report = await ingestBatch(ingest, input, options);
      if (report.more) metrics.batches.inc();
      return report;
    });
  } catch (error) {
    if (!isOutage(error)) throw error;
    return { worked: [], failed: [], outage: { error }, more: false };
  }
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
