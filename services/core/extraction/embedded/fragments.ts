import type { Token } from "./language.ts";
import { isModal, isPastForm } from "./verbs.ts";

/** What a sentence without its own subject is, and how to give it one. */
export type Completion =
  /** It has a subject, or is a phrase that needs none. */
  | { readonly kind: "whole" }
  /** A noun phrase, "yes", an adverbial: something to report, not to complete. */
  | { readonly kind: "phrase" }
  /** "Lost my job": put these words in front. */
  | { readonly kind: "prefix"; readonly words: string }
  /** "Try the soup": an order or advice; the words "to" or "not to" replace `drop` leading tokens. */
  | { readonly kind: "order"; readonly drop: number; readonly negative: boolean };

const ADVERBS = new Set(
  "just never always still also already finally recently really actually definitely even currently probably mostly usually sometimes only totally".split(
    " ",
  ),
);
const FEELINGS = new Set(
  "love hope miss enjoy appreciate wish need want feel bet guess remember understand agree plan hate prefer adore think know believe look".split(
    " ",
  ),
);
const STATES = new Set(
  "glad happy excited sorry proud thrilled stoked pumped ready grateful thankful keen curious surprised nervous lucky hopeful sad tired exhausted afraid scared worried busy interested shocked impressed obsessed passionate determined super so".split(
    " ",
  ),
);
const IT_VERBS =
  /^(?:sounds|looks|seems|feels|smells|tastes|means|makes|helps|gets|brings|reminds|takes|works|keeps|gives|turns|depends)$/;
const SUBJECTS = new Set(
  "i you he she it we they this that these those there who what which everyone someone".split(" "),
);

/** Finds what a statement (not a question) lacks. */
export function completion(tokens: readonly Token[]): Completion {
  let at = 0;
  while (ADVERBS.has(tokens[at]?.lower ?? "")) at += 1;
  const first = tokens[at];
  if (!first) return { kind: "phrase" };
  const second = tokens[at + 1];
  const lower = first.lower;
  if (SUBJECTS.has(lower)) return { kind: "whole" };
  if (lower === "been") return { kind: "prefix", words: "I have" };
  if (first.pos === "PUNCT") return finite(tokens) ? { kind: "whole" } : { kind: "phrase" };
  const negated = second?.lower === "n't" || second?.lower === "not";
  if (lower === "do" && negated) return { kind: "order", drop: at + 2, negative: true };
  if (isModal(lower) || (/^(?:did|have|had|was|am|do)$/.test(lower) && second?.pos !== "NOUN")) {
    return SUBJECTS.has(second?.lower ?? "") ? { kind: "whole" } : { kind: "prefix", words: "I" };
  }
  if (STATES.has(lower) && !finiteBeforeSubject(tokens, at + 1)) return { kind: "prefix", words: "I am" };
  if (IT_VERBS.test(lower)) return { kind: "prefix", words: "it" };
  if (/ing$/.test(lower) && lower.length > 5 && first.pos === "VERB") {
    return finiteBeforeSubject(tokens, at + 1) ? { kind: "whole" } : { kind: "prefix", words: "I am" };
  }
  if (first.pos === "VERB" || first.pos === "AUX") {
    if (isPastForm(lower))
      return finiteBeforeSubject(tokens, at + 1) ? { kind: "whole" } : { kind: "prefix", words: "I" };
    if (lower === first.lemma && !finiteBeforeSubject(tokens, at + 1)) {
      return FEELINGS.has(lower)
        ? { kind: "prefix", words: "I" }
        : { kind: "order", drop: at, negative: false };
    }
  }
  return finite(tokens) ? { kind: "whole" } : { kind: "phrase" };
}

function finite(tokens: readonly Token[]): boolean {
  return tokens.some((t) => isFinite(t));
}

/** A finite verb that comes before any new subject: then what stood first was the subject itself. */
function finiteBeforeSubject(tokens: readonly Token[], from: number): boolean {
  for (let i = from; i < tokens.length; i += 1) {
    const token = tokens[i];
    if (!token) break;
    if (SUBJECTS.has(token.lower) || /^(?:and|but|so|because|when|while|if|-|,|;|:)$/.test(token.lower))
      return false;
    if (
      /^(?:is|was|are|were|has|had|'s|will|would|can|makes|brings|gives|helps|feels|keeps|means|takes|made|gave|helped|brought|taught)$/.test(
        token.lower,
      )
    )
      return token.lower !== "'s" || tokens[i - 1]?.pos !== "PROPN";
  }
  return false;
}

function isFinite(token: Token): boolean {
  if (token.pos === "AUX") return token.lower !== "be" && token.lower !== "been" && token.lower !== "being";
  if (token.pos !== "VERB") return false;
  return !/ing$/.test(token.lower) || token.lower.length < 5;
}
