import { setTimeout as pause } from "node:timers/promises";
import type { KeyEvents } from "@mneme/core/encryption/key-events.ts";
import type { Logger } from "pino";
import { reasonOf } from "../failures.ts";

export interface KeyEventsOptions {
  readonly keyEvents: KeyEvents;
  readonly log: Logger;
  /** How often it looks, 5,000 ms by default. */
  readonly lookMs?: number;
  /** How long an event is left to the call that made it, 5,000 ms by default. */
  readonly idleMs?: number;
}

const TENANTS_AT_ONCE = 100;

/**
 * Delivers, for as long as it runs, events of changes of tenants' keys whose calls could not: the record did not take
 * them, or the process ended. Several may run.
 */
export function startKeyEvents({ keyEvents, log, lookMs = 5_000, idleMs = 5_000 }: KeyEventsOptions) {
  const stop = new AbortController();
  const { signal } = stop;

  async function look(): Promise<void> {
    for (const tenantId of await keyEvents.leftOver(idleMs, TENANTS_AT_ONCE)) {
      if (signal.aborted) return;
      // Others' go on.
      await deliver(tenantId).catch(tell);
    }
  }

  async function deliver(tenantId: string): Promise<void> {
    const events = await keyEvents.deliver(tenantId);
    if (events > 0) log.info({ tenantId, events }, "audit events of a tenant's key were delivered late");
  }

  function tell(error: unknown): void {
    log.warn({ reason: reasonOf(error) }, "audit events of tenants' keys wait; trying again");
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await look().catch(tell);
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
