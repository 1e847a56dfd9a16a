import { actIsSubject, finite, finiteBeforeSubject, SUBJECTS } from "./finite.ts";
import {
  DONTS,
  EITHER,
  FEELINGS,
  GOING,
  IMPERSONAL_PAST,
  INTENSIFIERS,
  JUDGEMENTS,
  ORDER_ADVERBS,
  ORDERS,
  PARTICIPLES,
  PREPOSITIONS,
  REMARK_ADVERBS,
  STATES,
  STATIVE,
  THOUGHTS,
} from "./fragment-words.ts";
import type { Token } from "./language.ts";
import { isModal, isPastForm, readsAsPast } from "./verbs.ts";

/** What a sentence without its own subject is, and how to give it one. */
export type Completion =
  /** It has a subject, or is a phrase that needs none. */
  | { readonly kind: "whole" }
  /** A noun phrase, "yes", an adverbial, whatever may have several subjects: to report as it was said. */
  | { readonly kind: "phrase" }
  /** "Lost my job": put these words in front. */
  | { readonly kind: "prefix"; readonly words: string }
  /** "Try the soup": an order or advice; the words "to" or "not to" stand for `drop` leading tokens. */
  | { readonly kind: "order"; readonly drop: number; readonly negative: boolean };

const PHRASE: Completion = { kind: "phrase" };
const ORDER: Completion = { kind: "order", drop: 0, negative: false };

function prefix(words: string): Completion {
  return { kind: "prefix", words };
}

const IT_VERBS =
  /^(?:sounds|looks|seems|feels|smells|tastes|means|makes|helps|gets|brings|reminds|takes|works|keeps|gives|turns|depends)$/;

/** Finds what a statement (not a question) lacks. */
export function completion(tokens: readonly Token[]): Completion {
  let at = 0;
  while (ORDER_ADVERBS.has(tokens[at]?.lower ?? "") || REMARK_ADVERBS.has(tokens[at]?.lower ?? "")) at += 1;
  const first = tokens[at];
  if (!first) return PHRASE;
  const second = tokens[at + 1];
  const lower = first.lower;
  if (SUBJECTS.has(lower)) return { kind: "whole" };
  if (lower === "been") return prefix(isDuration(tokens, at + 1) ? "it has" : "I have");
  if (isJudgement(tokens, at)) return prefix("it is");
  if (first.pos === "PUNCT") return finite(tokens) ? { kind: "whole" } : PHRASE;
  const auxiliary = withAuxiliary(tokens, at);
  if (auxiliary) return auxiliary;
  if (STATES.has(lower)) {
    if (!second || /^(?:PUNCT|NOUN|PROPN|ADJ)$/.test(second.pos)) return PHRASE;
    if (!finiteBeforeSubject(tokens, at + 1)) return prefix("I am");
  }
  if (IT_VERBS.test(lower)) return prefix("it");
  const acts = first.pos === "VERB" || second?.pos === "DET" || /^(?:my|our|your)$/.test(second?.lower ?? "");
  if (PREPOSITIONS.has(lower)) return { kind: "whole" };
  if (/ing$/.test(lower) && lower !== first.lemma && lower.length > 4 && acts) return gerund(tokens, at);
  const subjectStood = finiteBeforeSubject(tokens, at + 1);
  if (isPastForm(lower) && !subjectStood) return past(tokens, at);
  const base = baseForm(tokens, at, subjectStood);
  return base ?? (finite(tokens) ? { kind: "whole" } : PHRASE);
}

/** "So good to see you", "great how it works". */
function isJudgement(tokens: readonly Token[], at: number): boolean {
  const intensified = INTENSIFIERS.has(tokens[at]?.lower ?? "");
  const judged = tokens[intensified ? at + 1 : at]?.lower ?? "";
  const behind = tokens[intensified ? at + 2 : at + 1]?.lower ?? "";
  return JUDGEMENTS.has(judged) && (SUBJECTS.has(behind) || behind === "to" || behind === "how");
}

/** "Don't forget", "must be hard", "can't swim"; undefined where no auxiliary opens. */
function withAuxiliary(tokens: readonly Token[], at: number): Completion | undefined {
  const lower = tokens[at]?.lower ?? "";
  const second = tokens[at + 1];
  const negated = second?.lower === "n't" || second?.lower === "not";
  if (lower === "do" && negated) {
    const verb = tokens[at + 2]?.lower ?? "";
    if (STATIVE.has(verb)) return prefix("I");
    if (!/^\p{L}/u.test(verb)) return PHRASE;
    return DONTS.has(verb) || isUrged(tokens) ? { kind: "order", drop: at + 2, negative: true } : PHRASE;
  }
  if (negated && /^(?:does|is|are|has|were)$/.test(lower)) return PHRASE;
  if (lower === "must" && /^(?:be|feel|have|mean|take)$/.test(second?.lower ?? "")) return prefix("it");
  // "Have a blast!" is a wish, "have a headache" none.
  if (lower === "have" && isThing(second)) return isUrged(tokens) ? ORDER : PHRASE;
  if (!isModal(lower) && !(/^(?:did|have|had|was|am|do)$/.test(lower) && second?.pos !== "NOUN"))
    return undefined;
  if (SUBJECTS.has(second?.lower ?? "")) return { kind: "whole" };
  return IMPERSONAL.has(tokens[negated ? at + 2 : at + 1]?.lower ?? "") ? PHRASE : prefix("I");
}

