import { countTokens } from "gpt-tokenizer/encoding/o200k_base";

/** Other models' vocabularies are smaller: the same text is more of their tokens. */
const MARGIN = 2;
/** Counting takes the square of an unbroken word's length; cut, a text has a few tokens more. */
const STRETCH = 256;
const encoder = new TextEncoder();

/** At most so many tokens a text has for any model of today's: as one of them counts, with a margin for the others. */
export function estimateTokens(text: string): number {
  let counted = 0;
  for (let start = 0; start < text.length; start += STRETCH) {
    // What looks like a model's own mark is somebody's words here.
    counted += countTokens(text.slice(start, start + STRETCH), { disallowedSpecial: new Set() });
  }
  // No vocabulary has less than a byte a token.
  return Math.min(encoder.encode(text).length, Math.ceil(counted * MARGIN));
}
