import { readFileSync } from "node:fs";
import path from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { minilmFiles } from "./files.ts";

/** The published model was trained on, and is evaluated at, texts cut here; the rest is not read. */
export const MAX_TOKENS = 256;
/** 256 word pieces never need more of a text than this unless it is mostly blanks; bounds tokenizing. */
const MAX_CHARACTERS = 8192;
const SEPARATOR = 102;

/** Reads the tokenizer; the returned function gives word-piece ids, `[CLS]` and `[SEP]` included, 2 to 256. */
export function loadTokenizer(modelDir: string): (text: string) => readonly number[] {
  const read = (name: string) => JSON.parse(readFileSync(path.join(modelDir, name), "utf8"));
  const tokenizer = new Tokenizer(read(minilmFiles.tokenizer), read(minilmFiles.tokenizerConfig));
  return (text) => {
    const { ids } = tokenizer.encode(text.length > MAX_CHARACTERS ? text.slice(0, MAX_CHARACTERS) : text);
    // The library ignores the file's truncation: cut, keeping the closing separator.
    return ids.length <= MAX_TOKENS ? ids : [...ids.slice(0, MAX_TOKENS - 1), SEPARATOR];
  };
}

/** Guesses a text's tokens without tokenizing it, to plan batches: a character each outside ASCII, else 4 a token. */
export function estimateTokens(text: string): number {
  let quarters = 8;
  const end = Math.min(text.length, MAX_CHARACTERS);
  for (let i = 0; i < end && quarters < MAX_TOKENS * 4; i++) quarters += text.charCodeAt(i) < 128 ? 1 : 4;
  return Math.min(MAX_TOKENS, Math.ceil(quarters / 4));
}
