import {
  ActivityCancellationType,
  CancellationScope,
  condition,
  continueAsNew,
  defineSignal,
  isCancellation,
  log,
  proxyActivities,
  setHandler,
  sleep,
  workflowInfo,
} from "@temporalio/workflow";
import { type IngestInput, type IngestTarget, type RetryingStream, WAKE } from "../contract.ts";
import type { IngestActivities } from "./activities.ts";

/** Tries a stream's messages get in all; the batch that failed was the first. */
const MAX_TRIES = 3;
const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 30_000;
/** A history of more events is continued as new, well before the server insists. */
const MAX_HISTORY_EVENTS = 2_000;

/**
 * Outages are waited out, however long they last. A worker that was killed is noticed by its heartbeat,
 * and its work taken over.
 */
const untilDone = {
  startToCloseTimeout: "15 minutes",
  heartbeatTimeout: "6 seconds",
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: "1 second", backoffCoefficient: 2, maximumInterval: "10 seconds" },
} as const;

const { ingest: work, index, ingestStream, giveUp } = proxyActivities<IngestActivities>(untilDone);

export const wake = defineSignal(WAKE);

/**
 * Works what is pending in one bucket of a tenant until nothing is left, then ends; a signal that comes
 * while it ends makes the server refuse the end, so none is lost. Each person's messages are worked in
 * order: a stream that failed is left out of the batches until it was tried again or given up.
 */
export async function ingest(input: IngestInput): Promise<void> {
  const target: IngestTarget = { tenantId: input.tenantId, bucket: input.bucket };
  const retrying = new Map<string, RetryingStream>();
  const { carried } = input;
  let woken = carried?.woken ?? true;
  let indexing = false;
  let indexAgain = false;
  setHandler(wake, () => {
    woken = true;
  });

  /** Tries one stream alone until its first extraction is done or given up. */
  async function retry(stream: RetryingStream, at: { delayMs: number }): Promise<void> {
    retrying.set(stream.streamId, stream);
    let { tries, reason } = stream;
    let delayMs = at.delayMs;
    for (;;) {
      if (delayMs > 0) await sleep(delayMs);
      const outcome = await ingestStream({ tenantId: target.tenantId, streamId: stream.streamId });
      if (!outcome.failed) break;
      tries += 1;
      reason = outcome.failed.reason;
      retrying.set(stream.streamId, { streamId: stream.streamId, tries, reason });
      if (!outcome.failed.retryable || tries >= MAX_TRIES) {
        const { extractionId } = outcome.failed;
        await giveUp({ tenantId: target.tenantId, streamId: stream.streamId, extractionId, reason });
        break;
      }
      delayMs = pauseAfter(tries, outcome.failed.retryAfterMs);
    }
    retrying.delete(stream.streamId);
    woken = true;
  }

  /** Brings the index up by itself after an outage, while messages go on being read. */
  async function catchUp(): Promise<void> {
    indexing = true;
    do {
      indexAgain = false;
      await index(target);
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
    const report = await work({ ...target, exclude: [...retrying.keys()], index: !indexing });
    for (const { streamId, reason, retryable, retryAfterMs } of report.failed) {
      // What fails again for certain is tried once more, alone: to know which message it is.
      const delayMs = retryable ? pauseAfter(1, retryAfterMs) : 0;
      inBackground(() => retry({ streamId, tries: 1, reason }, { delayMs }));
    }
    if (report.more) woken = true;
    if (report.unindexed && indexing) indexAgain = true;
    else if (report.unindexed) inBackground(catchUp);
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    if (continueAsNewSuggested || historyLength > (input.maxHistoryEvents ?? MAX_HISTORY_EVENTS)) {
      log.debug("continuing as new", { historyLength });
      const unfinished = { woken, indexing, retrying: [...retrying.values()] };
      background.cancel();
      await continueAsNew<typeof ingest>({ ...input, carried: unfinished });
    }
  }
}

/** A model's server may ask for longer than our own patience, within the bound of it. */
function pauseAfter(tries: number, retryAfterMs = 0): number {
  return Math.min(Math.max(backoff(tries), retryAfterMs), MAX_BACKOFF_MS);
}

function backoff(tries: number): number {
  return Math.min(FIRST_BACKOFF_MS * 2 ** (tries - 1), MAX_BACKOFF_MS);
}
