import { setTimeout as pause } from "node:timers/promises";

/** How far apart calls begin. */
export interface Pace {
  /** So many times as long as the one before took: on a busy machine that is longer. */
  readonly times: number;
  readonly leastMs: number;
  readonly mostMs: number;
}

/**
 * Makes one call of many that come at about the same time. Each caller gets a call that began after it
 * asked; the first of a quiet time begins at once, another when the pace lets it.
 */
export function coalesce(call: () => Promise<void>, pace: Pace): (signal?: AbortSignal) => Promise<void> {
  let nextAt = Number.NEGATIVE_INFINITY;
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  async function begin(): Promise<void> {
    await running.catch(() => undefined);
    const early = nextAt - performance.now();
    if (early > 0) await pause(early);
    const begun = performance.now();
    next = undefined;
    running = call().finally(() => {
      const gapMs = pace.times * (performance.now() - begun);
      nextAt = begun + Math.min(Math.max(gapMs, pace.leastMs), pace.mostMs);
    });
    await running;
  }

  return async (signal) => {
    signal?.throwIfAborted();
    next ??= begin();
    await (signal ? orAborted(next, signal) : next);
  };
}

async function orAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
