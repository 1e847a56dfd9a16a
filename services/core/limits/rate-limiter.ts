import { randomUUID } from "node:crypto";
import { LRUCache } from "lru-cache";
import { MnemeError } from "../errors.ts";
import type { Limits } from "../tenancy/limits.ts";
import { nameOf } from "./exceeded.ts";
import { type Level, type LimitedCaller, levelsOf } from "./levels.ts";
import { type Rate, type RateGrant, TokenLease } from "./token-lease.ts";

/** Asks one bucket for tokens. */
export interface RateAsk extends Rate {
  readonly tenantId: string;
  readonly scopeId: string;
  readonly wants: number;
  /** Tokens that are still held, of a lease that goes on. */
  readonly holds: number;
  /** Tokens of an ended lease that were not spent. */
  readonly returns: number;
}

/** Where buckets are kept: what is there and what all replicas hold is never more than the burst. */
export interface RateStore {
  /** Grants are the replica's for `leaseMs`. @returns one for each, in order. */
  lease(replica: string, leaseMs: number, asks: readonly RateAsk[]): Promise<readonly RateGrant[]>;
}

/** The tightest of a call's limits. */
export interface RateState {
  /** Calls that may come at once. */
  readonly burst: number;
  /** Of those, how many are left. */
  readonly remaining: number;
  /** Until all of them are back. */
  readonly resetMs: number;
}

export interface Admission {
  readonly state: RateState;
  /** RATE_LIMITED. */
  readonly refusal?: MnemeError;
}

export interface RateLimiter extends AsyncDisposable {
  /**
   * Counts a call at every level that has a limit; undefined where none has.
   *
   * @throws MnemeError DEPENDENCY_UNAVAILABLE when the store does not answer and no token is held.
   */
  admit(caller: LimitedCaller): Promise<Admission> | undefined;
}

export interface RateLimiterOptions {
  readonly defaults: Limits;
  /** How long tokens are held unused. 1,000 ms by default. */
  readonly holdMs?: number;
}

/** As parts of how long tokens are held: in the store, and here from when it was asked. */
const LEASE = 3;
const LEASE_HERE = 2.5;
const MOST_BUCKETS = 30_000;
/** Looks of one call: what was granted to it may be another's by the time it looks. */
const MOST_LOOKS = 3;

interface Bucket {
  readonly tenantId: string;
  readonly level: Level;
  readonly scopeId: string;
  readonly lease: TokenLease;
}

