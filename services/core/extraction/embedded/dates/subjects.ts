const ADVERBS = "(?:(?:really|just|already|also|simply|always|usually) )*";
const DEGREE = "(?:(?:so|too|very|really|pretty|quite|rather|a bit|a little) )?";
const WELL = "(?:well|badly|fine|great|ok|okay|perfectly|smoothly|wrong|quickly|fast|slowly)";
const ILL = "(?:ill|sick|dizzy|tired|unwell|exhausted|feverish|nauseous|anxious|nervous|proud|the|my)";
const PLACED = "(?:at|in|with|home|back|out|off)";
/** "It flew by", not "flew by plane". */
const OVER =
  "(?=\\s*(?:$|[.,;:!?)-])| (?:so|too|very|really|in an?|like|without|and|but|for|because|with)\\b)";

/** What a time does; "took the bus" and "flew to Rome" lack their "I". */
const VERBS = [
  "(?:is|will|would|'s|are|can|could|should|might|may|works?|suits?|sounds?|feels?|goes|starts|ends|flies|drags|sucks|brings)\\b",
  "looks\\b",
  `(?:was|were)\\b(?! ${PLACED}\\b)`,
  "(?:has|had) (?:been|its|to be|no|me|us|many|more|so (?:many|much))\\b",
  "(?:looked|seem(?:s|ed))\\b(?! (?:at|for|into|after|around|through|over|up|out|back|forward)\\b)",
  `felt\\b(?! ${DEGREE}${ILL}\\b)`,
  `(?:flew|passed|went|dragged|sped) (?:by|past|on)${OVER}`,
  `(?:flew|passed|went|dragged|sped|turned out) ${DEGREE}${WELL}\\b`,
  `(?:passed|dragged|sucked|rocked)${OVER}`,
  "turned out (?:to be|(?:so|too|very|quite) \\w+|good|bad|nice|lovely|awful|busy)\\b",
  "proved (?:to be|very|too|quite|hard|tough|easy|difficult)\\b",
  "(?:took|takes) (?:forever|ages|its toll|a turn|an? \\w+ turn)\\b",
  "brought (?:us|me|many|much|more|a lot|so|new|nothing)\\b",
].join("|");

const OF_TIME = new RegExp(`^\\s*${ADVERBS}(?:${VERBS})`, "i");

/** True where what stands behind a time that opens a clause can only be told of that time itself. */
export function isSubjectOf(after: string): boolean {
  return OF_TIME.test(after);
}
