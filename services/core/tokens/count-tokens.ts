import { countTokens as count } from "gpt-tokenizer/encoding/o200k_base";

/** A text may hold what a tokenizer would take for a sign of its own, such as `<|endoftext|>`: here it is text. */
export const AS_TEXT: { readonly disallowedSpecial: Set<string> } = { disallowedSpecial: new Set() };

/** Tokens of any text by o200k_base. */
export function countTokens(text: string): number {
  return count(text, AS_TEXT);
}
