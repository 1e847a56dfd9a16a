import { tellsAttribute } from "./attributes.ts";
import { type ClauseOpening, openingOf, sharedBy } from "./clause-opening.ts";
import { isIntroduction, sharedByIntroduction } from "./introductions.ts";
import type { Stretch } from "./language.ts";
import { lasts } from "./lasting-clause.ts";
import { stripLeadIns } from "./lead-ins.ts";
import { type Meant, meantByPronoun } from "./meant-by-pronoun.ts";
import { normalize } from "./normalize.ts";

/** A clause, with what it shares with the one before and does not name: "I", "Last week my sister", "I am". */
export interface ClauseStretch extends Stretch {
  readonly subject?: string;
  /** It tells a fact of its own. */
  readonly apart?: true;
}

export interface Surroundings {
  /** Stretches that are not cut. */
  readonly whole: readonly { start: number; end: number }[];
  /** As of `callNames`. */
  readonly callable: ReadonlySet<string>;
  /** In a chat of people, whose clauses lean on each other, a clause is cut off a name or a home alone. */
  readonly inPassing: boolean;
}

const JOINT =
  /(?<=[\p{L}\p{N}"')])(?:, where(?= (?:I|we|my|our)\b)|,? (?:and|but)(?: also| then)?|[,;]) (?=[\p{L}\p{N}])/gu;
/** "I'm based in Leeds, working as a plumber." */
const WORKING = /^(?:currently |now )?(?:working|studying|training|teaching|interning) (?:as|at|for|in|to) /u;
/** A longer enumeration stays as it is. */
const MOST_JOINTS = 12;
/** What hangs on another's clause is not its own. */
const HANGS =
  /\b(?:if|when|because|that|who|which|whether|while|since(?! (?:\p{L}+ )?\d)|unless|until|before|after|sa(?:id|ys?)|told|tells?|thinks?|thought|means?|meant|wish|hope|would|could|should|might|maybe|imagine|suppose|let|where)\b/iu;
/** At what the clause before tells of. */
const POINTS = /\b(?:it|its|there|them|this|that|these|those|one|instead|so that|too)\b/i;
const POINTS_AT_OTHERS = /\b(?:he|she|they|him|his|hers?|theirs?)\b/i;

/**
 * Parts a sentence whose clauses each tell a fact that can end without the other: "I moved to Lisbon last week and
 * adopted a beagle". One deed in two verbs ("went and bought"), and what hangs on the clause before, stay together.
 */
export function clausesApart(sentence: Stretch, around: Surroundings): ClauseStretch[] {
  const { text, start, end } = sentence;
  if (/\?["')]*\s*$/.test(text)) return [sentence];
  const joints = [...text.matchAll(JOINT)];
  if (joints.length > MOST_JOINTS) return [sentence];
  const cut: ClauseStretch[] = [];
  let last: ClauseStretch = sentence;
  for (const { index, 0: joint } of joints) {
    const [stop, from] = [start + index, start + index + joint.length];
    const left = { ...last, end: stop, text: text.slice(last.start - start, index) };
    const right = { start: from, end, text: text.slice(from - start) };
    const isCut = around.whole.some((one) => one.start < from && one.end > stop);
    const clause = isCut ? undefined : ownClause(left, right, joint, around);
    if (!clause) continue;
    cut.push({ ...left, apart: true });
    last = clause;
  }
  return [...cut, last];
}

/** What stands behind a joint, if it tells a fact of its own and so does what stands before. */
function ownClause(
  left: ClauseStretch,
  right: Stretch,
  joint: string,
  { whole, callable, inPassing }: Surroundings,
): ClauseStretch | undefined {
  const before = stripLeadIns(normalize(said(left)), callable);
  const behind = normalize(right.text);
  const introduced = inPassing
    ? undefined
    : sharedByIntroduction(before.replace(/[.!]$/, ""), behind, left.subject !== undefined);
  if (introduced) return { ...right, subject: introduced, apart: true };
  const opening = HANGS.test(before) ? undefined : openingOf(before);
  const meant = opening && !inPassing && meantByPronoun(before, right.text);
  if (meant) return clauseOf(before, opening, right, meant);
  if (!opening || POINTS.test(behind)) return undefined;
  const own = openingOf(behind);
  if (own && POINTS_AT_OTHERS.test(own.subject)) return undefined;
  // A comma alone joins verbs only where an "and" is to come, or what somebody works as.
  const joins = / (?:and|but) /.test(` ${joint.trim()} ${right.text}`) || WORKING.test(behind);
  const holds = whole.some((one) => one.start < left.end && one.end > left.start);
  const subject = own || !joins || holds ? undefined : sharedBy(opening, behind);
  if (!own && (!subject || pointsAtOthers(opening.subject, behind))) return undefined;
  const clause = subject ? `${subject} ${behind}` : behind;
  const tells = inPassing
    ? inChat(before, clause)
    : (isIntroduction(before) || lasts(before, opening)) && lasts(clause, own ?? openingOf(clause));
  return tells ? { ...right, ...(subject && { subject }), apart: true } : undefined;
}

/** What is told of somebody whom the clause before names. */
function clauseOf(
  before: string,
  opening: ClauseOpening,
  { start, end, text }: Stretch,
  { subject, length }: Meant,
): ClauseStretch | undefined {
  const rest = text.slice(length);
  const clause = `${subject} ${normalize(rest)}`;
  if (HANGS.test(rest) || POINTS.test(rest) || POINTS_AT_OTHERS.test(rest)) return undefined;
  const tells = lasts(before, opening) && lasts(clause, openingOf(clause));
  return tells ? { start: start + length, end, text: rest, subject, apart: true } : undefined;
}

function said({ subject, text }: ClauseStretch): string {
  return subject ? `${subject} ${text}` : text;
}

/** "I adopted a cat and love her": of whomever the clause before names. */
function pointsAtOthers(subject: string, behind: string): boolean {
  return /\b(?:I|we)$/.test(subject) && POINTS_AT_OTHERS.test(behind);
}

function inChat(one: string, other: string): boolean {
  const states = [one, other].some((clause) => tellsAttribute(clause, true));
  return states && tellsAttribute(one, false) && tellsAttribute(other, false);
}
