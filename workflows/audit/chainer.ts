import { setTimeout as pause } from "node:timers/promises";
import type { Auditor } from "@mneme/core/audit/auditor.ts";
import { MnemeError } from "@mneme/core/errors.ts";
import { type AuditChain, TrailBrokenError } from "@mneme/postgres/audit-chain.ts";
import type { Logger } from "pino";
import { describe } from "../guard.ts";
import type { WorkerMetrics } from "../metrics.ts";
import { createRests } from "../rests.ts";
import { createBreaks } from "./breaks.ts";

export interface ChainerOptions {
  readonly chain: AuditChain;
  /** Takes what the worker itself says of a trail. */
  readonly auditor: Auditor;
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

/**
 * Puts audit events into their trails for as long as it runs. Several may run: a tenant is one's at a time. Where one
 * tenant's events can't be put, that tenant waits, longer each time, and no other.
 */
export function startChainer({
  chain,
  auditor,
  log,
  metrics,
  lookMs = 500,
}: ChainerOptions): AsyncDisposable {
  const stop = new AbortController();
  const rests = createRests({ firstMs: FIRST_REST_MS, mostMs: MOST_REST_MS });
  const breaks = createBreaks(auditor, log, metrics);
  /** By tenant. */
  const working = new Map<string, Promise<void>>();

  async function leaveAlone(tenantId: string, error: unknown): Promise<void> {
    if (error instanceof TrailBrokenError) {
      rests.begin(tenantId, await breaks.found(error));
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
        // It is another process's turn, and this one has seen nothing of the trail.
        if (chained === undefined) break;
        metrics.auditChained.inc(chained);
        await breaks.mended(tenantId);
        if (chained < EVENTS_AT_ONCE) break;
      }
      rests.end(tenantId);
    } catch (error) {
      await leaveAlone(tenantId, error);
    } finally {
      working.delete(tenantId);
    }
  }

  async function look(): Promise<void> {
    const without = new Set([...rests.current(), ...working.keys()]);
    const waiting = await chain.waiting(TENANTS_A_LOOK, [...without]);
    // Also where nothing waits any more: whoever broke a trail may have removed it.
    const broken = breaks.tenants().filter((tenantId) => !without.has(tenantId));
    for (const tenantId of new Set([...waiting, ...broken])) {
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
