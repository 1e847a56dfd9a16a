import { setTimeout as pause } from "node:timers/promises";
import { MnemeError } from "@mneme/core/errors.ts";
import { type AuditChain, TrailBrokenError } from "@mneme/postgres/audit-chain.ts";
import type { Logger } from "pino";
import { describe } from "../guard.ts";
import type { WorkerMetrics } from "../metrics.ts";
import { createRests } from "../rests.ts";

export interface ChainerOptions {
  readonly chain: AuditChain;
  readonly log: Logger;
  readonly metrics: Pick<WorkerMetrics, "auditChained" | "auditFailures">;
  /** How often it looks, 500 ms by default: nobody notifies, for that would make commits wait for each other. */
  readonly lookMs?: number;
}

/** Tenants that one look finds. */
const TENANTS_A_LOOK = 100;
const TENANTS_AT_ONCE = 4;
const EVENTS_AT_ONCE = 1_000;
/** Then others have their turn, and whoever has more comes again. */
const MOST_A_TURN = 10 * EVENTS_AT_ONCE;
const MAX_BACKOFF_MS = 10_000;
const FIRST_REST_MS = 1_000;
const MOST_REST_MS = 60_000;
/** A broken trail is told of again after so long. */
const TELL_AGAIN_MS = 10 * 60_000;

/**
 * Puts audit events into their trails for as long as it runs. Several may run: a tenant is one's at a time. Where one
 * tenant's events can't be put, that tenant waits, longer each time, and no other.
 */
export function startChainer({ chain, log, metrics, lookMs = 500 }: ChainerOptions): AsyncDisposable {
  const stop = new AbortController();
  const rests = createRests({ firstMs: FIRST_REST_MS, mostMs: MOST_REST_MS });
  /** By tenant. */
  const working = new Map<string, Promise<void>>();

  function leaveAlone(tenantId: string, error: unknown): void {
    if (error instanceof TrailBrokenError) {
      metrics.auditFailures.inc({ reason: "broken" });
      rests.begin(tenantId, TELL_AGAIN_MS);
      log.error(
        { tenantId, sequence: error.sequence },
        "an audit trail does not end where it was signed: somebody changed it; events wait, see mneme audit verify",
      );
      return;
    }
    const isOutage = error instanceof MnemeError && error.kind === "unavailable";
    metrics.auditFailures.inc({ reason: isOutage ? "outage" : "failed" });
    const waitMs = rests.begin(tenantId);
    log[isOutage ? "warn" : "error"](
      { tenantId, ...describe(error), waitMs },
      "a tenant's audit events wait; trying again",
    );
  }

  async function work(tenantId: string): Promise<void> {
    try {
      for (let done = 0; done < MOST_A_TURN && !stop.signal.aborted; done += EVENTS_AT_ONCE) {
        const chained = await chain.chain(tenantId, EVENTS_AT_ONCE);
        metrics.auditChained.inc(chained);
        if (chained < EVENTS_AT_ONCE) break;
      }
      rests.end(tenantId);
    } catch (error) {
      leaveAlone(tenantId, error);
    } finally {
      working.delete(tenantId);
    }
  }

  async function look(): Promise<void> {
    const waiting = await chain.waiting(TENANTS_A_LOOK, [...rests.current(), ...working.keys()]);
    for (const tenantId of waiting) {
      while (working.size >= TENANTS_AT_ONCE) await Promise.race(working.values());
      if (stop.signal.aborted) return;
      working.set(tenantId, work(tenantId));
    }
  }

  async function run(): Promise<void> {
    let waitMs = lookMs;
    while (!stop.signal.aborted) {
      try {
        await look();
        waitMs = lookMs;
      } catch (error) {
        metrics.auditFailures.inc({ reason: "outage" });
        log.warn({ ...describe(error), waitMs }, "audit events wait; trying again");
        waitMs = Math.min(waitMs * 2, MAX_BACKOFF_MS);
      }
      await pause(waitMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
    await Promise.all(working.values());
  }

  const running = run();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}
