import { compatibleForm } from "../memory/normalize.ts";

/** Letters with a shape of their own that other spellings write with plain ones. */
const SPELLED: Readonly<Record<string, string>> = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d" };
const ARTICLE = /^(?:the|an?) (?=.)/u;
const OWNER = /(?<=\p{L})(?:'s|(?<=s)')$/u;
/** What a company is by law is no part of what it is called. */
const LEGAL = /(?<=.),? (?:inc|ltd|llc|gmbh|corp|plc)\.?$/u;
const EDGES = /^[\s"'“”.,;:!?()]+|[\s"“”.,;:!?()]+$/gu;

/**
 * One spelling for the forms of a name: case, diacritics of Latin letters, white space, a leading English article, a
 * closing possessive and a company's legal form do not tell. Never empty where the name shows anything. Idempotent.
 */
export function foldName(name: string): string {
  let folded = compatibleForm(name)
    .replaceAll("’", "'")
    .toLowerCase()
    .normalize("NFD")
    .replace(/(\p{Script=Latin})[\u0300-\u036f]+/gu, "$1")
    .normalize("NFKC")
    .replace(/[ßæœøłđ]/gu, (letter) => SPELLED[letter] ?? letter)
    .replace(/\s+/gu, " ");
  for (let before = ""; before !== folded; ) {
    before = folded;
    for (const shed of [EDGES, ARTICLE, OWNER, LEGAL]) folded = folded.replace(shed, "") || folded;
  }
  return folded;
}

/** The words of a folded name. */
export function tokensOf(folded: string): string[] {
  return folded.split(" ");
}
