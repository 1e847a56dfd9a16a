import { type CountTokens, ENCODINGS, type EncodingName } from "./encodings.ts";
import { encodingOf } from "./models.ts";

/** Counts what a text takes of a model's budget. */
export interface Tokenizer {
  /** The encoding, e.g. `o200k_base`; `o200k_base (estimate)` where the model's own is not known. */
  readonly name: string;
  readonly count: CountTokens;
}

/** What counts where no model is named. */
export const DEFAULT_ENCODING: EncodingName = "o200k_base";

/**
 * The tokenizer of a model, or of an encoding by its own name. Those of makers who publish none are estimated: o200k_base
 * counts, which other vocabularies of that size come near to, and the name says so.
 *
 * @param model e.g. `gpt-5`, `openai/gpt-4o-2024-08-06`, `ft:gpt-4.1:acme::1`, `cl100k_base`; empty takes the default. An
 *   encoding is loaded when it is first asked for, which takes some 100 ms.
 */
export async function tokenizerOf(model: string): Promise<Tokenizer> {
  const encoding = model.trim() === "" ? DEFAULT_ENCODING : encodingOf(model);
  if (encoding) return { name: encoding, count: await ENCODINGS[encoding]() };
  return { name: `${DEFAULT_ENCODING} (estimate)`, count: await ENCODINGS[DEFAULT_ENCODING]() };
}
