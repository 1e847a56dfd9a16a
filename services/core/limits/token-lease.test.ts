import fc from "fast-check";
import { expect, it } from "vitest";
import { TokenLease } from "./token-lease.ts";

const HOLD_MS = 1_000;

/** A bucket as its owner keeps it: what is there and what was leased is never more than the burst. */
function bucketOf({ rate, burst }: { readonly rate: number; readonly burst: number }) {
  let tokens = burst;
  let refilledAt = 0;
  const leases = new Map<number, { readonly tokens: number; readonly until: number }>();
  const refill = (at: number) => {
    const leased = [...leases.values()].reduce((sum, lease) => sum + lease.tokens, 0);
    tokens = Math.min(burst - leased, tokens + (rate * (at - refilledAt)) / 1_000);
    refilledAt = at;
  };
  return (replica: number, at: number, ask: { wants: number; holds: number; returns: number }) => {
    const ended = [...leases].filter(([, { until }]) => until <= at);
    for (const [each, { until }] of ended.sort(([, a], [, b]) => a.until - b.until)) {
      refill(until);
      leases.delete(each);
    }
    refill(at);
    const available = tokens + Math.min(ask.returns, leases.get(replica)?.tokens ?? 0);
    const granted = Math.max(0, Math.min(ask.wants, Math.floor(available)));
    tokens = available - granted;
    leases.set(replica, { tokens: ask.holds + granted, until: at + 3 * HOLD_MS });
    return { granted, available: tokens };
  };
}

it("lets no more calls pass than the rate and the burst allow, over all replicas and any stretch of time", () => {
  const steps = fc.array(
    fc.record({
      replica: fc.nat(2),
      afterMs: fc.oneof(fc.nat(20), fc.nat(3_000)),
      calls: fc.nat(40),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 100 }),
      steps,
      (rate, burst, all) => {
        const owner = bucketOf({ rate, burst });
        const leases = Array.from({ length: 3 }, () => new TokenLease({ rate, burst }));
        const passed: number[] = [];
        let now = 0;
        for (const { replica, afterMs, calls } of all) {
          now += afterMs;
          const lease = leases[replica] as TokenLease;
          for (let call = 0; call < calls; call += 1) {
            if (!lease.has(now) && lease.mayAsk(now)) {
              const asked = lease.ask(now, true);
              lease.take(owner(replica, now, asked), now, now + HOLD_MS, asked.wants);
            }
            if (!lease.has(now)) break;
            lease.spend(now);
            passed.push(now);
          }
        }
        let most = 0;
        for (const [first, from] of passed.entries()) {
          for (let i = first; i < passed.length; i += 1) {
            most = Math.max(most, i - first + 1 - (rate * ((passed[i] ?? 0) - from)) / 1_000);
          }
        }
        expect(most).toBeLessThanOrEqual(burst + 1e-6);
      },
    ),
    { numRuns: 1_000 },
  );
});

it("asks ahead, so that a steady caller never waits", () => {
  const rate = { rate: 100, burst: 100 };
  const owner = bucketOf(rate);
  const lease = new TokenLease(rate);
  let waited = 0;
  for (let now = 0; now < 5_000; now += 20) {
    if (!lease.has(now)) waited += 1;
    if (!lease.has(now) || lease.isLow(now)) {
      const asked = lease.ask(now, true);
      lease.take(owner(0, now, asked), now, now + HOLD_MS, asked.wants);
    }
    lease.spend(now);
  }
  expect(waited).toBe(1);
});

it("gives back what an ended lease left over", () => {
  const lease = new TokenLease({ rate: 100, burst: 100 });
  lease.take({ granted: 10, available: 90 }, 0, HOLD_MS, 10);
  lease.spend(10);
  expect(lease.isLapsed(HOLD_MS - 1)).toBe(false);
  expect(lease.has(HOLD_MS)).toBe(false);
  expect(lease.ask(HOLD_MS, false)).toEqual({ wants: 0, holds: 0, returns: 9 });
  expect(lease.ask(HOLD_MS, false)).toEqual({ wants: 0, holds: 0, returns: 0 });
});

it("says when calls are likely to pass again, and asks nobody before", () => {
  const lease = new TokenLease({ rate: 2, burst: 2 });
  lease.take({ granted: 0, available: 0.5 }, 0, HOLD_MS, 1);
  expect(lease.waitMs(0)).toBe(250);
  expect(lease.isLow(100)).toBe(false);
  expect(lease.waitMs(250)).toBe(0);
  expect(lease.isLow(250)).toBe(true);
});

it("asks an empty bucket again within a second, however slowly it fills", () => {
  const lease = new TokenLease({ rate: 0.01, burst: 1 });
  lease.take({ granted: 0, available: 0 }, 0, HOLD_MS, 1);
  expect(lease.waitMs(1_000)).toBe(99_000);
  expect(lease.mayAsk(999)).toBe(false);
  expect(lease.mayAsk(1_000)).toBe(true);
});
