import { ORDERS } from "./fragment-words.ts";
import { isPastForm } from "./verbs.ts";

/** In UTF-16 code units. */
const LONGEST = 600;

/** "It was like, I don't know, ten" is no speech. */
const LIKE = new RegExp(
  `(?<=(?<!\\b(?:it|this|that|which|there) ?)\\b(?:was|were|is|are|am|be|been|['’](?:s|re|m)) (?:all |just |totally )?like, )[^"“\\s][^"“\\n.!?]{0,${LONGEST}}`,
  "giu",
);
/** "He was like, I don't know, forty". */
const FILLER =
  /^(?:(?:I (?:don['’]?t know|guess|mean|think|swear)|I dunno|you know),? )+(?!(?:what|how|why|if)\b)/i;
const OPENERS =
  /^(?:(?:so|but|and|well|ok|okay|maybe|honestly|look|listen|hey|yeah|yes|no|oh|wait|sorry|dude|man),? )+/i;

const CRY =
  /^(?:(?:oh )?my (?:god|gosh|goodness)|oh (?:no|yes|man|well|wow)|omg|wtf|no (?:way|thanks|chance|idea)|come on|what the \w+|thank (?:you|god)|hell (?:no|yes)|good luck|how dare|(?:really|seriously|fine|great|sure|never|whatever|of course)$)\b/i;
const ANSWER =
  /^(?:no|nope|yes|yeah|yep|hey|hi|hello|sure|wow|wait|what|please|sorry|dude|okay|ok|why|who|how|thanks|bye)(?:,|$)/i;
const AUX =
  "(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|must|might|ca|wo)(?:n['’]?t)?";
const ASKS = new RegExp(`^(?:what|why|how|where|when|who)(?: ${AUX}\\b|['’](?:s|re|d)\\b)`, "i");
/** "My dad will be mad", not "my friend who is ill". */
const OURS = new RegExp(
  `^(?:my|your|our) (?:(?!(?:who|that|which|and|when|because|since|I|we) )\\p{L}+ ){1,3}?${AUX}\\b`,
  "iu",
);
/** "I", "you" and "we" say and do; so does "it" where it is said to somebody: "it's my turn". */
const WE = /^(?:I|you|we|let['’]s)(?:['’](?:m|re|ve|ll|d|s))?\b/i;
const THEY = /^(?:it|that|this|there|he|she|they)(?:['’](?:s|re|ll|d|ve)\b| )/i;
const TO_SOMEBODY = /\b(?:I|[Mm]e|[Mm]y|mine|[Yy]ou|[Yy]ours?|[Ww]e|us|[Oo]ur)\b/;
const FORBIDS = /^(?:don['’]?t|do not|never|please|let me) \p{L}/iu;
const OBJECT =
  /^(?:me|us|it|him|her|them|this|that|these|those|the|an?|my|your|out|up|down|away|off|here|over|back|to|with|at|for)$/i;
/** Orders that are in no list of those which open a turn. */
const MORE_ORDERS = /^(?:leave|shut|calm|let|help|hold|hurry|relax|chill|quit|pay|move)$/i;

/** "I was like, I was so ill": says it again. */
const AGAIN = /\b(I|we|he|she|they) (?:was|were) (?:all |just |totally )?like, \1 (?:was|were)\b/iu;

/** Direct speech behind "was like," that stands without quotation marks: "Tom was like, I can't go". */
export function spokenLike(text: string): { start: number; end: number }[] {
  return [...text.matchAll(LIKE)]
    .filter(
      ({ index, 0: said }) => isSpeech(said) && !AGAIN.test(text.slice(Math.max(0, index - 30), index + 12)),
    )
    .map(({ index, 0: said }) => ({ start: index, end: index + said.length }));
}

/** "Totally furious", "five and six", "my best friend" only tell how or what somebody is. */
function isSpeech(said: string): boolean {
  const rest = said.trim().replace(FILLER, "");
  if (rest === "") return true;
  if (CRY.test(rest) || ANSWER.test(rest)) return true;
  const clause = rest.replace(OPENERS, "");
  if (CRY.test(clause) || ASKS.test(clause) || OURS.test(clause) || FORBIDS.test(clause)) return true;
  if (WE.test(clause)) return true;
  if (THEY.test(clause)) return TO_SOMEBODY.test(clause);
  return isOrder(clause);
}

function isOrder(clause: string): boolean {
  const [verb = "", object] = clause.split(/[ ,]+/);
  const lower = verb.toLowerCase();
  if ((!ORDERS.has(lower) && !MORE_ORDERS.test(lower)) || isPastForm(lower)) return false;
  return object === undefined || OBJECT.test(object);
}
