import { setTimeout as pause } from "node:timers/promises";
import type { AuditStore } from "./audit-store.ts";

/** Tells of trails that have grown. */
export interface TrailGrowth {
  /**
   * Resolves once the tenant's trail has events behind a place. However many wait, one looks for all of them.
   *
   * @throws the signal's reason; MnemeError DEPENDENCY_UNAVAILABLE.
   */
  behind(tenantId: string, sequence: number, signal: AbortSignal): Promise<void>;
}

export interface GrowthDeps {
  readonly audit: Pick<AuditStore, "lastOf">;
  /** Events are put into their order about as often, 500 ms by default; who streams a trail is no hurry. */
  readonly lookMs?: number;
}

interface Waiting {
  readonly sequence: number;
  readonly grown: PromiseWithResolvers<void>;
}

export function createTrailGrowth({ audit, lookMs = 500 }: GrowthDeps): TrailGrowth {
  const waiting = new Map<string, Set<Waiting>>();

  async function look(tenantId: string, all: Set<Waiting>): Promise<void> {
    const last = await audit.lastOf(tenantId);
    for (const one of all) if (last > one.sequence) one.grown.resolve();
  }

  /** For as long as anybody waits. */
  async function watch(tenantId: string, all: Set<Waiting>): Promise<void> {
    while (all.size > 0) {
      await pause(lookMs);
      if (all.size === 0) break;
      await look(tenantId, all).catch((error: unknown) => {
        for (const { grown } of all) grown.reject(error);
      });
      // Those who were told leave before the next look.
      await pause(0);
    }
    waiting.delete(tenantId);
  }

  function join(tenantId: string, one: Waiting): () => void {
    const known = waiting.get(tenantId);
    const all = (known ?? new Set<Waiting>()).add(one);
    if (!known) {
      waiting.set(tenantId, all);
      // With the credentials of the call that happens to be the first, whose tenant is all theirs, but not with its signal.
      void watch(tenantId, all);
    }
    return () => void all.delete(one);
  }

  return {
    async behind(tenantId, sequence, signal) {
      signal.throwIfAborted();
      const one: Waiting = { sequence, grown: Promise.withResolvers<void>() };
      const leave = join(tenantId, one);
      const onAbort = () => one.grown.reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      try {
        await one.grown.promise;
      } finally {
        signal.removeEventListener("abort", onAbort);
        leave();
      }
    },
  };
}
