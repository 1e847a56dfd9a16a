import { normalizeStatement } from "./normalize.ts";
import { wordingOf } from "./wording.ts";

/** Equal where two texts say the same, word by word; of what is no word by itself only the same signs do. */
export function sayingOf(text: string): string {
  return wordingOf(text) || normalizeStatement(text);
}
