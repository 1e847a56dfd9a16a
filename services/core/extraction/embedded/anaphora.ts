import { isDangling } from "./finite.ts";
import type { Token } from "./language.ts";

const PRONOUNS = new Set(
  "he she him his her hers it its they them their theirs this that these those mine yours ours".split(" "),
);
const EXPLETIVE =
  /^it(?:'s| is| was| has been|'d be| would be| will be| feels| felt| takes| took| seems| seemed) (?:not |so |really |very |such |always |also |just |been |pretty |quite |super |too )*(?:\w+ ){1,4}?(?:to|that|when|how|if|because|being|having|seeing|[a-z]+ing)\b/;

/** What a sentence points at without having named it. */
export type Pointing = "person" | "thing" | undefined;

/** Finds the first pronoun or demonstrative that points at something the sentence has not named before; a clause that hangs on another points at it. */
export function pointsOutside(tokens: readonly Token[]): Pointing {
  let named = false;
  for (const [i, token] of tokens.entries()) {
    if (isNoun(token)) named = true;
    if (named) continue;
    if (isEllipsis(tokens, i)) return "thing";
    if (!PRONOUNS.has(token.lower)) continue;
    if (isPointing(tokens, i) && !isExpletive(tokens, i))
      return /^(?:he|she|him|his|her|hers)$/.test(token.lower) ? "person" : "thing";
  }
  return isDangling(tokens) ? "thing" : undefined;
}

/** "I will, and a cake": what one will do was said before. */
function isEllipsis(tokens: readonly Token[], i: number): boolean {
  const negated = /^(?:n't|not)$/.test(tokens[i + 1]?.lower ?? "");
  const next = tokens[negated ? i + 2 : i + 1];
  return (
    /^(?:i|you|we|he|she|they|it)$/.test(tokens[i - 1]?.lower ?? "") &&
    /^(?:will|would|can|ca|wo|could|do|does|did|have|has|had|am|are|is|was|were|should|might)$/.test(
      tokens[i]?.lower ?? "",
    ) &&
    (next === undefined || /^[.,!;]$/.test(next.value))
  );
}

function isNoun(token: Token): boolean {
  return (token.pos === "NOUN" || token.pos === "PROPN") && /\p{L}{2}/u.test(token.value);
}

/** Pronoun, not "that book", not the "that" of "I know that ..." or "the one that ...". */
function isPointing(tokens: readonly Token[], i: number): boolean {
  const token = tokens[i];
  if (!token) return false;
  if (!/^(?:this|that|these|those)$/.test(token.lower)) return true;
  return isBareDemonstrative(tokens, i);
}

function isExpletive(tokens: readonly Token[], i: number): boolean {
  if (tokens[i]?.lower !== "it") return false;
  const rest = tokens
    .slice(i, i + 12)
    .map((t) => t.space + t.lower)
    .join("")
    .trim();
  return EXPLETIVE.test(rest);
}

/** True for "this is", "do that.", "love these!", where no noun follows. */
function isBareDemonstrative(tokens: readonly Token[], i: number): boolean {
  const token = tokens[i];
  const next = tokens[i + 1];
  const before = tokens[i - 1];
  if (!token) return false;
  if (!next || /^[.!?;]$/.test(next.value)) return true;
  if (next.pos === "PUNCT") return before !== undefined && (before.pos === "VERB" || before.pos === "ADP");
  const opens = !before || before.pos === "PUNCT" || before.pos === "CCONJ" || before.pos === "SCONJ";
  if (token.lower === "that") {
    if (/^(?:one|way|kind|sort|much|many)$/.test(next.lower)) return false;
    if (opens) return next.pos === "AUX" || next.pos === "VERB" || next.pos === "ADV";
    return (
      next.pos === "CCONJ" ||
      (before?.pos === "ADP" &&
        next.pos !== "NOUN" &&
        next.pos !== "ADJ" &&
        next.pos !== "PROPN" &&
        next.pos !== "NUM")
    );
  }
  if (token.lower === "those" || token.lower === "these") return /^(?:AUX|VERB|CCONJ)$/.test(next.pos);
  return /^(?:AUX|VERB|ADP|ADV|CCONJ|SCONJ|PRON|PART)$/.test(next.pos);
}
