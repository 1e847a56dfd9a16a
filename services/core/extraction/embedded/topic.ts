import { type Token, tokenize } from "./language.ts";
import { type Persons, rewritePersons } from "./person.ts";
import { contentWords } from "./small-talk.ts";

const NO_NAMES: ReadonlySet<string> = new Set();

/**
 * The noun phrase that a turn leaves as its topic: the last one with content, as "Maya's new bakery".
 * @param text normalised sentence.
 * @param persons who spoke it.
 */
export function topicOf(text: string, persons: Persons): string | undefined {
  const phrases = nounPhrases(tokenize(text)).filter((phrase) => {
    const words = phrase.map((t) => t.value).join(" ");
    return contentWords(words, NO_NAMES).length > 0;
  });
  const last = phrases.at(-1);
  if (!last) return undefined;
  return rewritePersons(last, persons, undefined).text;
}

/** Runs of determiner, possessive, adjective, number and noun that end in a noun. */
export function nounPhrases(tokens: readonly Token[]): Token[][] {
  const phrases: Token[][] = [];
  let run: Token[] = [];
  const close = () => {
    while (run.length > 0 && !isHead(run.at(-1))) run.pop();
    if (run.some((t) => isHead(t))) phrases.push(run);
    run = [];
  };
  for (const token of tokens) {
    const fits =
      /^(?:NOUN|PROPN|ADJ|NUM|DET)$/.test(token.pos) ||
      /^(?:my|your|our|his|her|their|its|'s)$/.test(token.lower) ||
      (run.length > 0 && token.lower === "of");
    if (!fits || (token.pos === "DET" && run.length > 0)) close();
    if (fits && !/^(?:this|that|these|those|what|which)$/.test(token.lower)) run.push(token);
  }
  close();
  return phrases;
}

function isHead(token: Token | undefined): boolean {
  return token !== undefined && (token.pos === "NOUN" || token.pos === "PROPN") && /\p{L}/u.test(token.value);
}
