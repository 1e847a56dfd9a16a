import { expect, it } from "vitest";
import { coalesce } from "./coalesce.ts";

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
  const refresh = coalesce(call, 0);
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

it("keeps two calls apart", async () => {
  const begun: number[] = [];
  const refresh = coalesce(async () => void begun.push(performance.now()), 50);
  await refresh();
  await refresh();
  expect((begun[1] ?? 0) - (begun[0] ?? 0)).toBeGreaterThan(45);
});

it("tells its failure to those who wait for it, and to nobody after", async () => {
  let broken = true;
  const refresh = coalesce(async () => {
    if (broken) throw new Error("away");
  }, 0);
  await expect(refresh()).rejects.toThrow("away");
  broken = false;
  await expect(refresh()).resolves.toBeUndefined();
});

it("lets a caller go that does not want to wait any more", async () => {
  const { calls, call } = gated();
  const refresh = coalesce(call, 0);
  const stop = new AbortController();
  const waiting = refresh(stop.signal);
  stop.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  calls[0]?.resolve();
});
