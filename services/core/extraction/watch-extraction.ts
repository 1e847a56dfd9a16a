import { isDeepStrictEqual } from "node:util";
import type { Tenancy } from "../tenancy/caller.ts";
import { type Extraction, isSettled } from "./extraction.ts";
import type { ExtractionSignals, ExtractionStore } from "./extraction-store.ts";

export interface WatchDeps {
  readonly extractions: Pick<ExtractionStore, "get">;
  readonly signals: ExtractionSignals;
}

/** Looks again after this long even without a signal: one may be lost. */
const LONGEST_LOOK_MS = 2_000;

/**
 * Gives the extraction as it stands and again at every change; ends once it is settled.
 *
 * @throws MnemeError EXTRACTION_NOT_FOUND.
 */
export async function* watchExtraction(
  { extractions, signals }: WatchDeps,
  tenancy: Tenancy,
  extractionId: string,
  signal?: AbortSignal,
): AsyncGenerator<Extraction, void, undefined> {
  let last: Extraction | undefined;
  for (;;) {
    const stop = new AbortController();
    const ended = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    try {
      // Listens before it looks: what changes in between is not missed.
      const changed = signals.changed(extractionId, LONGEST_LOOK_MS, ended).catch(() => undefined);
      const extraction = await extractions.get(tenancy, extractionId, signal);
      if (!isDeepStrictEqual(extraction, last)) yield extraction;
      if (isSettled(extraction.state)) return;
      last = extraction;
      await changed;
      signal?.throwIfAborted();
    } finally {
      stop.abort();
    }
  }
}
