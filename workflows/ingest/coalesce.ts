import { setTimeout as pause } from "node:timers/promises";

/**
 * Makes one call of many that come at about the same time. Each caller gets a call that began after it
 * asked; two calls begin at least `gapMs` apart, and the first of a quiet time at once.
 */
export function coalesce(call: () => Promise<void>, gapMs: number): (signal?: AbortSignal) => Promise<void> {
  let begun = Number.NEGATIVE_INFINITY;
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  async function begin(): Promise<void> {
    await running.catch(() => undefined);
    const early = begun + gapMs - performance.now();
    if (early > 0) await pause(early);
    begun = performance.now();
    next = undefined;
    running = call();
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
