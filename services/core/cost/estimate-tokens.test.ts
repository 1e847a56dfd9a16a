import { countTokens } from "gpt-tokenizer/encoding/cl100k_base";
import { expect, it } from "vitest";
import { estimateTokens } from "./estimate-tokens.ts";

it.each([
  ["prose", "Ada moved to Lisbon with her sister Eva, and keeps bees there. ".repeat(50)],
  ["signs without spaces", "私は蜂を飼っています。".repeat(100)],
  ["an unbroken word as long as a request", "a".repeat(16_000)],
  ["what looks like a model's own mark", "<|endoftext|> said Ada"],
])("is no less than an older model's count of %s, and no more than its bytes", (_, text) => {
  const estimate = estimateTokens(text);
  expect(estimate).toBeGreaterThanOrEqual(countTokens(text, { disallowedSpecial: new Set() }));
  expect(estimate).toBeLessThanOrEqual(Buffer.byteLength(text));
});

it("is nothing of nothing", () => {
  expect(estimateTokens("")).toBe(0);
});
