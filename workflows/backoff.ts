import { setTimeout as pause } from "node:timers/promises";

export interface BackoffOptions {
  /** Ends the tries; the promise then rejects with its reason. */
  readonly signal: AbortSignal;
  readonly firstMs?: number;
  readonly maxMs?: number;
  /** Told about each failed try. */
  readonly onFailure?: (error: unknown, backoffMs: number) => void;
}

/** Tries until it works, waiting longer each time: 250 ms doubling to 5 s unless told. */
export async function untilItWorks<T>(work: () => Promise<T>, options: BackoffOptions): Promise<T> {
  const { signal, firstMs = 250, maxMs = 5_000, onFailure } = options;
  for (let backoffMs = firstMs; ; backoffMs = Math.min(backoffMs * 2, maxMs)) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      onFailure?.(error, backoffMs);
      await pause(backoffMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}
