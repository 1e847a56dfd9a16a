import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  defineSignal,
  isCancellation,
  log,
  patched,
  proxyActivities,
  setHandler,
  sleep,
  TimeoutFailure,
  workflowInfo,
} from "@temporalio/workflow";
import { type IngestInput, type IngestTarget, OUT_OF_TIME, type RetryingStream, WAKE } from "../contract.ts";
import type { IngestActivities } from "./activities.ts";
import type { FailedTry } from "./deps.ts";

/** Tries an extraction gets in all; the batch that failed was the first. */
const MAX_TRIES = 3;
/** Where a model's server asks to slow down: with its pauses, half a minute and more. */
const MAX_RATE_TRIES = 6;
const RATE_LIMITED = "MODEL_RATE_LIMITED";
/** What fails again for certain is tried once more, alone: to know which extraction it is. */
const MAX_CERTAIN_TRIES = 2;
const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 30_000;
/** A history of more events is continued as new, well before the server insists. */
const MAX_HISTORY_EVENTS = 2_000;
/** Unless a try is under way: that would be cut off, and one that takes long every time. Within bounds, though. */
const MAX_OVERTIME = 10;
/** Beyond what a batch or a try allows itself: whoever takes longer is stuck. */
const MAX_ACTIVITY_MS = 2 * 60 * 60_000;

/**
 * Outages are waited out, however long they last. A worker that was killed is noticed by its heartbeat,
 * and its work taken over.
 */
const untilDone = {
  heartbeatTimeout: "6 seconds",
  cancellationType: ActivityCancellationType.TRY_CANCEL,
} as const;
const patiently = {
  initialInterval: "1 second",
  backoffCoefficient: 2,
  maximumInterval: "10 seconds",
} as const;
/** As the server calls it. */
const TIME_OUT = "TemporalTimeout:StartToClose";
/** A try may wait so much longer than it takes for its turn. */
const MAX_WAIT = 12;

function activitiesWithin(maxMs: number) {
  const options = { ...untilDone, startToCloseTimeout: maxMs };
  const { ingest, index, giveUp } = proxyActivities<IngestActivities>({ ...options, retry: patiently });
  // Another try of the server's own would be one that nobody counts.
  const retry = { ...patiently, nonRetryableErrorTypes: [TIME_OUT] };
  const startToCloseTimeout = (1 + MAX_WAIT) * maxMs;
  const { ingestStream } = proxyActivities<IngestActivities>({ ...options, startToCloseTimeout, retry });
  return { ingest, index, giveUp, ingestStream };
}

/** A stream that was still read when its batch's time was over. */
const UNTRIED = { extractionId: "", tries: 0, reason: "", isSpent: false };

export const wake = defineSignal(WAKE);

/**
 * Works what is pending in one bucket of a tenant until nothing is left, then ends; a signal that comes
 * while it ends makes the server refuse the end, so none is lost. Each person's messages are worked in
 * order: a stream that failed is left out of the batches until it was tried again or given up.
 */
