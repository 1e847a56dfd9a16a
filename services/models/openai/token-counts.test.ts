import { expect, test } from "vitest";
import { tokensOf } from "./client.ts";

test("what a server says it took is counted by what it costs", () => {
  const usage = { prompt_tokens: 100, completion_tokens: 20, prompt_tokens_details: { cached_tokens: 60 } };
  expect(tokensOf({ usage })).toEqual({ input: 40, cachedInput: 60, output: 20 });
  expect(tokensOf({ usage: { total_tokens: 50 } })).toEqual({ input: 50, cachedInput: 0, output: 0 });
});

test.each([
  [undefined],
  [{}],
  [{ prompt_tokens: -5 }],
  [{ prompt_tokens: 1e15, completion_tokens: 3 }],
  [{ prompt_tokens: 3, completion_tokens: 1e15 }],
  [{ total_tokens: 1e12 }],
])("of %j nobody can tell what it took", (usage) => {
  expect(tokensOf({ usage })).toBeUndefined();
});
