import type { EngineTls } from "@mneme/core/engine-tls.ts";
import type { ExtractionSignals } from "@mneme/core/extraction/extraction-store.ts";
import { listen } from "./listener.ts";

export interface ExtractionSignalsOptions {
  /** The application's URL of the record. */
  readonly url: string;
  /** Without it, no TLS. */
  readonly tls?: EngineTls | undefined;
  readonly applicationName: string;
  /** Told when the connection is lost; it is made again by itself. */
  readonly onError?: (error: Error) => void;
}

/**
 * Listens for changes of extractions on a connection of its own. While that is down everybody simply waits
 * as long as they said they would at most; when it returns all are woken, for notices may have been lost.
 */
export function createExtractionSignals(
  options: ExtractionSignalsOptions,
): ExtractionSignals & AsyncDisposable {
  const waiting = new Map<string, Set<() => void>>();
  const wake = (id: string) => {
    for (const resolve of [...(waiting.get(id) ?? [])]) resolve();
  };
  const wakeAll = () => {
    for (const id of [...waiting.keys()]) wake(id);
  };
  const listener = listen({
    ...options,
    channel: "mneme_extraction",
    onNotice: wake,
    onListening: wakeAll,
  });

  return {
    changed: (extractionId, maxWaitMs, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const mine = waiting.get(extractionId) ?? new Set();
        waiting.set(extractionId, mine);
        const settle = (then: () => void) => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", onAbort);
          mine.delete(onChange);
          if (mine.size === 0 && waiting.get(extractionId) === mine) waiting.delete(extractionId);
          then();
        };
        const onChange = () => settle(resolve);
        const onAbort = () => settle(() => reject(signal?.reason));
        const timer = setTimeout(onChange, maxWaitMs);
        mine.add(onChange);
        signal?.addEventListener("abort", onAbort, { once: true });
      }),
    async [Symbol.asyncDispose]() {
      await listener[Symbol.asyncDispose]();
      wakeAll();
    },
  };
}
