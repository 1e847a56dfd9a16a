import type { Token } from "../language.ts";
import { isModal, isPastForm, needsAgreement, readsAsPast } from "../verbs.ts";

/** What is counted in Roman numerals. */
const NUMBERED = new Set(
  "war type phase part act chapter volume vol level class grade stage tier category book section article title group league division schedule factor episode appendix exhibit figure table unit module bipolar algebra calculus physics chemistry biology statistics economics accounting".split(
    " ",
  ),
);
const REGNAL = new Set("king queen pope emperor empress tsar czar prince saint".split(" "));

/** True where a token that looks like "I", "us" or "mine" is one: no numeral, country, code or salt mine. */
export function isPronoun(tokens: readonly Token[], i: number): boolean {
  const lower = tokens[i]?.lower;
  if (isCompound(tokens, i) || isAbbreviation(tokens, i)) return false;
  if (lower === "mine") return standsAlone(tokens, i);
  return lower !== "i" || (tokens[i]?.value === "I" ? !isNumeral(tokens, i) : takesVerb(tokens, i));
}

/** "me-time", "I-95". */
export function isCompound(tokens: readonly Token[], i: number): boolean {
  const next = tokens[i + 1];
  return next?.value === "-" && next.space === "" && tokens[i + 2]?.space === "";
}

/** "The US": shouting, where all is in capitals, is no abbreviation. */
function isAbbreviation(tokens: readonly Token[], i: number): boolean {
  if (!/^\p{Lu}{2,}$/u.test(tokens[i]?.value ?? "")) return false;
  const words = tokens.filter(({ value }) => /^\p{L}{3,}$/u.test(value));
  return words.length === 0 || words.some(({ value }) => /\p{Ll}/u.test(value));
}

/** "World War I", "Type I diabetes", "Elizabeth I". */
function isNumeral(tokens: readonly Token[], i: number): boolean {
  const [earlier, before, next] = [tokens[i - 2], tokens[i - 1], tokens[i + 1]];
  if (!before || tokens[i]?.space === "") return false;
  const acts = takesVerb(tokens, i) || next?.pos === "PART";
  const capital = /^\p{Lu}/u.test(before.value);
  if (NUMBERED.has(before.lower)) return !acts || (capital && earlier !== undefined);
  // "King Henry I ruled", but "... by King Charles I think".
  if (REGNAL.has(earlier?.lower ?? "") && capital)
    return !next || !needsAgreement(next.lower, next.lemma, next.pos);
  return capital && /^(?:PROPN|NOUN)$/.test(before.pos) && !acts;
}

/** A small "i" is the speaker where a verb follows: "i like", not "for i in". */
function takesVerb(tokens: readonly Token[], i: number): boolean {
  const next = tokens[i + 1];
  if (!next) return false;
  return /^(?:VERB|AUX|ADV)$/.test(next.pos) || isModal(next.lower) || next.lower.startsWith("'");
}

/** Not "the salt mine". */
function standsAlone(tokens: readonly Token[], i: number): boolean {
  const before = tokens[i - 1];
  const next = tokens[i + 1];
  // "His dog bit mine", whatever the tagger takes "bit" for.
  const verb = before && (isPastForm(before.lower) || readsAsPast(before.lower));
  if (before && !verb && /^(?:DET|ADJ|NOUN|PROPN)$/.test(before.pos)) return false;
  return !next || /^(?:PUNCT|AUX|VERB|CCONJ|ADP|ADV)$/.test(next.pos);
}

/** "Let us know": not the two of them. */
export function asksToLet(tokens: readonly Token[], i = 0): boolean {
  return (
    tokens[i]?.lower === "let" &&
    tokens[i + 1]?.lower === "us" &&
    /^(?:know|hear)$/.test(tokens[i + 2]?.lower ?? "")
  );
}