/** "Didn't help", "would be nice": of whom or what, nothing tells. */
const IMPERSONAL = new Set(
  "be help work matter happen fit last cost depend seem sound look hurt suck rain snow great good nice fun amazing awesome terrible awful lovely worth".split(
    " ",
  ),
);

/** A past form without a subject. */
function past(tokens: readonly Token[], at: number): Completion {
  const lower = tokens[at]?.lower ?? "";
  const second = tokens[at + 1];
  const rest = tokens.slice(at, at + 3).map((t) => t.lower);
  if (IMPERSONAL_PAST.test(rest.join(" ")) || /^(?:me|us|you)$/.test(second?.lower ?? ""))
    return prefix("it");
  const named = second && (/^(?:DET|PROPN|NUM)$/.test(second.pos) || /^(?:my|our|your)$/.test(second.lower));
  if (PARTICIPLES.has(lower) && !named) return PHRASE;
  // "Cooked by my husband".
  const done = tokens.slice(at + 1, at + 5).some((t) => t.lower === "by");
  return done && !GOING.has(lower) ? PHRASE : prefix("I");
}

/** "Love this": the speaker's; "try the soup": an order; "live in Graz" may be both. */
function baseForm(tokens: readonly Token[], at: number, subjectStood: boolean): Completion | undefined {
  const first = tokens[at];
  const second = tokens[at + 1];
  if (!first || subjectStood) return undefined;
  const { lower } = first;
  const feels = FEELINGS.has(lower) || THOUGHTS.has(lower) || EITHER.has(lower);
  const known =
    (ORDERS.has(lower) || feels) &&
    /^(?:DET|PRON|ADP|ADV|PART|NUM|ADJ|PROPN|NOUN|VERB)$/.test(second?.pos ?? "");
  const acts = first.pos === "VERB" || first.pos === "AUX" || known;
  if (!acts || !(known || lower === first.lemma)) return undefined;
  if (FEELINGS.has(lower)) return prefix("I");
  if (THOUGHTS.has(lower) && /^(?:i|we|it|he|she|they|there)$/.test(second?.lower ?? "")) return prefix("I");
  if (lower === "plan" && /^(?:to|on)$/.test(second?.lower ?? "")) return prefix("I");
  if (lower === "let" && second?.lower === "us") return ORDER;
  // "Let me tell you" asks for nothing.
  if (lower === "let" && second?.lower === "me") return PHRASE;
  if (tokens.slice(0, at).some((t) => REMARK_ADVERBS.has(t.lower))) return PHRASE;
  // "See you on Monday".
  if (second?.lower === "you" && MEETING.test(lower)) return PHRASE;
  if (feels) return PHRASE;
  const urged = readsAsPast(lower) ? isForYou(tokens) : isUrged(tokens) || ORDERS.has(lower);
  return urged ? ORDER : PHRASE;
}

const MEETING = /^(?:see|call|text|email|meet|catch|visit|join)$/;

/** "Please ...", "... your coat", "...!": somebody else is to do it. */
function isUrged(tokens: readonly Token[]): boolean {
  return tokens.at(-1)?.value === "!" || isForYou(tokens);
}

function isForYou(tokens: readonly Token[]): boolean {
  return tokens.some((t) => /^(?:you|your|yours|yourself|please)$/.test(t.lower));
}

/** "Been a few days since ...". */
function isDuration(tokens: readonly Token[], from: number): boolean {
  const words = tokens.slice(from, from + 5).map((t) => t.lower);
  return (
    words.some((word) => /^(?:while|long|ages|forever|(?:day|week|month|year|minute|hour)s?)$/.test(word)) &&
    tokens.some((t) => t.lower === "since")
  );
}

/** "Have a blast", "have fun", not "have been there". */
function isThing(second: Token | undefined): boolean {
  if (second?.lower === "fun") return true;
  return /^(?:DET|ADJ|NOUN)$/.test(second?.pos ?? "") && !/^(?:no|any)$/.test(second?.lower ?? "");
}

/** "Working on it" is the speaker's; "Working here is fun" and "Walking in it - it's calming" are about the act. */
function gerund(tokens: readonly Token[], at: number): Completion {
  const turnsToYou = tokens.some(
    (t, i) => t.lower === "-" && /^(?:you|it|that)$/.test(tokens[i + 1]?.lower ?? ""),
  );
  // "Going to be a great night".
  const becomes =
    tokens
      .slice(at, at + 3)
      .map((t) => t.lower)
      .join(" ") === "going to be";
  // "Being a diabetic": how somebody is, not what he is doing now.
  if (turnsToYou || becomes || tokens[at]?.lower === "being")
    return opensClause(tokens) ? { kind: "whole" } : PHRASE;
  return opensClause(tokens) || finiteBeforeSubject(tokens, at + 1) || actIsSubject(tokens, at)
    ? { kind: "whole" }
    : prefix("I am");
}

/** "Growing up, we had no TV". */
function opensClause(tokens: readonly Token[]): boolean {
  return tokens.some((t, i) => t.value === "," && /^(?:i|we)$/.test(tokens[i + 1]?.lower ?? ""));
}
