/** "If I had known, I would have bought a bungalow", "if I ever have a baby ...". */
const SUPPOSED =
  /^(?:(?:and|so|because|well|maybe|oh|honestly|then)[, ]+)*(?:even )?if (?!.*\bbut\b)(?:.*\bever\b|(?:\S+ ){1,6}?(?:had|were|was|could|did|went|got|knew|lived|won|lost|quit|made|met|bought|found|came|took|left|said|became|\w{2,}ed)(?:n't)?\b.*(?:\b(?:would|could|might)\b|'d\b)|.*\b(?:would|could|might) (?:\w+ )?have\b)/i;
/** "Had I known, I'd have stayed", "were I rich, I'd ...". */
const INVERTED =
  /^(?:(?:and|so|well|oh)[, ]+)*(?:(?:had|were|should) (?:I|we|he|she|they|it|you)\b[^?]*\b(?:would|could|might|'d)\b|had (?:I|we|he|she|they|you) (?:not |never |only )?\w+(?:ed|wn|en|ne|ght|de|ld|ft|id|ut|st)\b)/i;
const WOULD_HAVE =
  /^(?!.*\bbut\b).*\b(?:would|could|might)(?:n't| not)? \w+.*\bif (?:\S+ ){1,3}?(?:had|were|was|could|knew|did(?:n't)?)\b/i;
/** A wish tells of who has it: "I'd love to move to Oslo if I could". */
const WISH = /\bwould (?:really |so |absolutely )*(?:love|like|prefer)\b/i;

const SUBJECT =
  "(?:that )?(?:I|you|we|he|she|it|they|there|this|that|somebody|someone|everyone|an?|the|\\p{L}+s|my \\p{L}+ (?:is|was|were|had|went|got|fell|rose|\\p{L}+ed))";
/** "Imagine I'm a pirate", "pretend you're my landlord"; not "imagine my surprise". */
const PLAY = new RegExp(
  `^(?:(?:and|but|so|now|ok|okay|well|just|then|please|lol|haha|omg|for a moment|let us)[, ]+)*(?:(?:imagine|pretend|suppose|supposing|assume|assuming)(?::|,? (?:if )?${SUBJECT}\\b)|if only (?:I|we|you|he|she|it|they|there|\\p{L}+s)\\b|let us (?:say|pretend|assume|imagine|suppose|play|role-?play)\\b|(?:this is |it is )?(?:purely |just |all |strictly |only )*hypothetical(?:ly)?\\b|if and when (?:I|we) win\\b|(?:when|if|once) (?:I|we) (?:ever |finally )?win the lottery\\b|say ${SUBJECT} (?:had|were|was|did)\\b|hypothetically\\b|what if\\b|you(?: are|'re) (?:now )?(?:my|an?|the) (?:\\p{L}+ ){1,4}and (?:I am|you)\\b)`,
  "iu",
);

const HUGE = "(?:million|billion|zillion|gazillion|bajillion|hundred|thousand)";
/** "Then I'll eat my hat", "told it a million times", "married to my job": nobody has, is or will. */
const FIGURE = new RegExp(
  `\\b(?:${[
    "I am (?:the |a )?(?:(?:king|queen|emperor|empress) of|(?:the )?(?:pope|tooth fairy|easter bunny)(?=[.!]*$)|(?:santa|father christmas|batman|superman|spider-?man|napoleon|cleopatra|mother teresa)(?: \\p{L}+)?[.!]*$)",
    "eat (?:my|his|her|their|our) (?:hat|desk|shoes?|words)",
    "over my dead body",
    "when (?:pigs|hell)",
    "break a leg",
    "cross my heart",
    "kill me now",
    "could (?:eat a horse|eat a whole \\p{L}+|murder an? \\p{L}+|sleep for (?:a|\\d+) (?:week|year|day)s?)",
    `(?:a|one|about a|like a) ${HUGE} (?:times|things|questions|emails|meetings)`,
    `(?:I am|I feel|feeling|I look)(?: like| about)?(?: I am)?(?: an?| about)? ${HUGE}(?: years old)?(?=$|[.!?]| today| right now)`,
    "(?:literally|actually|simply|basically) (?:dying|dead|melting|exploding|drowning)",
    "dying of (?:boredom|hunger|thirst|heat|shame|embarrassment|laughter|curiosity)",
    "bored to (?:death|tears)|scared to death|worked to death",
    "(?:married to|in a relationship with) (?:my|the|this) (?:job|work|laptop|phone|computer|desk|sofa|couch|bed|office|inbox)",
    "(?:moving|move|off|going|emigrating|fly) to (?:mars|the moon|a desert island|timbuktu)(?=[.!]*$| (?:then|next|instead|now)[.!]*$)",
  ].join("|")})\\b`,
  "iu",
);
/** "Yeah right, I'm a millionaire". */
const MOCKED =
  /^(?:(?:oh|ha|haha|lol|well|ah),? )?(?:yeah right|yeah,? sure|as if|sure,? and(?= (?:I am|I'm) (?:the (?:queen|king|pope|president|emperor|tooth fairy|easter bunny)|santa|napoleon|batman)\b)|in my dreams)(?=[,.!: ])/i;

/** "In the movie the guy quits his job", "the narrator loses her dog": nobody's, unless one's own stands in it. */
const TOLD_OF_A_WORK =
  /^(?!.*\b(?:I|my|me|mine|we|our|us)\b)(?:(?:and|so|but|oh|ok|lol)[, ]+)*(?:(?:in|at the (?:end|start|beginning) of) (?:the|this|that|a|an|chapter|episode|season|act)\b(?: \p{L}+){0,2}? ?(?:movie|film|book|novel|show|series|sitcom|episode|season|game|story|play|anime|manga|comic|chapter|trailer|\d{1,3})\b|the (?:main |lead )?(?:character|narrator|hero|heroine|protagonist|villain|plot|author)\b)/iu;

/** What is longer tells something beside. In words. */
const LONGEST_FIGURE = 13;

/** True for a sentence that supposes, plays or exaggerates, and tells nothing else. */
export function isUnreal(sentence: string): boolean {
  if (PLAY.test(sentence) || TOLD_OF_A_WORK.test(sentence)) return true;
  if ([SUPPOSED, INVERTED, WOULD_HAVE].some((form) => form.test(sentence)) && !WISH.test(sentence))
    return true;
  return FIGURE.test(sentence) && sentence.split(" ").length <= LONGEST_FIGURE;
}

/** True for "Yeah right, I'm a millionaire": nobody means what follows. */
export function isMocked(sentence: string): boolean {
  return MOCKED.test(sentence);
}
