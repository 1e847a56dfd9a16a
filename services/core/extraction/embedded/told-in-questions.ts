import { isClause } from "./clauses.ts";
import { completion } from "./fragments.ts";
import { tokenize } from "./language.ts";
import { contentWords } from "./small-talk.ts";

/** What a question tells its hearer. */
export interface Told {
  /** A sentence. */
  readonly fact: string;
  /** What it asks beside: "any tips?" */
  readonly asks: string | undefined;
}

const DO = "(?:do|does|did|have|has|had|is|are|am|was|were|can|could|will|would|should)(?:n't| not)?";
const JUDGED =
  "(?:so |really |very |just |kind of )*(?:great|good|nice|cool|awesome|amazing|wonderful|fantastic|lovely|sweet|incredible|unbelievable|crazy|wild|mad|insane|weird|strange|odd|funny|hilarious|sad|tragic|awful|terrible|horrible|bad|annoying|ridiculous|ironic|interesting|exciting|surprising|normal|silly|embarrassing|unfair|a shame|a pity|a relief)";
const OPENING = "^(?:(?:so|and|but|oh|hey|well|also|by the way|btw)[, ]+)*";

/**
 * What stands behind these is so, whatever the answer: the speaker asks about the own telling, or takes it for known.
 * Not "did Tom tell you I owe him?" and "how do you know I won't quit?", which may deny it; "did you know you can ..."
 * may speak of anybody.
 */
const FACTIVE = new RegExp(
  `${OPENING}(?:${[
    "(?:did|have|had)(?:n't)? I (?:\\w+ )?(?:tell|told|mention|mentioned|show|shown)(?: (?:to )?you)?(?: yet| already)?",
    // "Do you know breathing exercises that work" asks for some.
    "(?:(?:did|do)(?:n't)? )?you (?:already |also |even )*know(?=,? that\\b|,? (?:I|we|my|our|he|she|they|it|there)\\b)",
    "was I telling you",
    "(?:are|were)(?:n't)? you aware",
    "(?<perceived>(?:did|have)(?:n't)? you (?:ever |already |also |even )*(?:hear|heard|see|seen|read|notice|noticed|reali[sz]ed?))",
    "(?:can|could|would) you believe",
    // "Who would have thought I'd win" tells of the past in a future's words.
    "(?:who(?: would|'d) (?:have |ever |have ever )?(?:thought|guessed|think|known|believed)|who knew)(?!.*(?:\\bwould|'d)\\b)",
    "(?:(?:do|did)(?:n't)? you (?:still )?)?remember (?:when|how|that time(?: when)?|the (?:time|day)(?: when)?)",
    "(?:do|did)(?:n't)? you (?:still )?remember(?= that )",
    `is it ${JUDGED}(?= that )`,
  ].join("|")})(?<that>,? that)?,? (?<clause>(?!you\\b).+)$`,
  "iu",
);
const IS_IT = new RegExp(
  `${OPENING}(?:(?<is>is|was)(?:n't| not) it (?<judged>${JUDGED})|how (?<how>${JUDGED}) (?<was>is|was) it) (?<that>that|when) (?<clause>.+)$`,
  "i",
);

/** An inverted verb, a question word behind a comma: from here on it asks. */
const WHO = "(?:you|i|we|he|she|it|they|that|this|there|any\\w*|some\\w*|your|my|our|the)";
const ASKING = `(?:(?:what|how|where|when|why)(?: \\w+){0,2}? ${DO} ${WHO}|(?:who|which)(?: \\w+)? ${DO} (?:you|i|we|he|she|they)|${DO} ${WHO}|(?:what|how) about|any (?:\\w+ )?(?:ideas?|tips?|thoughts?|advice|suggestions?|recommendations?|hints?)|(?:want|wanna|care|fancy|interested|guess|what|know any|got any|remember)\\b)`;
const BEHIND_STATEMENT = new RegExp(
  `^(?<fact>.+?)(?:(?:[,;]| -) (?:(?:and|so|but|then) )?(?=${ASKING}\\b)| (?:and|but|so) (?=(?:(?:what|how|where|when|why) )?${DO} (?:you|your)\\b))(?<asks>.+)$`,
  "i",
);
/** "When I moved, did you ...?", "Tom, would you ...?", "I wonder, do you ...?" state nothing. */
const NO_STATEMENT =
  /^(?:you|what|how|where|when|why|who|whose|which|if|since|while|after|before|because|although|though|until|unless|as|given|do|does|did|is|are|am|was|were|can|could|will|would|should|have you|has|any)\b|\b(?:wonder(?:ing)?|curious|question)$/i;

