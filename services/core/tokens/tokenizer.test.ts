import fc from "fast-check";
import { countTokens as cl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { countTokens as o200k } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, it } from "vitest";
import { countTokens } from "./count-tokens.ts";
import { ENCODINGS } from "./encodings.ts";
import { tokenizerOf } from "./tokenizer.ts";

describe("tokenizerOf", () => {
  it.each([
    ["", "o200k_base"],
    ["gpt-5", "o200k_base"],
    ["GPT-4o", "o200k_base"],
    ["openai/gpt-4o-2031-08-06", "o200k_base"],
    ["ft:gpt-4.1:acme::1", "o200k_base"],
    ["gpt-oss-20b", "o200k_harmony"],
    ["gpt-4", "cl100k_base"],
    ["gpt-4-0314", "cl100k_base"],
    ["gpt-3.5-turbo-1999", "cl100k_base"],
    ["text-davinci-003", "p50k_base"],
    ["davinci", "r50k_base"],
    ["cl100k_base", "cl100k_base"],
    ["gpt2", "gpt2"],
    ["claude-sonnet-4", "o200k_base (estimate)"],
    ["mistralai/mistral-large-latest", "o200k_base (estimate)"],
    ["toString", "o200k_base (estimate)"],
    ["-latest", "o200k_base (estimate)"],
  ])("counts for %j by %s", async (model, name) => {
    expect((await tokenizerOf(model)).name).toBe(name);
  });

  it("counts as the encoding does", async () => {
    const text = "Größe, naïveté, 東京 and 12,345.67 tokens";
    expect((await tokenizerOf("gpt-4")).count(text)).toBe(cl100k(text));
    expect((await tokenizerOf("gpt-4")).count(text)).not.toBe(o200k(text));
    expect((await tokenizerOf("claude-sonnet-4")).count(text)).toBe(o200k(text));
  });

  it("takes a tokenizer's own signs for text", async () => {
    const sign = "<|endoftext|><|im_start|><|start|>";
    for (const encoding of Object.keys(ENCODINGS)) {
      expect([encoding, (await tokenizerOf(encoding)).count(sign) > 3]).toEqual([encoding, true]);
    }
  });
});

it("countTokens counts any text", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => countTokens(text) === o200k(text)));
});
