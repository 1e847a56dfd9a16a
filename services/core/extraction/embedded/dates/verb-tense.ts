import type { Token } from "../language.ts";
import { isParticiple, isPastForm, readsAsPast } from "../verbs.ts";
import type { Tense } from "./phrases.ts";

/** Verbs that in the present tense tell what is on a calendar. */
const SCHEDULED = new Set(
  `start begin open close end finish graduate leave arrive fly depart land return retire marry wed move launch premiere air
   resume expire turn meet visit perform race join travel renew release reopen celebrate host compete defend sail ship`.split(
    /\s+/,
  ),
);
/** "The contract runs out", "the results come back", "we go home". */
const SCHEDULED_WITH: ReadonlyMap<string, RegExp> = new Map([
  ["run", /^out$/],
  ["come", /^(?:out|back|over|home|round|around|up|to)$/],
  ["go", /^(?:back|live|home|away|on)$/],
  ["take", /^place$/],
  ["get", /^(?:married|back|home|here|there)$/],
  ["kick", /^off$/],
  ["sit", /^(?:the|my|an?)$/],
]);
/** "I think in May": tells nothing of when. */
const THOUGHT = new Set(
  "think guess believe know suppose say mean remember reckon imagine bet let see".split(" "),
);
/** "I want to fly in May". */
const WISHED = new Set("want plan hope intend need aim expect wish have ought try".split(" "));
const FELT = new Set("love like enjoy miss hate prefer hope wish want need adore dislike".split(" "));
const EVENT =
  /^(?:exam|test|meeting|appointment|interview|trip|surgery|operation|deadline|concert|wedding|party|flight|holiday|date|class|gig|show|race|match|game|recital|session|checkup|check-up|visit|baby|reservation|booking|ticket|matche|classe)s?$/;
