import { tellsAttribute } from "./attributes.ts";
import type { Stretch } from "./language.ts";
import { normalize } from "./normalize.ts";

/** A clause, with the subject that it shares with the one before and does not name. */
export interface ClauseStretch extends Stretch {
  readonly subject?: string;
}

const JOINT =
  /(?<=[\p{L}\p{N}"')]),? (?:and|but)(?: now| also| then)? (?=(?<named>(?:I|i|we|he|she|they|my|our|his|her|their)\b)|(?:live|work|moved|moving|have|has|own|am|is|was|got|prefer|lives|works|owns)\b)/gu;
const SUBJECT =
  /^(?:(?:hi|hey|hello|oh|so|well|yes|yeah|no|also)[,! ]+)*(?<who>I|i|we|he|she|they)(?:['’]\w+)?\b/u;
/** What hangs on another's clause is not its own. */
const HANGS =
  /\b(?:if|when|because|that|who|which|whether|while|since|unless|until|before|after|sa(?:id|ys?)|told|tells?|thinks?|thought|wish|hope|would|could|should|might|maybe|imagine|suppose|let|where)\b/i;

/**
 * Parts a sentence whose clauses each tell a common attribute: "I live in Malmö and I'm moving to Copenhagen in April".
 * @param whole stretches that are not cut.
 */
export function clausesApart(
  sentence: Stretch,
  whole: readonly { start: number; end: number }[],
): ClauseStretch[] {
  const { text, start } = sentence;
  if (/\?["')]*\s*$/.test(text)) return [sentence];
  for (const { index, 0: joint, groups } of text.matchAll(JOINT)) {
    const from = index + joint.length;
    const [left, right] = [text.slice(0, index), text.slice(from)];
    const who = SUBJECT.exec(left)?.groups?.who;
    if (whole.some((one) => one.start < start + from && one.end > start + index)) continue;
    if (HANGS.test(left) || (!groups?.named && !who) || !bothTell(left, right)) continue;
    const behind: ClauseStretch = {
      start: start + from,
      end: sentence.end,
      text: right,
      ...(!groups?.named && who && { subject: who }),
    };
    return [{ start, end: start + index, text: left }, behind];
  }
  return [sentence];
}

function bothTell(left: string, right: string): boolean {
  const [one, other] = [normalize(left), normalize(right)];
  const states = [one, other].filter((clause) => tellsAttribute(clause, true)).length;
  return states > 0 && tellsAttribute(one, false) && tellsAttribute(other, false);
}
