import { setTimeout as pause } from "node:timers/promises";
import { expect, it } from "vitest";
import { coalesce, type Pace } from "./coalesce.ts";

const AT_ONCE: Pace = { times: 0, leastMs: 0, mostMs: 0 };

/** A call that lasts until it is let go. */
function gated() {
  const calls: PromiseWithResolvers<void>[] = [];
  const call = () => {
    const gate = Promise.withResolvers<void>();
    calls.push(gate);
    return gate.promise;
  };
  return { calls, call };
}

const turns = async () => {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
};

it("begins at once, and joins those who ask meanwhile in one more call", async () => {
  const { calls, call } = gated();
  const refresh = coalesce(call, AT_ONCE);
  const first = refresh();
  await turns();
  expect(calls).toHaveLength(1);
  const others = [refresh(), refresh(), refresh()];
  await turns();
  expect(calls).toHaveLength(1);
  calls[0]?.resolve();
  await first;
  await turns();
  expect(calls).toHaveLength(2);
  calls[1]?.resolve();
  await Promise.all(others);
});

it.each([
  { of: "the least", lasts: 0, pace: { times: 5, leastMs: 50, mostMs: 500 }, apart: 50 },
  { of: "what the one before took", lasts: 30, pace: { times: 3, leastMs: 10, mostMs: 500 }, apart: 90 },
  { of: "the most", lasts: 30, pace: { times: 1_000, leastMs: 10, mostMs: 80 }, apart: 80 },
])("keeps two calls apart by $of", async ({ lasts, pace, apart }) => {
  const begun: number[] = [];
  const refresh = coalesce(async () => {
    begun.push(performance.now());
    await pause(lasts);
  }, pace);
  await refresh();
  await refresh();
  const gap = (begun[1] ?? 0) - (begun[0] ?? 0);
  // Timers fire a millisecond early.
  expect(gap).toBeGreaterThanOrEqual(apart - 5);
  expect(gap).toBeLessThan(5_000);
});

it("tells its failure to those who wait for it, and to nobody after", async () => {
  let broken = true;
  const refresh = coalesce(async () => {
    if (broken) throw new Error("away");
  }, AT_ONCE);
  await expect(refresh()).rejects.toThrow("away");
  broken = false;
  await expect(refresh()).resolves.toBeUndefined();
});

it("lets a caller go that does not want to wait any more", async () => {
  const { calls, call } = gated();
  const refresh = coalesce(call, AT_ONCE);
  const stop = new AbortController();
  const waiting = refresh(stop.signal);
  stop.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  calls[0]?.resolve();
});
