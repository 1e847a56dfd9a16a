import { normalizeStatement } from "./normalize.ts";

const ARTICLES = new Set(["a", "an", "the"]);
/** Other words without which a statement says the same: the perfect tense, emphasis. */
const EMPTY = new Set("has have really very just also so quite actually totally definitely".split(" "));

const WORD = String.raw`[\p{L}\p{M}\p{N}]`;
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

/**
 * What a statement says, word by word, in one spelling: equal where two differ in nothing but articles,
 * emphasis and punctuation that doesn't tell. Order, roles, negations, tense, numbers, signs and emoji do:
 * "from Rome to Paris" is not "from Paris to Rome", A+ not A-, and 50% not 50. Idempotent.
 */
export function wordingOf(text: string): string {
  const plain = normalizeStatement(text)
    .replace(/[‘’]/gu, "'")
    .replace(/[“”]/gu, '"')
    .replace(/[−‐–]/gu, "-");
  const tokens = plain.match(TOKEN) ?? [];
  return tokens.filter((token, i) => !(EMPTY.has(token) || isArticle(token, tokens[i + 1]))).join(" ");
}

/** An article stands before a word; the A of a grade, a vitamin or a blood type need not. */
function isArticle(token: string, next: string | undefined): boolean {
  return ARTICLES.has(token) && /^[\p{L}\p{N}]/u.test(next ?? "");
}