/** "Did I tell you ..." is a question where its mark is left out as well. */
const INVERTED =
  /^(?:(?:did|do|have|has|had|are|were|was|is|can|could|would)(?:n't)? (?:i|you|it|anyone|anybody|someone)|who (?:knew|would))\b/i;

/** True for what asks by its words, whatever stop stands behind. */
export function readsAsQuestion(sentence: string): boolean {
  return INVERTED.test(sentence);
}

/** The fact that a question holds: "Did you know that ...?", "Can you believe ...?", "..., any tips?". */
export function toldBy(question: string): Told | undefined {
  const text = question.replace(/[?!.\s]+$/, "");
  const it = IS_IT.exec(text)?.groups;
  if (it?.clause && isClause(tokenize(it.clause))) {
    const judged = `it ${(it.is ?? it.was ?? "").toLowerCase()} ${it.judged ?? it.how}`;
    return { fact: `${judged} ${it.that} ${it.clause}.`, asks: undefined };
  }
  const { clause, that, perceived } = FACTIVE.exec(text)?.groups ?? {};
  if (clause && isClause(tokenize(clause), that !== undefined || perceived === undefined))
    return { fact: `${clause}.`, asks: undefined };
  const { fact, asks } = BEHIND_STATEMENT.exec(text)?.groups ?? {};
  return fact && asks && isStatement(fact) ? { fact: `${fact}.`, asks: `${asks}?` } : undefined;
}

/** An adverbial of so many tokens may open a statement: "last week my dad retired". */
const OPENING_TOKENS = 3;

function isStatement(text: string): boolean {
  if (NO_STATEMENT.test(text)) return false;
  const tokens = tokenize(text);
  const form = completion(tokens);
  if (form.kind === "prefix" && form.words.startsWith("I ")) return true;
  for (let i = 0; i <= OPENING_TOKENS; i += 1) if (isClause(tokens.slice(i))) return true;
  return false;
}

const OWN = /\b(?:my|our)\b/i;
/** "My new bike", "about my wedding": that there is one is news. */
const NEW_ONE = /\b(?:my|our) new\b|\babout (?:my|our)\b/i;
const SPEAKER = /\b(?:my|our|[Ii]|we|me|us)\b/;
const WHY = new RegExp(
  `${OPENING}(?:why|how come)\\b(?! (?:do|did|would|are|were)(?:n't| not) (?:we|you|I)\\b)`,
  "i",
);
const REQUEST =
  /\byou (?:please |maybe |possibly |perhaps )*(?:help|teach|advise|recommend|suggest|find|book|plan)\b/i;
const WHAT_TO_DO = new RegExp(
  `${OPENING}(?:(?:what|how|where|when|which|who)\\b.{0,30} (?:should|do|can|could)|should) I\\b`,
  "i",
);

/**
 * True for a question that shows something of who asks it: "Why is my car leaking oil?", "Could you help me plan a
 * trip?", "What should I cook for eight people?"; false for "How are you?" and "What is the capital of Peru?".
 * @param names of those who talk.
 */
export function asksOfOwn(question: string, names: ReadonlySet<string>): boolean {
  if (!SPEAKER.test(question)) return false;
  const content = contentWords(question, names).length;
  if (WHY.test(question)) return content > 0;
  if (content < (NEW_ONE.test(question) ? 1 : 2)) return false;
  return (
    OWN.test(question) || REQUEST.test(question) || (WHAT_TO_DO.test(question) && !/\byou/i.test(question))
  );
}
