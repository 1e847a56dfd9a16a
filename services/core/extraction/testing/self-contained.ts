import { tokenize } from "../embedded/language.ts";

const FIRST_OR_SECOND =
  /\b(?:I|I'm|I've|I'll|I'd|me|my|mine|myself|you|your|yours|yourself|yourselves|we|us|our|ours|ourselves|let's)\b/;
const CAPITALISED = /(?:^|[.!?:] )(?:Me|My|Mine|You|Your|We|Us|Our|Let's)\b/;
const POINTS = /^(?:he|she|it|they|him|her|them|his|its|their|this|that|these|those|there|here)$/;

/**
 * True where a statement reads on its own: no first or second person outside quotation marks, and its
 * first sentence has a noun or name, not a pronoun or bare demonstrative, as what its first verb is said of.
 */
export function readsAlone(statement: string): boolean {
  const unquoted = statement.replace(/"[^"]*"/g, '"title"');
  if (FIRST_OR_SECOND.test(unquoted) || CAPITALISED.test(unquoted)) return false;
  const tokens = tokenize(unquoted);
  for (const [i, token] of tokens.entries()) {
    if (token.pos === "NOUN" || token.pos === "PROPN") return true;
    const next = tokens[i + 1];
    const determines = /^(?:his|its|their|her|this|that|these|those)$/.test(token.lower);
    if (POINTS.test(token.lower) && !(determines && next && /^(?:NOUN|PROPN|ADJ|NUM)$/.test(next.pos)))
      return false;
    if (token.pos === "VERB" && !/ing$/.test(token.lower)) return false;
  }
  return false;
}
