import { forgetElsewhere } from "../../claims/forgetting/elsewhere.ts";
import { type Language, languageOf } from "../../language/languages.ts";
import { asksAnything, countWords } from "../../language/read-text.ts";
import { rulesOf } from "../../language/rules/rules.ts";
import type { Turn } from "../extractor.ts";
import { type Sentence, sentencesIn } from "./sentences.ts";

/** A sentence with what the rules of its language know of it. */
export interface Said extends Sentence {
  readonly asks: boolean;
  /** A greeting, thanks or reaction; never where no rule knows the language. */
  readonly isSmall: boolean;
  /** Asks to forget something: of it nothing is to be kept, so it stands alone. */
  readonly isRequest: boolean;
  /** Tells of who says it, and needs no sentence before it. */
  readonly isOfOneself: boolean;
}

/** What a turn says, sentence by sentence. */
export function saidIn(text: string, tag: string): Said[] {
  const language = languageOf(tag);
  return sentencesIn(text, tag).map((sentence) => ({
    ...sentence,
    asks: asksAnything(sentence.text, language),
    isSmall: isSmallTalk(sentence.text, language),
    isRequest: forgetElsewhere(sentence.text, tag) !== undefined,
    isOfOneself: rulesOf(tag)?.ofOneself.test(sentence.text) ?? false,
  }));
}

/** Nothing but words of greetings and the like, or no word at all: an emoji, "...". */
function isSmallTalk(sentence: string, { tag, isSpaced }: Language): boolean {
  if (!/[\p{L}\p{N}]/u.test(sentence)) return true;
  const small = rulesOf(tag)?.smallTalk;
  if (!small) return false;
  const plain = sentence.normalize("NFKC").toLowerCase();
  const parts = plain.match(isSpaced ? /[\p{L}\p{M}\p{N}']+/gu : /[\p{L}\p{M}\p{N}ー]+/gu) ?? [];
  return parts.every((part) => small.has(part));
}

/**
 * How a turn's speaker stands in front of what they said: their name, or of an assistant the language's word for
 * one. Nothing of a user without a name, whose memories these are.
 */
export function labelOf({ name, role }: Pick<Turn, "name" | "role">, tag: string): string {
  const given = name?.normalize("NFC").replace(/\s+/gu, " ").trim();
  if (given) return given;
  if (role === "user") return "";
  return role === "assistant" ? (rulesOf(tag)?.assistant ?? "assistant") : "tool";
}

/** `Rosa: ...`, as in any language. */
export function told(label: string, text: string): string {
  return label === "" ? text : `${label}: ${text}`;
}

/** How sentences are joined. */
export interface GroupLimits {
  readonly words: number;
  readonly characters: number;
  /** One that tells of oneself begins anew: it is forgotten, or comes to its end, alone. */
  readonly selfApart: boolean;
}

/** Joins sentences until there are so many words: alone "she has two of them" says nothing. */
export function inGroups(said: readonly Said[], tag: string, limits: GroupLimits): Said[][] {
  const groups: Said[][] = [];
  let words = 0;
  let length = 0;
  for (const one of said) {
    const count = countWords(one.text, languageOf(tag));
    words += count;
    length += one.text.length;
    const isAlone =
      one.isRequest ||
      groups.at(-1)?.[0]?.isRequest === true ||
      (limits.selfApart && one.isOfOneself && !one.asks);
    if (groups.length > 0 && !isAlone && words <= limits.words && length <= limits.characters)
      groups.at(-1)?.push(one);
    else {
      groups.push([one]);
      words = count;
      length = one.text.length;
    }
  }
  return groups;
}
