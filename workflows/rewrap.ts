import { setTimeout as pause } from "node:timers/promises";
import { type RewrapDeps, renewTenantKeys, rewrapDataKeys } from "@mneme/core/encryption/rewrap-keys.ts";
import type { Logger } from "pino";
import { describe } from "./guard.ts";

export interface RewrapOptions {
  readonly custody: RewrapDeps;
  readonly log: Logger;
  /** How often it looks for tenants whose key was rotated, in milliseconds; 5,000 by default. */
  readonly pollMs?: number;
  /** How often it asks whether the provider's own key was rotated, in milliseconds; ten minutes by default. */
  readonly renewMs?: number;
}

const TENANTS_AT_ONCE = 100;

/**
 * Wraps anew what is wrapped with an older key: data keys of tenants whose key was rotated, brought or returned, and
 * tenants' keys where their provider's key was rotated or the deployment has another provider. No workflow: keys are
 * no part of the record, and whatever this leaves undone the next look finds. Several may run.
 */
export function startRewrapping({ custody, log, pollMs = 5_000, renewMs = 600_000 }: RewrapOptions) {
  const stop = new AbortController();
  const { signal } = stop;
  let renewedAt = Number.NEGATIVE_INFINITY;

  async function look(): Promise<void> {
    if (performance.now() - renewedAt >= renewMs) {
      renewedAt = performance.now();
      const report = await renewTenantKeys(custody, signal);
      if (report.renewed + report.left > 0) log.info(report, "tenants' keys were wrapped anew");
    }
    for (const tenantId of await custody.store.rotating(TENANTS_AT_ONCE)) await rewrap(tenantId);
  }

  async function rewrap(tenantId: string): Promise<void> {
    try {
      const keys = await rewrapDataKeys(custody, tenantId, signal);
      if (keys > 0) log.info({ tenantId, keys }, "a tenant's data keys were wrapped anew");
    } catch (error) {
      // Others' go on; theirs wait for the tenant's key to come back.
      if (!signal.aborted)
        log.warn({ tenantId, ...describe(error) }, "a tenant's data keys wait for its key");
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await look();
      } catch (error) {
        if (!signal.aborted) log.warn(describe(error), "keys could not be wrapped anew; trying again");
      }
      await pause(pollMs, undefined, { signal }).catch(() => undefined);
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
