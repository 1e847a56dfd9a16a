import type { CallOptions } from "./caller.ts";
import { DeadlineExceededError, ExtractionFailedError, MnemeError } from "./errors/errors.ts";
import type { Extractions } from "./extractions.ts";
import { backoffMs, isRetryable, LONGEST_TIMER_MS, type RetryPolicy, sleep } from "./retry.ts";
import type { Extraction } from "./types/extraction.ts";
import type { WaitUntil } from "./types/results.ts";

/** How to wait for an extraction. */
export interface WaitOptions extends Pick<CallOptions, "signal"> {
  /** In the record, or findable (the default). */
  readonly until?: WaitUntil | undefined;
  /** How long at most, in milliseconds; two minutes by default. */
  readonly timeoutMs?: number | undefined;
  /** Told of every state that is seen. */
  readonly onChange?: ((extraction: Extraction) => void) | undefined;
}

const DEFAULT_TIMEOUT_MS = 120_000;
/** A stream is renewed this often, so that a connection that died unnoticed does not hold up the wait. */
const STREAM_MS = 60_000;
/** After so many streams in a row that brought nothing, it is polled instead. */
const FRUITLESS_STREAMS = 2;
/** Between two streams, or two polls. */
const PAUSE: RetryPolicy = { retries: Number.POSITIVE_INFINITY, baseDelayMs: 200, maxDelayMs: 2_000 };

/**
 * Follows an extraction by its stream, opens the stream again when it breaks, and polls where streams do not work.
 * @throws ExtractionFailedError when it failed or was dropped, DeadlineExceededError when the time is over
 * (the work goes on), CancelledError by the signal, NotFoundError for an unknown id.
 */
export async function waitForExtraction(
  extractions: Extractions,
  id: string,
  options: WaitOptions = {},
): Promise<Extraction> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const timeout = AbortSignal.timeout(Math.min(timeoutMs, LONGEST_TIMER_MS));
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  try {
    return await follow(extractions, id, signal, options);
  } catch (error) {
    if (timeout.aborted && !options.signal?.aborted && !(error instanceof ExtractionFailedError)) {
      throw new DeadlineExceededError(
        `extraction ${id} was not ${options.until ?? "searchable"} within ${timeoutMs} ms; the work goes on`,
        { reason: "DEADLINE_EXCEEDED", metadata: { extraction_id: id }, cause: error },
      );
    }
    throw error;
  }
}

async function follow(
  extractions: Extractions,
  id: string,
  signal: AbortSignal,
  options: WaitOptions,
): Promise<Extraction> {
  let fruitless = 0;
  for (let round = 1; ; round++) {
    const polling = fruitless >= FRUITLESS_STREAMS;
    let failure: MnemeError | undefined;
    let seen = 0;
    try {
      for await (const extraction of look(extractions, id, signal, polling)) {
        seen++;
        options.onChange?.(extraction);
        if (reached(extraction, options.until)) return extraction;
      }
    } catch (error) {
      failure = curable(error);
    }
    if (!polling) fruitless = seen > 0 ? 0 : fruitless + 1;
    await sleep(backoffMs(PAUSE, Math.min(round, 5), failure), signal);
  }
}

/** The states of one stream, or of one poll where streams bring nothing. */
async function* look(extractions: Extractions, id: string, signal: AbortSignal, poll: boolean) {
  if (poll) yield await extractions.get(id, { signal });
  else yield* extractions.watch(id, { signal, timeoutMs: STREAM_MS });
}

/** @throws ExtractionFailedError when it can no longer be reached. */
function reached(extraction: Extraction, until: WaitUntil = "searchable"): boolean {
  if (extraction.state === "failed" || extraction.state === "dropped")
    throw new ExtractionFailedError(extraction);
  return extraction.state === "searchable" || extraction.state === until;
}

/** The error if another stream may do better. @throws the error if not. */
function curable(error: unknown): MnemeError {
  // A proxy that cannot stream answers so; polling still works.
  if (error instanceof MnemeError && (isRetryable(error) || error.kind === "unimplemented")) return error;
  throw error;
}
