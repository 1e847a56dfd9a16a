import { setTimeout as sleep } from "node:timers/promises";
import { MnemeError } from "../errors.ts";
import type { ExtractionSignals } from "../extraction/extraction-store.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { Freshness, FreshnessStore, FreshnessTokens } from "./freshness.ts";

export interface FreshnessDeps {
  readonly freshness: FreshnessStore;
  readonly tokens: FreshnessTokens;
  readonly signals: ExtractionSignals;
}

/** How long a read waits where its caller gave no deadline. */
export const DEFAULT_FRESHNESS_WAIT_MS = 10_000;
/** Looks again after this long even without a signal: one may be lost, and an index write has none. */
const LONGEST_LOOK_MS = 250;
const FIRST_LOOK_MS = 10;

/**
 * Waits until a write can be found by search.
 *
 * @param deadline until when; 10 s from now if undefined.
 * @throws MnemeError FRESHNESS_TOKEN_INVALID, or FRESHNESS_TIMEOUT at the deadline.
 */
export async function awaitFreshness(
  deps: FreshnessDeps,
  tenancy: Tenancy,
  token: string,
  deadline?: Date,
  signal?: AbortSignal,
): Promise<void> {
  const freshness = deps.tokens.open(tenancy, token);
  const until = deadline?.getTime() ?? Date.now() + DEFAULT_FRESHNESS_WAIT_MS;
  for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(lookMs * 2, LONGEST_LOOK_MS)) {
    const left = until - Date.now();
    const stop = new AbortController();
    const ended = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    // Listens before it looks: what changes in between is not missed.
    const changed = nextChange(deps.signals, freshness, Math.max(0, Math.min(lookMs, left)), ended);
    changed.catch(() => undefined);
    try {
      if (await deps.freshness.isSearchable(tenancy, freshness, signal)) return;
      if (left <= 0) throw timeout();
      await changed;
    } finally {
      stop.abort();
    }
  }
}

function nextChange(
  signals: ExtractionSignals,
  freshness: Freshness,
  maxWaitMs: number,
  signal: AbortSignal,
): Promise<unknown> {
  if (freshness.type !== "extraction") return sleep(maxWaitMs, undefined, { signal });
  return Promise.race(freshness.extractionIds.map((id) => signals.changed(id, maxWaitMs, signal)));
}

function timeout(): MnemeError {
  return new MnemeError(
    "deadline_exceeded",
    "FRESHNESS_TIMEOUT",
    "the write can't be found by search yet; try again, or read without at_least_as_fresh",
  );
}
