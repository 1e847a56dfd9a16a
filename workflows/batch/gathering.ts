import { setTimeout as pause } from "node:timers/promises";
import type { BulkDeps } from "@mneme/core/extraction/bulk/bulk-deps.ts";
import { type GatherLimits, gatherBatches } from "@mneme/core/extraction/bulk/gather-batches.ts";
import type { Logger } from "pino";
import { describe } from "../guard.ts";

export interface GatheringOptions {
  readonly bulk: BulkDeps;
  readonly log: Logger;
  readonly limits: GatherLimits;
  /** How often it looks, 5,000 ms by default. */
  readonly lookMs?: number;
}

/** Longer than a batch's workflow leaves it alone. */
const FORGOTTEN_MS = 2 * 60 * 60_000;
const FORGOTTEN_AT_ONCE = 100;

/**
 * Makes batches of what waits for one, for as long as it runs, and has those looked after that nobody seems to know of:
 * whose workflow was terminated, say. Several may run.
 */
export function startGathering({ bulk, log, limits, lookMs = 5_000 }: GatheringOptions): AsyncDisposable {
  const stop = new AbortController();
  const { signal } = stop;

  async function look(): Promise<void> {
    const batches = await gatherBatches(bulk, {
      ...limits,
      onFailure: ({ tenantId, projectId }, error) =>
        log.warn(
          { tenantId, projectId, ...describe(error) },
          "who waits for a batch could not be gathered; trying again",
        ),
    });
    if (batches > 0) log.info({ batches }, "batches were made of what may wait");
    const woken = await bulk.batches.wakeForgotten(FORGOTTEN_MS, FORGOTTEN_AT_ONCE);
    if (woken > 0) log.warn({ batches: woken }, "batches that nobody looked after are looked after again");
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await look().catch((error: unknown) => {
        log.warn(describe(error), "what waits for a batch could not be looked for; trying again");
      });
      await pause(lookMs, undefined, { signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}
