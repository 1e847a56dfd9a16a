import { compatibleForm } from "./normalize.ts";

const ARTICLES = new Set(["a", "an", "the"]);
/** Other words without which a statement says the same: the perfect tense, emphasis. */
const EMPTY = new Set("has have really very just also so quite actually totally definitely".split(" "));

const WORD = String.raw`[\p{L}\p{M}\p{N}_]`;
const TOKEN = new RegExp(
  [
    // A minus belongs to what it stands in front of, as in -5 or -$5.
    `(?:(?<!${WORD})-)?(?:`,
    // A word or number, compounds and decimals whole: 3.5, .5, it's, Rome-Paris.
    String.raw`(?:\.(?=\p{N}))?${WORD}+(?:['.,:/-]${WORD}+)*`,
    // A sign behind it that joins nothing: A-, 5', 5".
    String.raw`(?:-(?!${WORD})|(?<=\p{N})['"](?!${WORD}))?`,
    // What means something by itself wherever it stands: emoji, currency, < > + =. Tags tell flags apart.
    String.raw`|[\p{S}%‰#*@&§′?][\u{E0020}-\u{E007F}]*)`,
  ].join(""),
  "gu",
);

/** A range, score or fraction: 5 - 3, 1 / 2. A minus in front of the second number alone is that number's. */
const SPACED_PAIR = /(?<=\p{N})(?:\s+(-)\s+|\s*(\/)\s*)(?=\p{N})/gu;
const SENTENCE_END = /[.!。]/u;

/**
 * What a statement says, word by word, in one spelling: equal where two differ in nothing but articles,
 * emphasis, case and punctuation that doesn't tell. Order, roles, negations, tense, numbers, signs, emoji and a
 * capital A within a sentence do: "from Rome to Paris" is not "from Paris to Rome", A+ not A-, 50% not 50, and a
 * type A personality not a type personality. Idempotent.
 */
export function wordingOf(text: string): string {
  const tokens = tokensOf(text);
  const kept: string[] = [];
  let isWithinSentence = false;
  for (const [i, { spelling, word, isFirst }] of tokens.entries()) {
    if (isFirst) isWithinSentence = false;
    const isNamed = isWithinSentence && isCapitalA(tokens, i);
    if (!isNamed && isArticle(tokens, i)) continue;
    kept.push(isNamed ? spelling : word);
    isWithinSentence = word !== "?";
  }
  return kept.join(" ");
}

interface Token {
  readonly spelling: string;
  /** In lower case. */
  readonly word: string;
  /** Of its sentence, as far as full stops tell. */
  readonly isFirst: boolean;
}

/** All but the empty words. */
function tokensOf(text: string): Token[] {
  const plain = compatibleForm(text)
    .replace(/[‘’]/gu, "'")
    .replace(/[“”]/gu, '"')
    .replace(/[−‐–]/gu, "-")
    .replace(SPACED_PAIR, "$1$2");
  const tokens: Token[] = [];
  let end = 0;
  let isFirst = true;
  for (const { 0: spelling, index } of plain.matchAll(TOKEN)) {
    isFirst ||= SENTENCE_END.test(plain.slice(end, index));
    end = index + spelling.length;
    const word = foldCase(spelling);
    if (EMPTY.has(word)) continue;
    tokens.push({ spelling, word, isFirst });
    isFirst = false;
  }
  return tokens;
}

/** A final sigma is one where a word ends, and words end here where a text goes on. */
function foldCase(token: string): string {
  return token.toLowerCase().normalize("NFKC").replaceAll("ς", "σ");
}

/** An article stands before a word; the A of a grade, a vitamin or a blood type need not. */
function isArticle(tokens: readonly Token[], i: number): boolean {
  const isBeforeName = !tokens[i + 1]?.isFirst && isCapitalA(tokens, i + 1);
  return ARTICLES.has(tokens[i]?.word ?? "") && standsBeforeWord(tokens, i) && !isBeforeName;
}

/** The name of a group, a vitamin or a type, where it does not begin a sentence. */
function isCapitalA(tokens: readonly Token[], i: number): boolean {
  return tokens[i]?.spelling === "A" && standsBeforeWord(tokens, i);
}

function standsBeforeWord(tokens: readonly Token[], i: number): boolean {
  return /^[\p{L}\p{N}]/u.test(tokens[i + 1]?.word ?? "");
}
