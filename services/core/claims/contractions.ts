import type { Token } from "../extraction/embedded/language.ts";

/** Participles that "has" goes with, not "is": "rent's gone up". */
const HAS =
  /^(?:been|got|gotten|gone|become|moved|turned|changed|switched|left|quit|started|stopped|given|had|taken|finished|passed|grown|outgrown|died|decided|lost|come|just)$/;

/**
 * Tells "rent's 945" from "Ada's rent": what stands for "is" or "has" becomes that word, for the tagger takes
 * every "'s" behind a noun for a genitive.
 *
 * @param isSelf whether a token names the person: behind their name a noun is theirs.
 */
export function uncontracted(
  tokens: readonly Token[],
  isSelf: (token: Token | undefined) => boolean,
): readonly Token[] {
  return tokens.map((token, i) =>
    token.lower === "'s" && i > 0 && isCopula(tokens, i, isSelf) ? spelledOut(token, tokens[i + 1]) : token,
  );
}

function spelledOut(token: Token, next: Token | undefined): Token {
  const isHas = HAS.test(next?.lower ?? "");
  return { ...token, lower: isHas ? "has" : "is", lemma: isHas ? "have" : "be", pos: "AUX" };
}

function isCopula(tokens: readonly Token[], at: number, isSelf: (token: Token | undefined) => boolean) {
  const next = tokens[at + 1];
  if (!next || tokens[at]?.pos === "AUX") return tokens[at]?.pos === "AUX" && next !== undefined;
  if (next.pos === "PUNCT") return next.value === '"';
  if (/^(?:DET|ADP|ADV|AUX|PRON|PART)$/.test(next.pos) && !/^own$/.test(next.lower)) return true;
  if (/^(?:live|open|ready|done|online)$/.test(next.lower) && !isSelf(tokens[at - 1])) return true;
  if (isParticiple(next))
    return !/^(?:NOUN|PROPN)$/.test(tokens[at + 2]?.pos ?? "") || !/ing$/.test(next.lower);
  if (isSelf(tokens[at - 1])) return false;
  if (!/^(?:PROPN|ADJ|NUM)$/.test(next.pos)) return false;
  return !hasVerb(tokens, at) && isLast(tokens, at, isSelf);
}

function isParticiple({ pos, lower, lemma }: Token): boolean {
  return pos === "VERB" && lower !== lemma;
}

/** From the last mark to the next one. */
function stretchAround(tokens: readonly Token[], at: number): [number, number] {
  const isMark = ({ pos, lower }: Token) => pos === "PUNCT" || /^(?:and|but|so|because)$/.test(lower);
  const before = tokens.findLastIndex((token, i) => i < at && isMark(token));
  const after = tokens.findIndex((token, i) => i > at && isMark(token));
  return [before + 1, after < 0 ? tokens.length : after];
}

function hasVerb(tokens: readonly Token[], at: number): boolean {
  const [from, to] = stretchAround(tokens, at);
  return tokens.slice(from, to).some(({ pos }) => pos === "VERB" || pos === "AUX");
}

/** No other one behind it in its stretch, but for a genitive of the person. */
function isLast(tokens: readonly Token[], at: number, isSelf: (token: Token | undefined) => boolean) {
  const [, to] = stretchAround(tokens, at);
  return tokens.slice(at + 1, to).every(({ lower }, i) => lower !== "'s" || isSelf(tokens[at + i]));
}
