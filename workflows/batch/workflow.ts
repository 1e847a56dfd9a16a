import type { LeftReason } from "@mneme/core/extraction/bulk/bulk-store.ts";
import type { CloseProgress } from "@mneme/core/extraction/bulk/end-batch.ts";
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
/** A server that does not say for so long how far it is will hardly make it within the day. */
const AWAY_MS = 6 * 60 * 60_000;
const KEEPING_MS = 12 * 60 * 60_000;
/** Its files go by themselves by then, where it knows that: three days after its end, which is a day away at most. */
const CLOSING_MS = 4 * 24 * 60 * 60_000;

const patiently = {
  initialInterval: "5 seconds",
  backoffCoefficient: 2,
  maximumInterval: "5 minutes",
} as const;

/** What a server serves, for as long as it may be away. */
const serverWithin = (ms: number) =>
  proxyActivities<BatchActivities>({
    startToCloseTimeout: "10 minutes",
    scheduleToCloseTimeout: ms,
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
const keeperWithin = (ms: number) =>
  proxyActivities<BatchActivities>({
    startToCloseTimeout: "2 hours",
    scheduleToCloseTimeout: ms,
    heartbeatTimeout: "20 seconds",
    retry: patiently,
  });
/** For as long as it takes: the record alone serves them. */
const { releaseBatch, leaveBatch } = proxyActivities<BatchActivities>({
  startToCloseTimeout: "10 minutes",
  heartbeatTimeout: "20 seconds",
  retry: patiently,
});

/**
 * Has a batch read by a model's server: sends it, waits for its end, keeps what was answered, and leaves nothing with the
 * server. Who is not answered goes on by calls of their own. Where it takes too long or is cancelled, it asks the server
 * for the end, keeps what was answered by then, and ends as well. A server that is away is done without in time, and
 * where it stays away the record says what may be left there: nothing here goes on for ever.
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
    if (!hasEnded) await end(id, input);
    try {
      await keeperWithin(input.keepingMs ?? KEEPING_MS).applyBatch(id);
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      log.warn("answers of a batch could not be kept");
    }
    // Nobody waits for a server that is away to remove its files.
    await releaseBatch(id);
    const left = await close(id, input);
    if (left) await leaveBatch(id, left);
  });
}

type Id = { readonly tenantId: string; readonly batchId: string };

/** Asks for the end and waits for it, as long as that may take. */
async function end(id: Id, input: BatchInput): Promise<void> {
  const { endingMs = ENDING_MS } = input;
  try {
    await serverWithin(endingMs).cancelBatch(id);
    await untilEnded(id, { ...input, awayMs: endingMs }, endingMs);
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    log.warn("a batch could not be ended");
  }
}

/** @returns why something may be left with the server, as it said last; undefined where nothing is. */
async function close(
  id: Id,
  { firstPauseMs = FIRST_PAUSE_MS, longestPauseMs = LONGEST_PAUSE_MS, closingMs = CLOSING_MS }: BatchInput,
): Promise<LeftReason | undefined> {
  const end = Date.now() + closingMs;
  let left: LeftReason = "unreachable";
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(BACKOFF * pauseMs, longestPauseMs)) {
    let became: CloseProgress;
    try {
      became = await serverWithin(Math.max(end - Date.now(), 1)).closeBatch(id);
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      // The last try has what time is left, which may be none.
      return left;
    }
    // Nothing in histories from before it told.
    if (became === undefined || became === "closed") return undefined;
    if (Date.now() >= end) return became;
    left = became;
    await sleep(pauseMs);
  }
}

/** @returns false where it had not ended within this time. */
async function untilEnded(
  id: Id,
  { firstPauseMs = FIRST_PAUSE_MS, longestPauseMs = LONGEST_PAUSE_MS, awayMs = AWAY_MS }: BatchInput,
  withinMs: number,
): Promise<boolean> {
  const end = Date.now() + withinMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(BACKOFF * pauseMs, longestPauseMs)) {
    if ((await serverWithin(awayMs).lookAfterBatch(id)) === "ended") return true;
    if (Date.now() >= end) return false;
    await sleep(pauseMs);
  }
}
