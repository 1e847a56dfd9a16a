import {
  ActivityFailure,
  CancellationScope,
  isCancellation,
  log,
  proxyActivities,
  sleep,
} from "@temporalio/workflow";
import type { BatchInput } from "../contract.ts";
import type { BatchActivities } from "./activities.ts";

const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 15 * 60_000;
const BACKOFF = 1.5;
const LONGEST_MS = 25 * 60 * 60_000;
/** Servers take up to ten minutes to cancel. */
const ENDING_MS = 30 * 60_000;

const patiently = {
  initialInterval: "5 seconds",
  backoffCoefficient: 2,
  maximumInterval: "5 minutes",
} as const;

const { lookAfterBatch, cancelBatch } = proxyActivities<BatchActivities>({
  startToCloseTimeout: "10 minutes",
  heartbeatTimeout: "20 seconds",
  retry: patiently,
});
/** A server that fails for so long is done without. */
const { sendBatch } = proxyActivities<BatchActivities>({
  startToCloseTimeout: "1 hour",
  scheduleToCloseTimeout: "3 hours",
  heartbeatTimeout: "20 seconds",
  retry: patiently,
});
const { applyBatch } = proxyActivities<BatchActivities>({
  startToCloseTimeout: "2 hours",
  scheduleToCloseTimeout: "12 hours",
  heartbeatTimeout: "20 seconds",
  retry: patiently,
});
/** For as long as it takes: nothing may stay with the server. */
const { releaseBatch, closeBatch } = proxyActivities<BatchActivities>({
  startToCloseTimeout: "10 minutes",
  heartbeatTimeout: "20 seconds",
  retry: patiently,
});

/**
 * Has a batch read by a model's server: sends it, waits for its end, keeps what was answered, and leaves nothing with the
 * server. Who is not answered goes on by calls of their own. Where it takes too long or is cancelled, it asks the server
 * for the end, keeps what was answered by then, and ends as well.
 */
export async function batch(input: BatchInput): Promise<void> {
  const id = { tenantId: input.tenantId, batchId: input.batchId };
  let hasEnded = false;
  try {
    hasEnded =
      (await sendBatch(id)) === "none" || (await untilEnded(id, input, input.longestMs ?? LONGEST_MS));
  } catch (error) {
    if (!isCancellation(error) && !(error instanceof ActivityFailure)) throw error;
    log.warn("a batch is done without");
  }
  await CancellationScope.nonCancellable(async () => {
    if (!hasEnded) {
      await cancelBatch(id);
      await untilEnded(id, input, input.endingMs ?? ENDING_MS);
    }
    try {
      await applyBatch(id);
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      log.warn("answers of a batch could not be kept");
    }
    // Nobody waits for a server that is away to remove its files.
    await releaseBatch(id);
    await closeBatch(id);
  });
}

/** @returns false where it had not ended within this time. */
async function untilEnded(
  id: { readonly tenantId: string; readonly batchId: string },
  { firstPauseMs = FIRST_PAUSE_MS, longestPauseMs = LONGEST_PAUSE_MS }: BatchInput,
  withinMs: number,
): Promise<boolean> {
  const end = Date.now() + withinMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(BACKOFF * pauseMs, longestPauseMs)) {
    if ((await lookAfterBatch(id)) === "ended") return true;
    if (Date.now() >= end) return false;
    await sleep(pauseMs);
  }
}