export async function ingest(input: IngestInput): Promise<void> {
  const target: IngestTarget = { tenantId: input.tenantId, bucket: input.bucket };
  const maxMs = input.maxActivityMs ?? MAX_ACTIVITY_MS;
  const activities = activitiesWithin(maxMs);
  const retrying = new Map<string, RetryingStream>();
  const { carried } = input;
  let woken = carried?.woken ?? true;
  let indexing = false;
  let indexAgain = false;
  let underWay = 0;
  setHandler(wake, () => {
    woken = true;
  });

  /** Tries one stream alone until its first extraction is done or given up. */
  async function retry(stream: RetryingStream, at: { delayMs: number }): Promise<void> {
    const { streamId } = stream;
    let latest = stream;
    let { delayMs } = at;
    retrying.set(streamId, latest);
    while (!latest.isSpent) {
      if (delayMs > 0) await sleep(delayMs);
      const failed = await tryAlone(latest);
      if (!failed) break;
      latest = counted(streamId, failed, latest);
      retrying.set(streamId, latest);
      delayMs = pauseAfter(latest.tries, failed);
    }
    if (latest.isSpent) {
      const { extractionId, reason } = latest;
      await activities.giveUp({ tenantId: target.tenantId, streamId, extractionId, reason });
    }
    retrying.delete(streamId);
    woken = true;
  }

  async function tryAlone({ streamId, extractionId }: RetryingStream): Promise<FailedTry | undefined> {
    underWay += 1;
    try {
      return (await activities.ingestStream({ tenantId: target.tenantId, streamId, maxMs })).failed;
    } catch (error) {
      if (!isOutOfTime(error)) throw error;
      // Far beyond the time that the activity allows a model: ours to look into.
      return { extractionId, reason: "INTERNAL", retryable: true };
    } finally {
      underWay -= 1;
    }
  }

  /** Brings the index up by itself after an outage, while messages go on being read. */
  async function catchUp(): Promise<void> {
    indexing = true;
    do {
      indexAgain = false;
      await activities.index(target);
    } while (indexAgain);
    indexing = false;
  }

  const background = new CancellationScope();
  const inBackground = (run: () => Promise<void>) => {
    background.run(run).catch((error) => {
      if (!isCancellation(error)) throw error;
    });
  };
  for (const stream of carried?.retrying ?? []) {
    inBackground(() => retry(stream, { delayMs: backoff(stream.tries) }));
  }
  if (carried?.indexing) inBackground(catchUp);

  for (;;) {
    await condition(() => woken || (retrying.size === 0 && !indexing));
    if (!woken) return;
    woken = false;
    const report = await activities.ingest({ ...target, exclude: [...retrying.keys()], index: !indexing });
    for (const failed of report.failed) {
      const stream = counted(failed.streamId, failed);
      inBackground(() => retry(stream, { delayMs: pauseAfter(stream.tries, failed) }));
    }
    for (const streamId of report.slow ?? []) {
      // Alone it may take its time, and nobody waits.
      inBackground(() => retry({ ...UNTRIED, streamId }, { delayMs: 0 }));
    }
    if (report.more) woken = true;
    if (report.unindexed && indexing) indexAgain = true;
    else if (report.unindexed) inBackground(catchUp);
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    const maxEvents = input.maxHistoryEvents ?? MAX_HISTORY_EVENTS;
    const isLong = continueAsNewSuggested || historyLength > maxEvents;
    if (isLong && (underWay === 0 || historyLength > MAX_OVERTIME * maxEvents)) {
      log.debug("continuing as new", { historyLength });
      const unfinished = { woken, indexing, retrying: [...retrying.values()] };
      background.cancel();
      await continueAsNew<typeof ingest>({ ...input, carried: unfinished });
    }
  }
}

function isOutOfTime(error: unknown): boolean {
  if (!(error instanceof ActivityFailure)) return false;
  const { cause } = error;
  return (
    cause instanceof TimeoutFailure || (cause instanceof ApplicationFailure && cause.type === OUT_OF_TIME)
  );
}

/** @param last the stream's failed try before: another extraction than its one is counted from the beginning. */
function counted(
  streamId: string,
  { extractionId, reason, retryable }: FailedTry,
  last?: RetryingStream,
): RetryingStream {
  const tries = last?.extractionId === extractionId ? last.tries + 1 : 1;
  const isSpent = tries >= (retryable ? mostTries(reason) : MAX_CERTAIN_TRIES);
  return { streamId, extractionId, tries, reason, isSpent };
}

function mostTries(reason: string): number {
  const asksToSlowDown = reason.startsWith(RATE_LIMITED) && patched("patience-with-rates");
  return asksToSlowDown ? MAX_RATE_TRIES : MAX_TRIES;
}

/** A model's server may ask for longer than our own patience, within the bound of it. */
function pauseAfter(tries: number, { retryable, retryAfterMs = 0 }: FailedTry): number {
  if (!retryable) return 0;
  return Math.min(Math.max(backoff(tries), retryAfterMs), MAX_BACKOFF_MS);
}

function backoff(tries: number): number {
  return Math.min(FIRST_BACKOFF_MS * 2 ** (tries - 1), MAX_BACKOFF_MS);
}
