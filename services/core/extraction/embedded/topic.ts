import { entitiesOf, KIN, PET } from "./entities.ts";
import { type Token, tokenize } from "./language.ts";
import { normalize } from "./normalize.ts";
import { type Persons, possessive, rewritePersons } from "./person.ts";
import { contentWords } from "./small-talk.ts";

/** Nouns that say too little to be a topic. */
const VAGUE = new Set(
  "lot times kind sort type part side end start mind while minute sec course fact case hand check rest other others ways goal place mix".split(
    " ",
  ),
);
const NO_NAMES: ReadonlySet<string> = new Set();

/**
 * The noun phrase that a turn leaves as its topic: the last one with content, as "Maya's new bakery".
 * @param text normalised sentence.
 * @param persons who spoke it.
 */
export function topicOf(text: string, persons: Persons): string | undefined {
  const phrases = nounPhrases(tokenize(text)).filter((phrase) => {
    const words = phrase.map((t) => t.value).join(" ");
    return contentWords(words, NO_NAMES).some((word) => !VAGUE.has(word)) && phrase.length <= 7;
  });
  const last = phrases.at(-1);
  if (!last) return undefined;
  return rewritePersons(last, persons, undefined).text;
}

/** "the picture of two dogs on a beach" from an image's caption. */
export function pictureTopic(caption: string): string {
  const what = caption.replace(
    /^(?:an? |the )?(?:photo(?:graph(?:y)?)?|picture|image|shot|close ?up(?: photo)?) (?:of )?/i,
    "",
  );
  return `the picture of ${what.replace(/[.]+$/, "")}`;
}

const RELATED = new RegExp(
  `\\b(?:my|our) ((?:(?:older|younger|little|big|best|new) )?(?:${KIN}|${PET}))\\b`,
  "gi",
);

/** The person or animal that a text names last, no participant: "Pixel", "Maya's grandmother". */
export function lastNamed(
  text: string,
  speaker: string,
  callable: ReadonlySet<string>,
  names: ReadonlySet<string>,
): string | undefined {
  const plain = normalize(text);
  const name = entitiesOf(plain, [], names).findLast(
    (entity) =>
      /^(?:person|animal|other)$/.test(entity.type) &&
      /^\p{Lu}\p{Ll}+$/u.test(entity.name) &&
      !callable.has(entity.name.toLowerCase()),
  )?.name;
  const related = [...plain.matchAll(RELATED)].at(-1);
  if (!related || (name && plain.lastIndexOf(name) > related.index)) return name;
  return `${possessive(speaker)} ${related[1]}`;
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
    const hyphen = token.lower === "-" && token.space === "" && run.length > 0;
    if (hyphen) {
      run.push(token);
      continue;
    }
    if (!fits || (token.pos === "DET" && run.length > 0)) close();
    if (fits && !/^(?:this|that|these|those|what|which)$/.test(token.lower)) run.push(token);
  }
  close();
  return phrases;
}

function isHead(token: Token | undefined): boolean {
  return token !== undefined && (token.pos === "NOUN" || token.pos === "PROPN") && /\p{L}/u.test(token.value);
}
