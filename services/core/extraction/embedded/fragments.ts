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
  /** "Try the soup": an order or advice; the words "to" or "not to" stand for `drop` leading tokens. */
  | { readonly kind: "order"; readonly drop: number; readonly negative: boolean };

const ADVERBS = new Set(
  "please just never always still also already finally recently really actually definitely even currently probably mostly usually sometimes only totally".split(
    " ",
  ),
);
const FEELINGS = new Set(
  "love hope miss enjoy appreciate wish need want feel bet guess remember understand agree plan hate prefer adore think know believe look".split(
    " ",
  ),
);
/** Verbs that open an order even where the tagger takes them for nouns. */
const ORDERS = new Set(
  "check look take try make keep go come remember consider tell ask send give read listen watch visit call use follow start stop stay join bring add put set avoid include choose pick book buy get find write see imagine".split(
    " ",
  ),
);
const STATES = new Set(
  "glad happy excited sorry proud thrilled stoked pumped ready grateful thankful keen curious surprised nervous lucky hopeful tired exhausted afraid scared worried busy interested shocked impressed obsessed passionate determined".split(
    " ",
  ),
);
const JUDGEMENTS = new Set(
  "cool great nice awesome good wonderful amazing fantastic lovely sad funny crazy weird strange impressive inspiring sweet incredible bad tough hard".split(
    " ",
  ),
);
const INTENSIFIERS = new Set("so super very really pretty how too".split(" "));
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
  if (lower === "been") return { kind: "prefix", words: isDuration(tokens, at + 1) ? "it has" : "I have" };
  const judged = INTENSIFIERS.has(lower) ? second?.lower : lower;
  const behind = tokens[INTENSIFIERS.has(lower) ? at + 2 : at + 1];
  if (
    JUDGEMENTS.has(judged ?? "") &&
    (SUBJECTS.has(behind?.lower ?? "") || behind?.lower === "to" || behind?.lower === "how")
  )
    return { kind: "prefix", words: "it is" };
  if (first.pos === "PUNCT") return finite(tokens) ? { kind: "whole" } : { kind: "phrase" };
  const negated = second?.lower === "n't" || second?.lower === "not";
  if (lower === "do" && negated) return { kind: "order", drop: at + 2, negative: true };
  if (lower === "must" && /^(?:be|feel|have|mean|take)$/.test(second?.lower ?? ""))
    return { kind: "prefix", words: "it" };
  if (lower === "have" && isWish(second)) return { kind: "order", drop: 0, negative: false };
  if (isModal(lower) || (/^(?:did|have|had|was|am|do)$/.test(lower) && second?.pos !== "NOUN")) {
    return SUBJECTS.has(second?.lower ?? "") ? { kind: "whole" } : { kind: "prefix", words: "I" };
  }
  if (STATES.has(lower) && (!second || second.pos === "PUNCT")) return { kind: "phrase" };
  if (STATES.has(lower) && !finiteBeforeSubject(tokens, at + 1)) return { kind: "prefix", words: "I am" };
  if (IT_VERBS.test(lower)) return { kind: "prefix", words: "it" };
  const takesObject = /^(?:DET|PRON|ADP|ADV|PART|NUM|ADJ|PROPN|NOUN|VERB)$/.test(second?.pos ?? "");
  const acts = first.pos === "VERB" || second?.pos === "DET" || /^(?:my|our|your)$/.test(second?.lower ?? "");
  if (/ing$/.test(lower) && lower !== first.lemma && lower.length > 4 && acts) return gerund(tokens, at);
  const subjectStood = finiteBeforeSubject(tokens, at + 1);
  if (isPastForm(lower) && !subjectStood)
    return { kind: "prefix", words: /^(?:me|us|you)$/.test(second?.lower ?? "") ? "it" : "I" };
  const known = (ORDERS.has(lower) || FEELINGS.has(lower)) && takesObject;
  if (
    (first.pos === "VERB" || first.pos === "AUX" || known) &&
    (known || lower === first.lemma) &&
    !subjectStood
  )
    return FEELINGS.has(lower) ? { kind: "prefix", words: "I" } : { kind: "order", drop: 0, negative: false };
  return finite(tokens) ? { kind: "whole" } : { kind: "phrase" };
}

