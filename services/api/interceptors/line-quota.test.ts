import { expect, test } from "vitest";
import { createLineQuota } from "./line-quota.ts";

test("gives so many lines a minute, and as many again in the next", () => {
  let now = 0;
  const quota = createLineQuota(3, () => now);
  const take = (count: number) => Array.from({ length: count }, () => quota.take());
  expect(take(5)).toEqual([true, true, true, false, false]);
  now = 59_999;
  expect(take(1)).toEqual([false]);
  now = 60_000;
  expect(take(4)).toEqual([true, true, true, false]);
});
