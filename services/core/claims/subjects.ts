import type { Token } from "../extraction/embedded/language.ts";
import { SELF } from "./claim.ts";
import { classOf } from "./classes.ts";
import { KIN, kinOf } from "./lexicon.ts";

/** A clause with its subject taken off. */
export interface Clause {
  /** As `Claim.subject`, without what is owned: "Ada's rent" is SELF, owning "rent". */
  readonly owner: string;
  /** What of the owner it is about: ["rent"], ["favorite", "color"]; empty where it is about the owner. */
  readonly owned: readonly Token[];
  /** From the first verb on. */
  readonly rest: readonly Token[];
  /** It hangs on a condition. */
  readonly isUnreal: boolean;
}

export const PRONOUNS = new Set("i he she it we they you".split(" "));

export const OWNERS = new Set(["my", "our"]);

/** Of whom nothing is known that could be compared. */
const SOMEBODY = "?";

export const PEOPLE =
  /^(?:man|guy|woman|lady|girl|boy|bloke|dude|person|people|folks?|couple|someone|somebody|everyone|everybody)$/;

export const THIRD = new Set(["his", "her", "their", "its"]);

export type Subject = Pick<Clause, "owner" | "owned">;

/**
 * "Since New Year Ada is vegan": where the subject stands behind a phrase.
 *
 * @returns its place; 0 where the subject begins the clause.
 */
export function nameBefore(tokens: readonly Token[], verb: number, selves: ReadonlySet<string>): number {
  for (let at = Math.max(1, verb - 3); at < verb; at += 1) {
    const isWhole =
      at + selfAt(tokens, at, selves) === verb || (at === verb - 1 && PRONOUNS.has(tokens[at]?.lower ?? ""));
    if (isWhole && tokens[at - 1]?.lower !== "and" && !/^(?:of|that)$/.test(tokens[at - 1]?.lower ?? ""))
      return at;
  }
  const last = tokens[verb - 1];
  const before = tokens[verb - 2];
  const isPhrase =
    /^(?:NOUN|NUM|PUNCT|ADV)$/.test(before?.pos ?? "") &&
    tokens[0]?.pos !== "PROPN" &&
    tokens[0]?.pos !== "PRON";
  return verb > 2 && last?.pos === "PROPN" && isPhrase && !KIN.has(before?.lemma ?? "") ? verb - 1 : 0;
}

export function subjectOf(tokens: readonly Token[], last: Subject, selves: ReadonlySet<string>): Subject {
  const first = tokens[0]?.lower ?? "";
  if (first === "i" || first === "we") return { owner: SELF, owned: [] };
  if ((first === "it" || first === "this") && last.owned.length === 0) return { owner: "it", owned: [] };
  // The extractor calls the person "they".
  if (/^(?:he|she)$/.test(first) && last.owner === SELF && last.owned.length === 0)
    return { owner: SOMEBODY, owned: [] };
  if (/^(?:it|he|she|they|this)$/.test(first)) return last;
  if (OWNERS.has(first)) return owning(SELF, tokens.slice(1));
  if (THIRD.has(first)) return owning(ownerOf(first, last), tokens.slice(1));
  const self = selfAt(tokens, 0, selves);
  if (self > 0 && tokens[self]?.lower === "'s") return owning(SELF, tokens.slice(self + 1));
  if (self > 0) return { owner: SELF, owned: [] };
  const possessive = tokens.findIndex(({ lower }) => lower === "'s");
  if (possessive > 0) return owning(nameOf(tokens.slice(0, possessive)), tokens.slice(possessive + 1));
  const nouns = tokens.filter(
    ({ pos, lower }, i) =>
      pos !== "DET" &&
      !(lower === "and" && tokens[i + 1]?.lower === "others") &&
      !(lower === "others" && tokens[i - 1]?.lower === "and"),
  );
  const person = nouns.find(({ lower, lemma }) => PEOPLE.test(lower) || PEOPLE.test(lemma));
  if (person) return { owner: `${SOMEBODY}/${person.lower}`, owned: [] };
  const kin = nouns.length === 1 ? kinOf(nouns[0]?.lower ?? "") : "";
  if (nouns.length === 1 && classOf(first) === "pet") return { owner: "", owned: nouns };
  if (KIN.has(kin)) return { owner: `${SELF}/${kin}`, owned: [] };
  if (nouns.length > 0 && nouns.every(({ pos }) => pos === "PROPN"))
    return { owner: nameOf(nouns), owned: [] };
  return { owner: "", owned: nouns };
}

/** The extractor calls the person "they"; "his" and "her" are somebody else's. */
function ownerOf(pronoun: string, { owner }: Subject): string {
  if (pronoun === "their") return owner || SELF;
  return owner === "" || owner === SELF ? SOMEBODY : owner;
}

/** "Ada's sister Maria" is a person of her own; "Ada's rent" is Ada's. */
function owning(owner: string, tokens: readonly Token[]): Subject {
  const isKin = ({ lower, lemma }: Token) =>
    KIN.has(lemma) || KIN.has(lower) || KIN.has(lower.replace(/s$/, ""));
  const first = tokens.findIndex((token, i) => isKin(token) && tokens[i + 1]?.lower === "'s");
  const at = first >= 0 ? first : tokens.findLastIndex(isKin);
  if (at < 0) return named(tokens) ?? { owner, owned: tokens };
  const next = tokens.slice(at + 1);
  // "Ada's other sister" is not the one that was told of.
  const isOther = tokens
    .slice(0, at)
    .some(({ lower }) => /^(?:other|second|third|old|former|previous|first|next|future)$/.test(lower));
  const kin = `${owner}/${isOther ? "other " : ""}${kinOf((tokens[at]?.lemma ?? "").replace(/(?<=\p{L}{3})(?<!s)s$/u, ""))}`;
  if (next[0]?.lower === "'s") return owning(kin, next.slice(1));
  // "Ada's dentist appointment" is no dentist.
  if (next[0]?.pos === "NOUN" && next[0].value === next[0].lower) return { owner, owned: tokens };
  return { owner: kin, owned: [] };
}

/** "Ada's dog Momo" is Momo. */
function named(tokens: readonly Token[]): Subject | undefined {
  const name = tokens.findLastIndex(({ pos }) => pos !== "PROPN") + 1;
  if (name === 0 || name === tokens.length || tokens[name - 1]?.pos !== "NOUN") return undefined;
  return { owner: nameOf(tokens.slice(name)), owned: [] };
}

function nameOf(tokens: readonly Token[]): string {
  return tokens
    .filter(({ pos }) => pos !== "DET")
    .map(({ lower }) => lower)
    .join(" ");
}

/** @returns how many tokens name the person; 0 if none do. */
export function selfAt(tokens: readonly Token[], at: number, selves: ReadonlySet<string>): number {
  for (let length = 3; length > 0; length -= 1) {
    const words = tokens.slice(at, at + length);
    if (words.length === length && selves.has(words.map(({ lower }) => lower).join(" "))) return length;
  }
  return tokens[at]?.lower === "i" ? 1 : 0;
}
