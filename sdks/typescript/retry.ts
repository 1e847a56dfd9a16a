import type { MnemeError } from "./errors/errors.ts";
import { toMnemeError } from "./errors/from-connect.ts";

/** How often and how patiently a call is tried again. */
export interface RetryOptions {
  /** Tries after the first one; 3 by default, 0 for none. */
  readonly retries?: number | undefined;
  /** Longest wait before the first retry, in milliseconds; doubles with every further one. 100 by default. */
  readonly baseDelayMs?: number | undefined;
  /** Longest wait at all, unless the server asks for a longer one. 5,000 by default. */
  readonly maxDelayMs?: number | undefined;
}

/** Retry options with every default filled in. */
export interface RetryPolicy {
  readonly retries: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

/** Fills in the defaults; a number is `retries`. */
export function retryPolicy(options: number | RetryOptions = {}): RetryPolicy {
  const given = typeof options === "number" ? { retries: options } : options;
  return {
    retries: given.retries ?? 3,
    baseDelayMs: given.baseDelayMs ?? 100,
    maxDelayMs: given.maxDelayMs ?? 5_000,
  };
}

/**
 * Whether another try may cure it. Every call may be repeated: reads by nature, writes by their request id. An
 * abort with a reason (an etag that does not match) stays what it is; one without is a broken connection's.
 */
export function isRetryable(error: MnemeError): boolean {
  switch (error.kind) {
    case "unavailable":
    case "deadline_exceeded":
      return true;
    case "resource_exhausted":
      // Neither is cured by a moment: a day's or month's quota says itself when it is.
      return error.reason !== "MESSAGE_TOO_LARGE" && error.reason !== "QUOTA_EXCEEDED";
    case "aborted":
      return error.reason === undefined;
    default:
      return false;
  }
}

/**
 * Milliseconds to wait before try `retry` (1, 2, ...): exponential with full jitter, so that clients that failed
 * together do not come back together; never less than the server asked for.
 */
export function backoffMs(
  policy: RetryPolicy,
  retry: number,
  error?: MnemeError,
  random = Math.random,
): number {
  const ceiling = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (retry - 1));
  const jittered = random() * ceiling;
  if (error?.retryAfterMs === undefined) return jittered;
  // Jitter on top of the server's wish, again so that not all come at once.
  return error.retryAfterMs + random() * Math.min(ceiling, error.retryAfterMs);
}

/** What a timer takes: a longer one would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Waits. @throws CancelledError as soon as the signal is aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return within(ms, signal, (resolve) => resolve);
}

/**
 * Waits for what `begin` begins, and calls what that returns once `ms` have passed.
 * @throws CancelledError as soon as the signal is aborted, which is left without a listener however it ends.
 */
export async function within<T>(
  ms: number,
  signal: AbortSignal | undefined,
  begin: (resolve: (value: T) => void, reject: (error: unknown) => void) => () => void,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let cancelled: () => void = () => undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      cancelled = () => reject(toMnemeError(undefined, { signal }));
      if (signal?.aborted) return cancelled();
      signal?.addEventListener("abort", cancelled);
      timer = setTimeout(begin(resolve, reject), Math.min(ms, LONGEST_TIMER_MS));
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", cancelled);
  }
}