/** "Been a few days since ...". */
function isDuration(tokens: readonly Token[], from: number): boolean {
  const words = tokens.slice(from, from + 5).map((t) => t.lower);
  return (
    words.some((word) => /^(?:while|long|ages|forever|(?:day|week|month|year|minute|hour)s?)$/.test(word)) &&
    tokens.some((t) => t.lower === "since")
  );
}

/** "Have a blast!", not "Have been there". */
function isWish(second: Token | undefined): boolean {
  return /^(?:DET|ADJ|NOUN)$/.test(second?.pos ?? "") && !/^(?:no|any)$/.test(second?.lower ?? "");
}

/** A finite verb of the main clause: "on Monday, if it arrives" has none. */
function finite(tokens: readonly Token[]): boolean {
  const clause = tokens.findIndex((t, i) => i > 0 && SUBORDINATE.has(t.lower));
  const main = clause < 0 || SUBORDINATE.has(tokens[0]?.lower ?? "") ? tokens : tokens.slice(0, clause);
  return main.some((t) => isFiniteVerb(t));
}

const SUBORDINATE = new Set(
  "if because when since after before while although though who which whose where unless until".split(" "),
);

/** "Working on it" is the speaker's; "Working here is fun" and "Walking in it - it's calming" are about the act. */
function gerund(tokens: readonly Token[], at: number): Completion {
  const turnsToYou = tokens.some(
    (t, i) => t.lower === "-" && /^(?:you|it|that)$/.test(tokens[i + 1]?.lower ?? ""),
  );
  if (turnsToYou) return { kind: "phrase" };
  return finiteBeforeSubject(tokens, at + 1) ? { kind: "whole" } : { kind: "prefix", words: "I am" };
}

const OBJECTS = new Set("you it this that these those everyone someone them".split(" "));
const FINITE =
  /^(?:is|was|are|were|has|had|'s|will|would|can|could|must|should|may|might|makes?|brings?|gives?|helps?|feels?|keeps?|means?|takes?|made|gave|helped|brought|taught|seems?|sounds?|looks?)$/;

/** A finite verb that comes before any new subject: then what stood first was the subject itself. */
function finiteBeforeSubject(tokens: readonly Token[], from: number): boolean {
  for (let i = from; i < tokens.length; i += 1) {
    const token = tokens[i];
    const before = tokens[i - 1];
    if (!token) break;
    if (/^(?:but|so|because|when|while|if|-|,|;|:)$/.test(token.lower)) return false;
    if (
      token.lower === "and" &&
      !joinsInfinitives(tokens, i) &&
      !/ing$/.test(tokens[i + 1]?.lower ?? "") &&
      tokens[i + 1]?.pos !== "NOUN"
    )
      return false;
    if (/^(?:who|that|which)$/.test(token.lower) && OBJECTS.has(before?.lower ?? "")) continue;
    // An object ("around you") or a relative clause ("activities you love") is no new subject.
    const inside = before !== undefined && /^(?:ADP|VERB|NOUN|PART)$/.test(before.pos);
    if (SUBJECTS.has(token.lower) && !(inside && OBJECTS.has(token.lower)) && !(before?.pos === "NOUN"))
      return false;
    if (inside && /^(?:i|you|we|he|she|they)$/.test(token.lower) && before?.pos === "NOUN") {
      i += 1;
      continue;
    }
    if (FINITE.test(token.lower) && token.pos !== "NOUN" && token.pos !== "PROPN")
      return token.lower !== "'s" || before?.pos !== "PROPN";
  }
  return false;
}

/** "To respect and appreciate". */
function joinsInfinitives(tokens: readonly Token[], i: number): boolean {
  return tokens[i - 2]?.lower === "to" && tokens[i + 1]?.pos === "VERB";
}

function isFiniteVerb(token: Token): boolean {
  if (token.pos === "AUX") return token.lower !== "be" && token.lower !== "been" && token.lower !== "being";
  if (token.pos !== "VERB") return false;
  return !/ing$/.test(token.lower) || token.lower.length < 5;
}

const COMMON = new Set([...ORDERS, ...FEELINGS, ...STATES, ...JUDGEMENTS, ...ADVERBS, ...INTENSIFIERS]);

/** True for words that the tagger takes for names when they open a sentence. */
export function isCommonWord(lower: string): boolean {
  return COMMON.has(lower) || /ing$/.test(lower);
}
