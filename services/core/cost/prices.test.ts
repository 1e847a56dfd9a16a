import { expect, it } from "vitest";
import { parsePrices, toMicrodollars } from "./prices.ts";

const small = { model: "small", from: "2026-01-01", input: "0.15", cached_input: "0.075", output: 0.6 };
const of = (...prices: readonly object[]) => parsePrices(JSON.stringify({ prices }));
const at = (day: string) => new Date(`${day}T12:00:00Z`);
const tokens = { input: 1, cachedInput: 1, output: 1 };

it("prices each kind of token to the last digit, however few there are", () => {
  const { cost } = of(small);
  expect(cost("small", at("2026-05-05"), tokens)).toBe(150_000n + 75_000n + 600_000n);
  const million = { input: 1_000_000, cachedInput: 1_000_000, output: 1_000_000 };
  expect(toMicrodollars(cost("small", at("2026-05-05"), million) ?? 0n)).toBe(825_000n);
  expect(toMicrodollars(1n)).toBe(1n);
});

it("takes the price of the day, and knows none of a model or a day that nobody priced", () => {
  const { cost } = of({ ...small, from: "2026-06-01", input: 1 }, small);
  const input = { input: 1, cachedInput: 0, output: 0 };
  expect(cost("small", at("2026-05-31"), input)).toBe(150_000n);
  expect(cost("small", at("2026-06-01"), input)).toBe(1_000_000n);
  expect(cost("small", at("2025-12-31"), input)).toBeUndefined();
  expect(cost("large", at("2026-06-01"), input)).toBeUndefined();
});

it("charges cached tokens as others where no price of theirs is told, and batches by their factor, half unless told", () => {
  const { cached_input: _, ...uncached } = small;
  const { cost } = of({ ...uncached, batch_factor: "0.25" });
  expect(cost("small", at("2026-02-02"), tokens)).toBe(150_000n + 150_000n + 600_000n);
  expect(cost("small", at("2026-02-02"), tokens, true)).toBe(225_000n);
  expect(of(uncached).cost("small", at("2026-02-02"), tokens, true)).toBe(450_000n);
});

it.each([
  ["a price that is no number", { ...small, input: "cheap" }],
  ["a negative price", { ...small, output: -1 }],
  ["more digits than a picodollar has", { ...small, input: "0.0000001" }],
  ["a day that there is not", { ...small, from: "2026-02-30" }],
  ["a factor above 1", { ...small, batch_factor: 2 }],
  ["a member that nobody knows", { ...small, per: "thousand" }],
])("refuses %s", (_, price) => {
  expect(() => of(price)).toThrow();
});

it("refuses two prices of one model and day", () => {
  expect(() => of(small, { ...small, input: 1 })).toThrow('two prices of "small"');
});
