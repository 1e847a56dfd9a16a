import { setTimeout as pause } from "node:timers/promises";

/** A deadlock, of which PostgreSQL ended this side, and a serialization failure: nothing of the transaction is left. */
const LOST = new Set(["40P01", "40001"]);
const TRIES = 3;
/** Milliseconds at most before the second try, and twice as many before the third: whoever met here is apart by then. */
const PAUSE_MS = 50;

/**
 * Runs a transaction anew that PostgreSQL rolled back for another's sake, three times at most.
 *
 * @param attempt one transaction, whole: from its begin to its commit.
 */
export async function retryDeadlocks<T>(
  attempt: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (tried === TRIES || !isLost(error)) throw error;
      await pause(Math.random() * PAUSE_MS * tried, undefined, signal && { signal }).catch(() => {
        signal?.throwIfAborted();
      });
    }
  }
}

/** Of the driver's error, or of ours that it is the cause of. */
function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return LOST.has((error as Error & { code?: string }).code ?? "") || isLost(error.cause);
}
