import { LRUCache } from "lru-cache";
import pLimit, { type LimitFunction } from "p-limit";
import type { Limits } from "../tenancy/limits.ts";
import { dayOf, quotaExceeded, untilTomorrow } from "./exceeded.ts";
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
   * @returns takes them back: they were not kept, or had been counted before.
   * @throws MnemeError QUOTA_EXCEEDED with nothing counted; DEPENDENCY_UNAVAILABLE.
   */
  take(caller: LimitedCaller, count: number): Promise<() => void>;
}

export interface MessageQuotaOptions {
  readonly defaults: Limits;
  readonly now?: () => Date;
  /** How long messages that nobody sent are held, 5,000 ms by default. */
  readonly holdMs?: number;
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
const MOST_LOOKS = 5;

/** Leases messages in portions, so that few adds ask; portions that nobody uses go back. */
export function createMessageQuota(store: MessageCounters, options: MessageQuotaOptions): MessageQuota {
  const { defaults, now = () => new Date(), holdMs = 5_000 } = options;
  const counters = new LRUCache<string, Counter>({ max: MOST_COUNTERS });
  /** One of a tenant asks at a time: who comes meanwhile is mostly served by what that one leases ahead. */
  const turns = new LRUCache<string, LimitFunction>({ max: MOST_COUNTERS });

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

  function turnOf({ tenantId }: LimitedCaller): LimitFunction {
    const turn = turns.get(tenantId) ?? pLimit(1);
    turns.set(tenantId, turn);
    return turn;
  }

  /** @returns the counter that has less left than that. */
  async function refill(own: readonly Counter[], count: number): Promise<Counter | undefined> {
    const lacking = own.filter(({ left }) => left < count);
    if (lacking.length === 0) return undefined;
    const asks = lacking.map(({ tenantId, scopeId, day, most, left }) => {
      const extras = Math.floor(most * PORTION);
      return { tenantId, scopeId, day, most, needs: count - left, extras, returns: 0 };
    });
    const granted = await store.lease(asks);
    lacking.forEach((counter, i) => {
      counter.left += granted[i] ?? 0;
    });
    return lacking.find((_, i) => (granted[i] ?? 0) < (asks[i]?.needs ?? 0));
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
    async take(caller, count) {
      for (let looks = 1; ; looks += 1) {
        const own = countersOf(caller);
        if (own.every(({ left }) => left >= count)) {
          for (const counter of own) counter.left -= count;
          return () => {
            for (const counter of own) counter.left += count;
          };
        }
        const spent = await turnOf(caller)(() => refill(own, count));
        const refusing = spent ?? (looks === MOST_LOOKS ? own[0] : undefined);
        if (refusing) throw quotaExceeded("messages_per_day", refusing, untilTomorrow(now()));
      }
    },
    async [Symbol.asyncDispose]() {
      clearInterval(sweep);
      await giveBack([...counters.values()]);
    },
  };
}