/** Rates held over all replicas: tokens are leased a moment ahead, so that a steady caller waits for no store. */
export function createRateLimiter(store: RateStore, options: RateLimiterOptions): RateLimiter {
  const { defaults, holdMs = 1_000 } = options;
  const replica = randomUUID();
  const buckets = new LRUCache<string, Bucket>({ max: MOST_BUCKETS });
  let running: Promise<void> = Promise.resolve();
  let next: { readonly buckets: Set<Bucket>; readonly answered: Promise<void> } | undefined;

  function bucketsOf(caller: LimitedCaller): Bucket[] {
    const { tenantId } = caller;
    return levelsOf(caller, defaults).flatMap(({ level, scopeId, limits }) => {
      const rate = rateOf(limits);
      if (!rate) return [];
      const slot = `${tenantId}/${scopeId}`;
      const known = buckets.get(slot);
      if (known) {
        known.lease.rate = rate;
        return [known];
      }
      const bucket = { tenantId, level, scopeId, lease: new TokenLease(rate) };
      buckets.set(slot, bucket);
      return [bucket];
    });
  }

  /** One statement at a time: what is asked for meanwhile goes in the next one. */
  function ask(bucket: Bucket): Promise<void> {
    const begin = () => {
      const these = next?.buckets ?? [];
      next = undefined;
      running = askFor([...these], true);
      return running;
    };
    next ??= { buckets: new Set(), answered: running.then(begin, begin) };
    next.buckets.add(bucket);
    return next.answered;
  }

  async function askFor(these: readonly Bucket[], isWanted: boolean): Promise<void> {
    const sentAt = performance.now();
    const asks = these.map(({ tenantId, scopeId, lease }) => {
      return { tenantId, scopeId, ...lease.rate, ...lease.ask(sentAt, isWanted) };
    });
    const grants = await store.lease(replica, LEASE * holdMs, asks);
    const now = performance.now();
    // Here it ends well before it does there, however long the answer took.
    const validUntil = Math.min(now + holdMs, sentAt + LEASE_HERE * holdMs);
    these.forEach(({ lease }, i) => {
      const grant = grants[i];
      if (grant) lease.take(grant, now, validUntil, asks[i]?.wants ?? 0);
    });
  }

  /** Lost where it fails: fewer calls pass then, never more. */
  const giveBack = (these: readonly Bucket[]) => askFor(these, false).catch(() => {});
  const sweep = setInterval(() => {
    const now = performance.now();
    const lapsed = [...buckets.values()].filter(({ lease }) => lease.isLapsed(now));
    if (lapsed.length > 0)
      running = running.then(
        () => giveBack(lapsed),
        () => giveBack(lapsed),
      );
  }, holdMs).unref();

  async function admit(own: readonly Bucket[]): Promise<Admission> {
    for (let looks = 1; ; looks += 1) {
      const now = performance.now();
      const lacking = own.filter(({ lease }) => !lease.has(now));
      if (lacking.length === 0) {
        for (const bucket of own) {
          bucket.lease.spend(now);
          if (bucket.lease.isLow(now)) ask(bucket).catch(() => {});
        }
        return { state: stateOf(own, now) };
      }
      const empty = lacking.filter(({ lease }) => !lease.mayAsk(now));
      if (empty.length > 0 || looks > MOST_LOOKS) {
        return { state: stateOf(own, now), refusal: limited(empty[0] ?? (lacking[0] as Bucket), empty, now) };
      }
      for (const { lease } of lacking) lease.waiting += 1;
      try {
        await Promise.all(lacking.map(ask));
      } finally {
        for (const { lease } of lacking) lease.waiting -= 1;
      }
    }
  }

  return {
    admit(caller) {
      const own = bucketsOf(caller);
      return own.length === 0 ? undefined : admit(own);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(sweep);
      await running.catch(() => {});
      const asks = [...buckets.values()].flatMap(({ tenantId, scopeId, lease }) => {
        const returns = lease.release();
        return returns > 0 ? [{ tenantId, scopeId, ...lease.rate, wants: 0, holds: 0, returns }] : [];
      });
      if (asks.length > 0) await store.lease(replica, holdMs, asks).catch(() => {});
    },
  };
}

/** Without a burst of its own, a second's calls may come at once. */
function rateOf({ requestsPerSecond: rate, burst }: Limits): Rate | undefined {
  if (!rate) return undefined;
  return { rate, burst: burst ? Math.max(1, burst) : Math.max(1, Math.ceil(rate)) };
}

function stateOf(own: readonly Bucket[], now: number): RateState {
  const states = own.map(({ lease }) => {
    const remaining = lease.remaining(now);
    const { rate, burst } = lease.rate;
    return { burst, remaining, resetMs: ((burst - remaining) / rate) * 1_000 };
  });
  return states.reduce((least, state) => (state.remaining < least.remaining ? state : least));
}

function limited({ level, lease }: Bucket, empty: readonly Bucket[], now: number): MnemeError {
  const waitMs = Math.max(1, ...empty.map((bucket) => Math.ceil(bucket.lease.waitMs(now))));
  const limit = String(lease.rate.rate);
  return new MnemeError(
    "resource_exhausted",
    "RATE_LIMITED",
    `this ${nameOf(level)} may make ${limit} calls a second; call again a little later`,
    { metadata: { limit, scope: level }, retryAfterMs: waitMs },
  );
}
