import { EITHER, FEELINGS, ORDERS, THOUGHTS } from "./fragment-words.ts";
import { type Token, tokenize } from "./language.ts";

/** What an assistant is to do each time that something is the case. */
export interface StandingOrder {
  /** The order in front: "run make deploy when I say ship it". */
  readonly text: string;
  /** It is not to. */
  readonly negative: boolean;
}

const SAYS =
  "(?:says?|asks?|writes?|sends?|types?|mentions?|shares?|pastes?|posts?|uploads?|wants?|requests?|needs?|uses?|gives?|tells?|starts?|talks?|refers?|calls?)";
const EACH_TIME = "whenever|every time|each time|any ?time";
/** Whoever says "if you have a minute" asks once. */
const OF_OURS = `(?:when|if|once|as soon as) (?:I|we|(?:my|our|the) \\p{L}+|somebody|someone|anybody|anyone|you (?:write|draft|answer|reply|suggest|recommend|summari[sz]e|translate|explain|plan|book|use|make|create|generate))\\b`;
const WHEN = `(?:${EACH_TIME}|${OF_OURS})[^,]{2,160}?`;
const BEFORE = new RegExp(`^(?<when>${WHEN})(?:, (?:then )?|: )(?<order>\\S.*)$`, "iu");
const BEHIND = new RegExp(
  `^(?<order>[^,]{3,160}?),? (?<when>(?:${EACH_TIME}|(?:when|if) (?:I|we) (?:ever )?${SAYS})\\b.*)$`,
  "iu",
);
const SOFTENERS = /^(?:please |just |then |also )+/i;
const FORBIDS = /^(?:always )?(?:never|do not|don't) /i;

/** Reads "When I say ship it, run make deploy", "Give me bullet points if I ask for a summary". */
export function standingOrder(sentence: string): StandingOrder | undefined {
  const { order, when } = (BEFORE.exec(sentence) ?? BEHIND.exec(sentence))?.groups ?? {};
  if (!order || !when) return undefined;
  const asked = order.replace(SOFTENERS, "");
  const plain = asked.replace(FORBIDS, "");
  if (!isOrder(tokenize(plain))) return undefined;
  const text = `${plain.replace(/[.!]+$/, "")} ${when.charAt(0).toLowerCase()}${when.slice(1)}`;
  return { text, negative: plain !== asked };
}

/** The tagger takes them for nouns. */
const ALSO_ORDERS =
  /^(?:check|cite|deploy|draft|end|format|limit|link|list|log|mark|name|open|order|plan|quote|review|round|schedule|sign|spell|test|use|warn|water)$/;

function isOrder(tokens: readonly Token[]): boolean {
  const first = tokens.find(({ lower }) => !/^(?:always|only)$/.test(lower));
  if (!first || [FEELINGS, THOUGHTS].some((some) => some.has(first.lower))) return false;
  if (EITHER.has(first.lower)) return first.lower === "remember";
  return (
    ORDERS.has(first.lower) ||
    ALSO_ORDERS.test(first.lower) ||
    (first.pos === "VERB" && first.lower === first.lemma)
  );
}

/** As it stands in a statement, where it makes a rule of what an assistant is told. */
export const STANDS = new RegExp(
  ` told the assistant [^.:]*\\b(?:${EACH_TIME}|(?:when|if|once|as soon as) [^.:]*? (?:ever )?${SAYS})\\b`,
  "iu",
);