const MODALS = /^(?:will|'ll|wo|shall|would|'d|should|could|might|may|must|can|ca|gonna)$/;
const AUXILIARY = /^(?:am|is|are|'m|'re|'s)$/;
const STATE = new Set(
  "due free busy away back off available ready open closed gone home booked over there".split(" "),
);

/** "I'm 35, my birthday was on Monday": governed by no auxiliary, whatever stands before. */
const ALWAYS_FINITE = /^(?:am|is|are|was|were|did|does)$/;

/** True for be, have, do and the modal verbs. */
export function isAuxiliary({ lower, pos }: Token): boolean {
  return (
    MODALS.test(lower) ||
    AUXILIARY.test(lower) ||
    /^(?:do|does|did|have|has|had|'ve|was|were)$/.test(lower) ||
    pos === "AUX"
  );
}

/**
 * What a token says of when; undefined where it is no finite verb or one that tells nothing of it.
 * @param governed by an auxiliary before it.
 */
export function verbTense(tokens: readonly Token[], i: number, governed: boolean): Tense | undefined {
  const token = tokens[i] as Token;
  const { lower, pos, lemma } = token;
  const previous = tokens[i - 1]?.lower;
  if (
    lower === "may" &&
    (token.value !== "may" || /^(?:in|since|of|by|last|next|this)$/.test(previous ?? ""))
  )
    return undefined;
  if (governed && !ALWAYS_FINITE.test(lower)) return undefined;
  const next = following(tokens, i);
  if (MODALS.test(lower)) return modalTense(lower, tokens, i);
  if (/^(?:was|were|did|had)$/.test(lower)) return "past";
  if (/^do(?:es)?$/.test(lower) && next && next.pos !== "DET") return doTense(tokens, i);
  if (AUXILIARY.test(lower) && (pos === "AUX" || lower !== "'s")) return beTense(lower, tokens, i);
  if (/^(?:have|has|'ve)$/.test(lower)) return haveTense(tokens, i);
  // "I meant Saturday".
  if (lower === "meant") return undefined;
  // "Are getting married".
  if (isPastForm(lower)) return PASSIVE.test(previous ?? "") ? undefined : "past";
  if (pos !== "VERB") return namedSchedule(tokens, i);
  if (readsAsPast(lower)) return /^(?:he|she|it)$/.test(previous ?? "") ? "past" : "unsaid";
  if (/ing$/.test(lower) && lower !== lemma) return i === 0 && !THOUGHT.has(lemma) ? "future" : undefined;
  return previous === "to" || THOUGHT.has(lemma) ? undefined : presentTense(tokens, i);
}

const PASSIVE = /^(?:get|gets|getting|be|been|being)$/;

/** "His flight lands on the 3rd": the tagger takes many such verbs for nouns. */
function namedSchedule(tokens: readonly Token[], i: number): Tense | undefined {
  const { lower, lemma } = tokens[i] as Token;
  const subject = /^(?:NOUN|PROPN|PUNCT|ADV)$/.test(tokens[i - 1]?.pos ?? "");
  const goesOn = /^(?:ADP|ADV|PRON|PART)?$/.test(tokens[i + 1]?.pos ?? "");
  return lower === `${lemma}s` && SCHEDULED.has(lemma) && subject && goesOn ? "future" : undefined;
}

/** The next token that is no adverb, negation or, in a question, subject. */
function following(tokens: readonly Token[], i: number): Token | undefined {
  return tokens
    .slice(i + 1)
    .find(
      ({ lower, pos }) =>
        pos !== "ADV" && pos !== "PUNCT" && !/^(?:n't|not|just|also|i|we|you|he|she|they|it)$/.test(lower),
    );
}

function modalTense(lower: string, tokens: readonly Token[], i: number): Tense {
  const near = tokens.slice(i + 1, i + 4).map((token) => token.lower);
  const denied = near[0] === "n't" || near[0] === "not";
  if (/^(?:have|'ve)$/.test(near[denied ? 1 : 0] ?? "") && lower !== "will") {
    if (isParticiple(near[denied ? 2 : 1] ?? "")) return "past";
  }
  if (lower === "'d" && isPastForm(near[0] ?? "")) return "past";
  // "I couldn't sleep on Friday".
  return denied && lower === "could" ? "past" : "future";
}

/** "When do you start?", "he doesn't fly". */
function doTense(tokens: readonly Token[], i: number): Tense {
  const verb = tokens.findIndex(
    (token, at) => at > i && (token.pos === "VERB" || SCHEDULED.has(token.lower)),
  );
  return verb > 0 ? presentTense(tokens, verb) : "present";
}

function beTense(lower: string, tokens: readonly Token[], i: number): Tense {
  const next = following(tokens, i);
  if (!next) return "future";
  if (/ing$/.test(next.lower) && next.pos !== "ADP") return "future";
  if (STATE.has(next.lower)) return "future";
  // "Is lovely in May" is said of every May.
  if (next.pos === "ADJ") return "present";
  return isParticiple(next.lower) && lower === "'s" ? "past" : "future";
}

function haveTense(tokens: readonly Token[], i: number): Tense {
  const next = following(tokens, i);
  if (!next) return "present";
  if (next.lower === "to") return "future";
  if (next.lower === "got") return "future";
  // "Has she left?"
  const asks = i === 0 || tokens[i - 1]?.pos === "PUNCT";
  const near = asks ? tokens.slice(i + 1, i + 5) : [next];
  if (near.some((token) => isParticiple(token.lower))) return "past";
  return tokens.slice(i).some(({ lower }) => EVENT.test(lower)) ? "future" : "present";
}

function presentTense(tokens: readonly Token[], i: number): Tense {
  const { lemma, lower } = tokens[i] as Token;
  const next = tokens[i + 1]?.lower ?? "";
  if (WISHED.has(lemma)) return "future";
  if (SCHEDULED.has(lemma) || SCHEDULED_WITH.get(lemma)?.test(next)) return "future";
  // "Visit us in May!" is for somebody to do.
  if (i === 0 && lower === lemma && !FELT.has(lemma)) return "future";
  // "I would love to".
  return FELT.has(lemma) && next === "to" ? "future" : "present";
}
