import { AS_TEXT, countTokens } from "./count-tokens.ts";

export type CountTokens = (text: string) => number;

type Module = { readonly countTokens: (text: string, options: typeof AS_TEXT) => number };

const asText =
  ({ countTokens: count }: Module): CountTokens =>
  (text) =>
    count(text, AS_TEXT);

/** How each encoding is had. All but the default are loaded on demand: each takes some 15 MB. */
export const ENCODINGS = {
  o200k_base: async () => countTokens,
  o200k_harmony: async () => asText(await import("gpt-tokenizer/encoding/o200k_harmony")),
  cl100k_base: async () => asText(await import("gpt-tokenizer/encoding/cl100k_base")),
  p50k_base: async () => asText(await import("gpt-tokenizer/encoding/p50k_base")),
  p50k_edit: async () => asText(await import("gpt-tokenizer/encoding/p50k_edit")),
  r50k_base: async () => asText(await import("gpt-tokenizer/encoding/r50k_base")),
  gpt2: async () => asText(await import("gpt-tokenizer/encoding/gpt2")),
} as const satisfies Record<string, () => Promise<CountTokens>>;

export type EncodingName = keyof typeof ENCODINGS;
