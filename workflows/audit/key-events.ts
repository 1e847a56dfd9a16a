import { setTimeout as pause } from "node:timers/promises";
import type { KeyEvents } from "@mneme/core/encryption/key-events.ts";
import type { Logger } from "pino";
import { describe } from "../guard.ts";
import { createRests } from "../rests.ts";

export interface KeyEventsOptions {
  readonly keyEvents: KeyEvents;
  readonly log: Logger;
  /** How often it looks, 5,000 ms by default. */
  readonly lookMs?: number;
  /** How long an event is left to the call that made it, 5,000 ms by default. */
  readonly idleMs?: number;
}

const TENANTS_A_LOOK = 100;
const FIRST_REST_MS = 5_000;
const MOST_REST_MS = 60_000;

/**
 * Delivers, for as long as it runs, events of changes of tenants' keys whose calls could not: the record did not take
 * them, or the process ended. Several may run. Where one tenant's can't be delivered, that tenant waits, longer each time,
 * and no other.
 */
export function startKeyEvents({ keyEvents, log, lookMs = 5_000, idleMs = 5_000 }: KeyEventsOptions) {
  const stop = new AbortController();
  const { signal } = stop;
  const rests = createRests({ firstMs: FIRST_REST_MS, mostMs: MOST_REST_MS });

  async function look(): Promise<void> {
    for (const tenantId of await keyEvents.leftOver(idleMs, TENANTS_A_LOOK, rests.current())) {
      if (signal.aborted) return;
      await deliver(tenantId);
    }
  }

  async function deliver(tenantId: string): Promise<void> {
    try {
      const events = await keyEvents.deliver(tenantId);
      rests.end(tenantId);
      if (events > 0) log.info({ tenantId, events }, "audit events of a tenant's key were delivered late");
    } catch (error) {
      const waitMs = rests.begin(tenantId);
      log.warn({ tenantId, ...describe(error), waitMs }, "audit events of a tenant's key wait; trying again");
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await look().catch((error: unknown) => {
        log.warn(describe(error), "audit events of tenants' keys wait; trying again");
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
