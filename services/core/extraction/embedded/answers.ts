import { isCourtesy, WORD } from "./small-talk.ts";

/** What a turn says to a yes-or-no question. */
export type Answer = "yes" | "no" | "yes and no";

const YES = "yes|yeah|yep|yup|yea|sure|definitely|absolutely|of course|totally|certainly";
const OPENING = new RegExp(
  `^\\W*(?:(?:oh|well|haha|hey|thanks|um+|uh|hm+)[, ]+)*(?:(${YES})\\b|(?<!\\boh,? )((?:no longer|not any ?more|not at all|not (?:lately|recently|for (?:long|a while|ages|years)))(?=\\W*$|[,.!;:])|no|nope|nah|not yet|not really)\\b)`,
  "i",
);
/** "Yes and no". */
const BOTH = /^,? (?:and|but) (?:yes|no)\b/i;
/** "Yeah, no": nobody can tell. */
const TURNS = /^[, ]+(?:yes|yeah|no|nah)\b/i;
/** Not "no idea", "no problem", "no one came". */
const NO_ENDS =
  /^(?:\W*$|\s*[,.!;:)-]|\s+(?:i|we|you|he|she|it|they|that|not|thanks?|sorry|but|because|never|there|my|the|an?|unfortunately|sadly)\b)/i;
/** "No Lou is well", not "no Mondays". */
const NO_NAMES = /^ \p{Lu}\p{Ll}+(?:'s| (?:is|was|has|had|did|does|can|could|will|would)(?:n't)?)\b/u;

/** "Yes" or "no" where a turn opens with one; "definitely not" is no, "oh no!" and "no problem" are neither. */
export function answerOf(turn: string): Answer | undefined {
  const match = OPENING.exec(turn);
  if (!match) return undefined;
  const [opening, yes, no = ""] = match;
  const behind = turn.slice(opening.length);
  if (BOTH.test(behind)) return "yes and no";
  if (yes) {
    if (/^ not\b/i.test(behind)) return "no";
    // "Yeah right" is seldom meant so.
    return TURNS.test(behind) || /^,? right\b/i.test(behind) ? undefined : "yes";
  }
  return /^no$/i.test(no) && !NO_ENDS.test(behind) && !NO_NAMES.test(behind) ? undefined : "no";
}

const FILLERS = new Set(
  `oh ooh ah aw aww wow whoa woah haha ha hehe lol omg gosh hmm hm um uh well hey hi hello yay phew jeez thanks thank you thx
   so much a lot ton please sorry i know guess think mean hope love to hear that this it's is was it and but really very too
   good great question right exactly absolutely definitely totally indeed certainly course of sure ok okay alright
   yeah yea yes yep yup no nope nah same here's the let me see`.split(/\s+/),
);
const PRAISE = new Set(
  `cool great awesome amazing nice good wonderful fantastic lovely sweet brilliant superb neat excellent incredible terrific
   fabulous perfect beautiful gorgeous adorable cute impressive inspiring interesting fascinating fun funny hilarious exciting
   excited thrilled stoked glad happy proud delighted congrats congratulations kudos bravo`.split(/\s+/),
);
const WH =
  /^(?:\W*(?:so|and|but|well|then|in|at|on|for|from|with|to|about|until|since)\b)*\W*(?:what|which|who|whom|whose|where|when|why|how)\b/i;

/** True for a question that "yes" or "no" answers, false for "How long ...?". */
export function asksYesOrNo(question: string): boolean {
  return !WH.test(question);
}

const ASKS_FOR_WORDS = /\b(?:what|which|who|whom|whose|where|when|why|how)\b|\bor\b/i;

/** "I didn't", "she is", "I'd love to", "didn't help", "right", "no problem". */
const REPLY =
  /^(?:(?:sorry|just|of course|yes|no|unfortunately|sadly|well|and),? )*(?:(?:i|we|he|she|it|they|there|that)(?: (?:really|just|already|still|never|always|all|both|only))* (?:do|did|does|have|has|had|am|is|are|was|were|will|would|can|could|should|might|may|must|love|like|hope|think|guess|doubt|want|need)(?:n't)?\b(?! really appreciate)|(?:do|did|does|have|has|had|is|was|will|would|can|could)(?:n't| not)\b|please (?:do|don't)\b|(?:right|correct|exactly|true|indeed|neither|both|never|almost|maybe|perhaps|hopefully|perfect|deal)[.!]*$|(?:no problem|no idea|no clue|no chance|no way|will do|you bet|go ahead|with pleasure|just did|a (?:little|bit)|sometimes|no longer|not (?:at all|really|yet|much|quite|any ?more))\b)/i;

/** "This morning", "just now", "for a while": small words that tell when, not "Morning!" and "Later!" */
const MOMENT = "(?:morning|afternoon|evening|night|day|week|weekend|month|year|time|while|moment|long)s?";
const WHEN = new RegExp(
  `^(?:(?:just|only|since|from|by|for|on|in|at|over|during|again|almost|nearly|about|very|once|twice|late|early) )*(?:(?:(?:this|that|all|every|each|the|an?|one|most|some|other|few|couple of|whole|same|little|past|last|next|for|not) )+${MOMENT}|now|before|today|tonight|tomorrow|soon|earlier)(?: (?:ago|again|now|already|early|late|or so))*[.!]*$`,
  "i",
);

/** True for small words that answer a yes-or-no question. */
export function isReply(sentence: string): boolean {
  return REPLY.test(sentence) || WHEN.test(sentence);
}

/** "I said no", "she didn't": small words that turn what was told before. */
const TURNING =
  /^(?:(?:and|but|so|then) )?(?:i|we|he|she|they) (?:\w+ )?(?:(?:do|did|does|have|has|had|is|are|was|were|will|wo|would|can|ca|could)(?:n't| not)|(?:said|told \w+) (?:yes|no))\b(?!.*\b(?:wait|believe|imagine|thank|worry|mind|agree)\b)/i;

/** True for small words behind what was told that deny or answer it. */
export function isTurning(sentence: string): boolean {
  return TURNING.test(sentence);
}

/** "Me too", "so do I", "I have.": says of the speaker what was said of another before. */
const ECHO =
  /^(?:me,? (?:too|neither|either|as well)|same (?:here|with me|for me)|not me|(?:so|neither|nor) (?:do|did|am|was|have|had|would|will|can|could) (?:i|we)|i (?:do|did|am|was|have|had|would|will|can|could)(?:(?:n't| not)(?: either)?|,? (?:too|as well))?|i (?:don't|do not|do) think so|mine (?:too|either|neither|as well|(?:does|is|was|did|has)(?:n't| not)?(?: too| either)?))(?=[,.!; ]*$|[,.!;] )/i;

/** True where a sentence says of its speaker what the sentence before says of another. */
export function isEcho(sentence: string): boolean {
  return ECHO.test(sentence);
}

/**
 * True where words too small to tell anything by themselves answer a question: "A girl!" to "A boy or a girl?",
 * "Great!" to "How was it?", "I didn't." to "Did you go?", but not "Wow, amazing!" to "Where did you go?".
 */
export function answers(sentence: string, question: string, names: ReadonlySet<string>): boolean {
  if (question === "") return false;
  if (asksYesOrNo(question) && isReply(sentence)) return true;
  if (!ASKS_FOR_WORDS.test(question) || isCourtesy(sentence)) return false;
  const praised = /\bhow\b/i.test(question);
  return (sentence.match(WORD) ?? [])
    .map((word) => word.toLowerCase())
    .some((word) => !FILLERS.has(word) && !names.has(word) && (praised || !PRAISE.has(word)));
}
