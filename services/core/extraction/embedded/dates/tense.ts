import { type Token, tokenize } from "../language.ts";
import type { Tense } from "./phrases.ts";
import { isAuxiliary, verbTense } from "./verb-tense.ts";

/** What was arranged lies ahead, whatever the tense: "moved to Thursday", "booked the cabin for May". */
const ARRANGED =
  /\b(?:(?:moved|changed|shifted|pushed|put|brought)\b[^.,;]{0,40}\b(?:to|until|till|for)|(?:booked|scheduled|rescheduled|postponed|delayed|reserved|extended|invited|decided|agreed|promised)\b[^.,;]{0,60}\b(?:to|until|till|for|in|on)) ?(?:on |in |the )?$/i;
/** "Approved my leave from 18 to 29 May", up to the time. */
const ARRANGED_FROM =
  /^.*\b((?:booked|reserved|(?:re)?scheduled|approved|confirmed|arranged|planned|signed up|postponed|delayed|extended|invited|decided|agreed|promised)\b[^.,;]{0,60}) (?:from|between) (?:the )?$/i;
/** "A furnished flat": no verb. */
const ATTRIBUTE = /\b(?:an?|the|my|your|our|his|her|their) \p{L}+ed (?=\p{L})/giu;
/** "The show was planned from March to April": over or to come, nothing tells. */
const WAS_ARRANGED =
  /\b(?:was|were|got) (?:approved|confirmed|arranged|planned) (?:from|between) (?:the )?$/i;
/** Behind these another thing is told: "was approved and I worked from March", "confirmed that I was ill from March". */
const GOES_ON = /\b(?:and|but|or|so|then|that|which|who|where|when|while|because|since|after|before|if)\b/i;
/** What comes back has no one date; what was only meant to be may lie behind or ahead. */
const HABIT =
  /\b(?:usually|always|often|normally|typically|generally|sometimes|rarely|annually|tends? to|used to|whenever|(?:best|worst|hardest|busiest) (?:time|month)|favou?rite (?:time|month|season)|(?:(?!(?:big|wedding|first|last|moving|due|exam|next|the|that) )\b\p{L}+ (?:day|night)|standup|collection|payday)(?:'s| is| are)(?! (?:moved|on) )|(?:is|'s) (?:my|our|his|her|their|the user's) (?:\p{Ll}+ )?(?:day(?: off)?|night)\b|every (?:year|month|week|spring|summer|autumn|fall|winter)|(?:was|were) (?:supposed|meant|due|going) to)\b/iu;
/** "The rent is due on the 1st". */
const PAID = /\b(?:get paid|gets paid|payday|rent|salary|wages?|mortgage)\b/i;
/** "He said he'd call on Sunday but he didn't". */
const WOULD = /(?:'d|\bwould) [^.;!?]*$/i;
const CAME_TO_NOTHING =
  /^[^.;!?]* but (?:\w+ ){1,3}?(?:(?:did|was|were|could|had)(?:n't| not)|never|forgot)\b/i;
const AHEAD_WORDS =
  /\b(?:tomorrow|soon|upcoming|planning|hoping|looking forward|can't wait|excited|due|scheduled)\b/i;
/** Where a time opens a clause, the verb behind it tells: "I was tired and in March I leave". */
const OPENS_CLAUSE =
  /(?:[,;:.!?-] |\b(?:and|but|so|or|then|because|that) )(?:(?:on|in|by|early|late|the) )*$/i;

/**
 * The tense of the last verb before a place in the text, of the first behind it where none stands before.
 * @param question that the text answers: "on Saturday" behind "Was it born?" lies behind.
 */
export function tenseAt(text: string, at: number, question?: string): Tense {
  const before = text.slice(0, at);
  const after = text.slice(at);
  const led = before + (/^(?:from|between) /i.exec(after)?.[0] ?? "");
  if (WAS_ARRANGED.test(led)) return "unsaid";
  if (ARRANGED.test(before) || isArrangedFrom(led)) return "future";
  const told = toldBy(before, after);
  const clause = (/[^.;!?]*$/.exec(before)?.[0] ?? "") + (/^[^.;!?,]*/.exec(after)?.[0] ?? "");
  if (HABIT.test(clause) || (told !== "past" && PAID.test(clause))) return "habit";
  if (WOULD.test(before) && CAME_TO_NOTHING.test(after)) return "past";
  if (told !== "unsaid" && told !== "present") return told;
  if (AHEAD_WORDS.test(clause)) return "future";
  if (told === "present") return told;
  return question === undefined ? "unsaid" : tenseAt(question, question.length);
}

/** True where the verb of arranging is the last one before "from" or "between". */
function isArrangedFrom(led: string): boolean {
  const arranged = ARRANGED_FROM.exec(led)?.[1];
  if (arranged === undefined || GOES_ON.test(arranged)) return false;
  // "Agreed to let me work from home": the tagger takes such a verb for a finite one.
  return !tenses(tokenize(arranged.replace(ATTRIBUTE, "")))
    .slice(1)
    .includes("past");
}

function toldBy(before: string, after: string): Tense {
  if (OPENS_CLAUSE.test(before)) {
    const own = tenses(tokenize(clauseOf(after))).at(0);
    if (own) return own;
  }
  return tenses(tokenize(before)).at(-1) ?? tenses(tokenize(after)).at(0) ?? "unsaid";
}

function clauseOf(text: string): string {
  return /^.*?(?=[,;:.!?]|\b(?:and|but|so|because)\b|$)/i.exec(text)?.[0] ?? text;
}

/** What each finite verb says, in order. */
function tenses(tokens: readonly Token[]): Tense[] {
  const found: Tense[] = [];
  // The verbs that an auxiliary governs say nothing of their own.
  let governed = false;
  for (const [i, token] of tokens.entries()) {
    if (SUBJECT.test(token.lower) && !isInverted(tokens, i)) governed = false;
    const tense = verbTense(tokens, i, governed);
    if (tense && isAuxiliary(token)) governed = true;
    else if (token.pos === "VERB") governed = false;
    if (tense) found.push(tense);
  }
  return found;
}

const SUBJECT = /^(?:i|we|he|she|they|who|which|that|and|but)$/;

/** "Did she leave", "when will we go", "did Anna and others go". */
function isInverted(tokens: readonly Token[], i: number): boolean {
  const before = tokens[i - 1];
  return tokens[i + 1]?.lower === "others" || (before !== undefined && isAuxiliary(before));
}
