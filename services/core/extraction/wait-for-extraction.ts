import type { Tenancy } from "../tenancy/caller.ts";
import { type Extraction, type ExtractionState, isSettled } from "./extraction.ts";
import { type WatchDeps, watchExtraction } from "./watch-extraction.ts";

export interface ExtractionWait {
  /** `extracted`: its memories are in the record; `searchable`: they can be found. */
  readonly until: "extracted" | "searchable";
  /** When to answer with what there is. */
  readonly deadline: Date;
}

/**
 * Waits until an extraction got somewhere, failed or was dropped.
 *
 * @returns the extraction as it stands; `expired` where the deadline came first, or it waits for a budget or a batch
 *   itself. The work goes on.
 * @throws MnemeError EXTRACTION_NOT_FOUND.
 */
export async function waitForExtraction(
  deps: WatchDeps,
  tenancy: Tenancy,
  extractionId: string,
  wait: ExtractionWait,
  signal?: AbortSignal,
): Promise<{ readonly extraction: Extraction; readonly expired: boolean }> {
  const expiry = AbortSignal.timeout(Math.max(0, wait.deadline.getTime() - Date.now()));
  const ended = signal ? AbortSignal.any([signal, expiry]) : expiry;
  let extraction: Extraction | undefined;
  try {
    for await (extraction of watchExtraction(deps, tenancy, extractionId, ended)) {
      if (isReached(extraction.state, wait.until)) return { extraction, expired: false };
      // Of a month's turn, or a day's batch, no caller hears.
      if (extraction.waiting) return { extraction, expired: true };
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (!expiry.aborted) throw error;
  }
  extraction ??= await deps.extractions.get(tenancy, extractionId, signal);
  return { extraction, expired: !isReached(extraction.state, wait.until) };
}

function isReached(state: ExtractionState, until: ExtractionWait["until"]): boolean {
  return isSettled(state) || (until === "extracted" && state === "extracted");
}
