import { setTimeout as pause } from "node:timers/promises";
import { type AuditChain, TrailBrokenError } from "@mneme/postgres/audit-chain.ts";
import type { Logger } from "pino";
import { reasonOf } from "../failures.ts";
import type { WorkerMetrics } from "../metrics.ts";

export interface ChainerOptions {
  readonly chain: AuditChain;
  readonly log: Logger;
  readonly metrics: Pick<WorkerMetrics, "auditChained" | "auditFailures">;
  /** How often it looks, 500 ms by default: nobody notifies, for that would make commits wait for each other. */
  readonly lookMs?: number;
}

const TENANTS_AT_ONCE = 100;
const EVENTS_AT_ONCE = 1_000;
const MAX_BACKOFF_MS = 10_000;
/** A broken trail is told of again after so long. */
const TELL_AGAIN_MS = 10 * 60_000;

/** Puts audit events into their trails for as long as it runs. Several may run: a tenant is one's at a time. */
export function startChainer({ chain, log, metrics, lookMs = 500 }: ChainerOptions): AsyncDisposable {
  const stop = new AbortController();
  /** Tenants whose trail is broken, with the time until which they are left alone. */
  const broken = new Map<string, number>();

  function tellOf(error: TrailBrokenError): void {
    const { tenantId, sequence } = error;
    metrics.auditFailures.inc({ reason: "broken" });
    broken.set(tenantId, performance.now() + TELL_AGAIN_MS);
    log.error(
      { tenantId, sequence },
      "an audit trail does not end where it was signed: somebody changed it; events wait, see mneme audit verify",
    );
  }

  async function work(tenantId: string): Promise<void> {
    try {
      for (let chained = EVENTS_AT_ONCE; chained === EVENTS_AT_ONCE && !stop.signal.aborted; ) {
        chained = await chain.chain(tenantId, EVENTS_AT_ONCE);
        metrics.auditChained.inc(chained);
      }
    } catch (error) {
      if (!(error instanceof TrailBrokenError)) throw error;
      tellOf(error);
    }
  }

  async function round(): Promise<void> {
    const now = performance.now();
    for (const [tenantId, until] of broken) if (until <= now) broken.delete(tenantId);
    const waiting = await chain.waiting(TENANTS_AT_ONCE + broken.size);
    for (const tenantId of waiting) {
      if (stop.signal.aborted) return;
      if (!broken.has(tenantId)) await work(tenantId);
    }
  }

  async function run(): Promise<void> {
    let waitMs = lookMs;
    while (!stop.signal.aborted) {
      try {
        await round();
        waitMs = lookMs;
      } catch (error) {
        metrics.auditFailures.inc({ reason: "outage" });
        log.warn({ reason: reasonOf(error), waitMs }, "audit events wait; trying again");
        waitMs = Math.min(waitMs * 2, MAX_BACKOFF_MS);
      }
      await pause(waitMs, undefined, { signal: stop.signal }).catch(() => undefined);
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
