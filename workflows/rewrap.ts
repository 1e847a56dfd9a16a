import { setTimeout as pause } from "node:timers/promises";
import { type RewrapDeps, rewrapDataKeys } from "@mneme/core/encryption/rewrap-keys.ts";
import { renewKeys } from "@mneme/core/signing/renew-keys.ts";
import type { SigningKeys } from "@mneme/core/signing/signing-keys.ts";
import pLimit from "p-limit";
import type { Logger } from "pino";
import { untilItWorks } from "./backoff.ts";
import { describe } from "./guard.ts";
import { createRests } from "./rests.ts";

export interface RewrapOptions {
  readonly custody: RewrapDeps;
  readonly signing: Pick<SigningKeys, "renew">;
  readonly log: Logger;
  /** How often it looks for tenants whose key was rotated, in milliseconds; 5,000 by default. */
  readonly pollMs?: number;
  /**
   * How often it asks whether the provider's own key was rotated, and looks how old the key that signs is, in
   * milliseconds; ten minutes by default.
   */
  readonly renewMs?: number;
  /** How long a tenant is left alone after its first failure, in milliseconds; 5,000, doubling to five minutes. */
  readonly firstWaitMs?: number;
}

const TENANTS_A_LOOK = 100;
/** A tenant whose provider hangs takes up to seven seconds a version: the others pass it by. */
const TENANTS_AT_ONCE = 4;
const MOST_WAIT_MS = 300_000;

/**
 * Wraps anew what is wrapped with an older key: data keys of tenants whose key was rotated, brought or returned, and
 * tenants' keys and the one that signs where their provider's key was rotated or the deployment has another provider.
 * One that signs for too long it replaces. No workflow: keys are no part of the record, and whatever this leaves undone
 * the next look finds. Several may run.
 */
export function startRewrapping(options: RewrapOptions): AsyncDisposable {
  const { custody, signing, log, pollMs = 5_000, renewMs = 600_000, firstWaitMs = 5_000 } = options;
  const stop = new AbortController();
  const { signal } = stop;
  const limit = pLimit(TENANTS_AT_ONCE);
  const working = new Map<string, Promise<void>>();
  const rests = createRests({ firstMs: firstWaitMs, mostMs: MOST_WAIT_MS });

  /** Begins with those that are due, and waits for none. */
  async function look(): Promise<void> {
    // Those that are left alone must not hide others.
    const found = await custody.store.rotating(TENANTS_A_LOOK + rests.current().length);
    const resting = new Set(rests.current());
    for (const tenantId of found) {
      if (resting.has(tenantId) || working.has(tenantId)) continue;
      const work = limit(() => rewrap(tenantId)).finally(() => working.delete(tenantId));
      working.set(tenantId, work);
    }
  }

  async function rewrap(tenantId: string): Promise<void> {
    try {
      const { wrapped, left } = await rewrapDataKeys(custody, tenantId, signal);
      if (wrapped > 0) log.info({ tenantId, keys: wrapped }, "a tenant's data keys were wrapped anew");
      if (left > 0) return leaveAlone(tenantId, { left }, "a tenant's data keys are damaged");
      rests.end(tenantId);
    } catch (error) {
      if (!signal.aborted) leaveAlone(tenantId, describe(error), "a tenant's data keys wait for its key");
    }
  }

  function leaveAlone(tenantId: string, why: Record<string, unknown>, message: string): void {
    log.warn({ tenantId, waitMs: rests.begin(tenantId), ...why }, message);
  }

  async function renew(): Promise<void> {
    const { renewed, left, replaced } = await renewKeys(custody, signing, signal);
    if (renewed + left + replaced > 0) log.info({ renewed, left, replaced }, "keys were wrapped anew");
  }

  /** Until the end, and after a failure sooner. */
  async function repeat(work: () => Promise<void>, everyMs: number): Promise<void> {
    const onFailure = (error: unknown) =>
      log.warn(describe(error), "keys could not be wrapped anew; trying again");
    while (!signal.aborted) {
      await untilItWorks(work, { signal, maxMs: everyMs, onFailure }).catch(() => undefined);
      await pause(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  const running = Promise.all([repeat(look, pollMs), repeat(renew, renewMs)]);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await Promise.all(working.values());
    },
  };
}
