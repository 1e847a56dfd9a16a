import { type Token, tokenize } from "../../extraction/embedded/language.ts";
import { type Reading, SELF } from "../claim.ts";
import { isAkin } from "../classes.ts";
import { KIN, kinOf } from "../lexicon.ts";
import { selfAt, subjectOf } from "../subjects.ts";
import { wordOf } from "../words.ts";

/** "Where", "how old" of what is to be forgotten. */
export const ASKS =
  /^(?:how (?:much|many|often|old|long)|what|where|when|who|why|which|whether|that|if)\s+/iu;

/**
 * Of whom something is asked to be forgotten: "my birthday" is one's own, "my wife's birthday" hers.
 *
 * @param names of the person who asks, as of `Reading`.
 * @returns a subject as of claims; undefined where the request does not say.
 */
export function ownerAsked(about: string, names: ReadonlySet<string>): string | undefined {
  const all = tokenize(about.replace(ASKS, ""));
  // "Where my mother lives": a tagger takes them for nouns.
  const verb = all.findIndex(
    ({ pos, lower }, i) => i > 0 && (/^(?:VERB|AUX)$/.test(pos) || DOES.test(lower)),
  );
  const tokens = verb > 0 ? all.slice(0, verb) : all;
  // Names are kept as their words are read in small letters: "milos" for Milos.
  const isSelf = ({ lower }: Token) => tokenize(lower).some((token) => names.has(wordOf(token) ?? ""));
  const selves = new Set(["the user", ...tokens.filter(isSelf).map(({ lower }) => lower)]);
  const isOwn = /^(?:i|we|my|our|their)$/.test(tokens[0]?.lower ?? "") || selfAt(tokens, 0, selves) > 0;
  if (isOwn) return subjectOf(tokens, { owner: SELF, owned: [] }, selves).owner;
  const isOthers = tokens[0]?.pos === "PROPN" && (verb > 0 || tokens.some(({ lower }) => lower === "'s"));
  return isOthers ? tokens[0]?.lower : undefined;
}

const DOES =
  /^(?:lives?|works?|studies|plays?|stays?|drinks?|drives?|walks?|talks?|cooks?|dances?|loves?|hates?|likes?|smokes?)$/;

/** Whether a known statement tells of them: "my son has asthma" is not mine. */
export function tellsOf(owner: string | undefined, { claims, aliases, words }: Reading): boolean {
  if (owner === undefined) return true;
  const subjects = claims.map(({ subject }) => aliases.get(subject) ?? subject);
  if (owner === SELF) {
    // "The user's wife drives a Volvo", where who drives was not read.
    const hasKin = [...words].some((word) => KIN.has(word));
    const isOthers = (subject: string) => /^(?:self\/|\?)/.test(subject) || (subject === "" && hasKin);
    return subjects.length === 0 || !subjects.every(isOthers);
  }
  const kin = kinWords(owner);
  const isNamed = [...words].some((word) => kin.some((one) => isAkin(word, one) || kinOf(word) === one));
  return isNamed || subjects.some((subject) => subject === owner || subject.startsWith(`${owner}/`));
}

/** The words that only say of whom it is: "mother" of "my mother's illness". */
export function kinWords(owner: string): readonly string[] {
  return owner.split("/").slice(owner.startsWith(SELF) ? 1 : 0);
}

/** The content words of a request beside those that say of whom it is. */
export function beside(
  owner: string | undefined,
  about: readonly string[],
  aliases: Reading["aliases"],
): readonly string[] {
  const kin = owner === undefined || owner === SELF ? [] : kinWords(owner);
  const isKin = (word: string) => kin.some((one) => isAkin(one, word) || kinOf(word) === one);
  return about.filter(
    (word) => !isKin(word) && !(kin.length > 0 && (KIN.has(word) || aliases.get(word) === owner)),
  );
}

/** Who told what is asked to be forgotten: "what Jo told me" is not what else there is about Jo. */
export function tellerAsked(about: string): string | undefined {
  return TOLD.exec(about)?.groups?.who;
}

const TOLD =
  /^(?:everything |all )?(?:that |what(?:ever)? )(?<who>\p{Lu}\p{L}+) (?:just )?(?:told|said|confided|mentioned|shared)\b/u;
