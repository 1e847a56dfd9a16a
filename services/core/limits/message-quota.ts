import { LRUCache } from "lru-cache";
import { MnemeError } from "../errors.ts";
import type { Limits } from "../tenancy/limits.ts";
import { dayOf, quotaExceeded, untilTomorrow } from "./exceeded.ts";
import { createFairTurns, type FairTurns } from "./fair-turns.ts";
import { type Limit, type LimitedCaller, limitsFor } from "./levels.ts";

/** Asks one counter for messages. */
export interface MessageAsk {
  readonly tenantId: string;
  readonly scopeId: string;
  /** UTC, `2026-03-01`. */
  readonly day: string;
  readonly most: number;
  /** All of them or none are granted. */
  readonly needs: number;
  /** Ahead, as far as there is plenty. */
  readonly extras: number;
  /** Granted before, and not used. */
  readonly returns: number;
}

/** Where a day's messages are counted: what is granted is never more than the limit. */
export interface MessageCounters {
  /** @returns how many each was granted, in order. */
  lease(asks: readonly MessageAsk[]): Promise<readonly number[]>;
}

/** Messages a day, held over all replicas. */
export interface MessageQuota extends AsyncDisposable {
  /**
   * Counts messages at every level that has a limit.
   *
   * @param signal ends the waiting with its reason, and nothing is counted.
   * @returns takes them back: they were not kept, or had been counted before.
   * @throws MnemeError QUOTA_EXCEEDED with nothing counted; DEPENDENCY_UNAVAILABLE, also where others wait too long.
   */
  take(caller: LimitedCaller, count: number, signal?: AbortSignal): Promise<() => void>;
}

export interface MessageQuotaOptions {
  readonly defaults: Limits;
  readonly now?: () => Date;
  /** How long messages that nobody sent are held, 5,000 ms by default. */
  readonly holdMs?: number;
  /** How long messages wait behind others of their tenant before the store is asked for them, 5,000 ms by default. */
  readonly waitMs?: number;
}

/** What this process may still accept of one counter. */
interface Counter extends Limit {
  readonly day: string;
  left: number;
  usedAt: number;
}

const MOST_COUNTERS = 30_000;
/** A portion is at most this part of the limit. */
const PORTION = 0.01;
/** And never more than these, however large it is: the store counts what it grants in 32 bits. */
const MOST_AHEAD = 100_000;

/** Leases messages in portions, so that few adds ask; portions that nobody uses go back. */
export function createMessageQuota(store: MessageCounters, options: MessageQuotaOptions): MessageQuota {
  const { defaults, now = () => new Date(), holdMs = 5_000, waitMs = 5_000 } = options;
  const counters = new LRUCache<string, Counter>({ max: MOST_COUNTERS });
  /** One of a tenant asks at a time: who comes meanwhile is mostly served by what that one leases ahead. */
  const turns = new LRUCache<string, FairTurns>({ max: MOST_COUNTERS });

  function countersOf(caller: LimitedCaller): Counter[] {
    const day = dayOf(now());
    return limitsFor(caller, defaults, "messagesPerDay").map((limit) => {
      const slot = `${limit.tenantId}/${limit.scopeId}/${day}`;
      const known = counters.get(slot);
      const counter =
        known?.most === limit.most ? known : { ...limit, day, left: known?.left ?? 0, usedAt: 0 };
      counters.set(slot, counter);
      counter.usedAt = performance.now();
      return counter;
    });
  }

  function turnsOf({ tenantId }: LimitedCaller): FairTurns {
    const known = turns.get(tenantId) ?? createFairTurns(1, { waitMs, late });
    turns.set(tenantId, known);
    return known;
  }

  /** What there is here is held while the store is asked for the rest: else who comes meanwhile takes it away. */
  async function takeOrLease(caller: LimitedCaller, count: number): Promise<readonly Counter[]> {
    const own = countersOf(caller);
    const held = own.map((counter) => {
      const here = Math.min(counter.left, count);
      counter.left -= here;
      return { counter, here };
    });
    const lacking = held.filter(({ here }) => here < count);
    const asks = lacking.map(({ counter: { tenantId, scopeId, day, most }, here }) => {
      return {
        tenantId,
        scopeId,
        day,
        most,
        needs: count - here,
        extras: Math.min(MOST_AHEAD, Math.floor(most * PORTION)),
        returns: 0,
      };
    });
    let granted: readonly number[] = [];
    try {
      if (asks.length > 0) granted = await store.lease(asks);
    } finally {
      for (const { counter, here } of held) counter.left += here;
      lacking.forEach(({ counter }, i) => {
        counter.left += granted[i] ?? 0;
      });
    }
    const spent = lacking.find((_, i) => (granted[i] ?? 0) < (asks[i]?.needs ?? 0));
    if (spent) throw quotaExceeded("messages_per_day", spent.counter, untilTomorrow(now()));
    for (const counter of own) counter.left -= count;
    return own;
  }

  /** Who goes away while the store is asked is not waited for: what it grants stays here, for others. */
  async function takeInTurn(caller: LimitedCaller, count: number, signal?: AbortSignal) {
    const gone = Promise.withResolvers<never>();
    const leave = () => gone.reject(signal?.reason);
    const work = () => {
      signal?.throwIfAborted();
      return takeOrLease(caller, count);
    };
    signal?.addEventListener("abort", leave, { once: true });
    const taking = turnsOf(caller)(caller.apiKeyId, work, signal);
    try {
      return await Promise.race([taking, gone.promise]);
    } catch (error) {
      if (signal?.aborted) taking.then((own) => putBack(own, count)).catch(() => {});
      throw error;
    } finally {
      signal?.removeEventListener("abort", leave);
    }
  }

  async function giveBack(some: readonly Counter[]): Promise<void> {
    const asks = some.flatMap((counter) => {
      const { tenantId, scopeId, day, most, left: returns } = counter;
      counter.left = 0;
      return returns > 0 ? [{ tenantId, scopeId, day, most, needs: 0, extras: 0, returns }] : [];
    });
    // Lost where it fails: fewer messages pass then, never more.
    if (asks.length > 0) await store.lease(asks).catch(() => {});
  }

  const sweep = setInterval(() => {
    const before = performance.now() - holdMs;
    void giveBack([...counters.values()].filter(({ usedAt }) => usedAt < before));
  }, holdMs).unref();

  return {
    async take(caller, count, signal) {
      signal?.throwIfAborted();
      const known = countersOf(caller);
      const isHere = known.every(({ left }) => left >= count);
      if (isHere) for (const counter of known) counter.left -= count;
      const own = isHere ? known : await takeInTurn(caller, count, signal);
      return () => putBack(own, count);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(sweep);
      await giveBack([...counters.values()]);
    },
  };
}

function putBack(counters: readonly Counter[], count: number): void {
  for (const counter of counters) counter.left += count;
}

function late(): MnemeError {
  return new MnemeError(
    "unavailable",
    "DEPENDENCY_UNAVAILABLE",
    "the record is slow to count messages; try again",
    { metadata: { dependency: "postgres" }, retryAfterMs: 1_000 },
  );
}
