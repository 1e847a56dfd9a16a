function words(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}

/** Adverbs that open an order as well as a remark: "always ask", "please wait". */
export const ORDER_ADVERBS = words("please just never always also even only");
/** Adverbs that open a remark without its "I": "usually walk to work". */
export const REMARK_ADVERBS = words(
  "still already finally recently really actually definitely currently probably mostly usually sometimes often totally",
);
/** "Hope it works": what the speaker feels. */
export const FEELINGS = words("love hope miss appreciate wish need want bet agree hate prefer adore");
/** "Think it works" is the speaker's, "think about it" advice. */
export const THOUGHTS = words("think guess");
/** "Enjoy hiking", "remember that": the speaker's or an order, nothing tells. */
export const EITHER = words("remember understand know believe look feel enjoy plan thank");
/** What somebody who says "don't" tells about himself: "don't know yet". */
export const STATIVE = words(
  "know think like have want need care understand see believe feel recall agree own",
);
/** Verbs that open an order even where the tagger takes them for nouns. */
export const ORDERS = words(
  "check look take try make keep go come remember consider tell ask send give listen watch visit call use follow start stop stay join bring add avoid include choose pick book buy get find write imagine pretend suppose assume answer reply respond speak address remind forget be act wait translate summarize summarise analyze analyse proofread rephrase rewrite paraphrase refer talk explain show wear call text email",
);
/** "Don't ..." of these is an order. */
export const DONTS = words(
  "forget worry be let give hesitate tell stop ever go miss call use ask touch leave bring buy wait trust lose make take put say try open send share write add include mention remind answer reply respond keep speak address suggest recommend propose assume",
);
export const STATES = words(
  "glad happy excited sorry proud thrilled stoked pumped ready grateful thankful keen curious surprised nervous lucky hopeful tired exhausted afraid scared worried busy interested shocked impressed obsessed passionate determined",
);
export const JUDGEMENTS = words(
  "cool great nice awesome good wonderful amazing fantastic lovely sad funny crazy weird strange impressive inspiring sweet incredible bad tough hard",
);
export const INTENSIFIERS = words("so super very really pretty how too");
/** Past participles that tell a state where nobody follows: "married for ten years", not "married Anna". */
export const PARTICIPLES = words(
  "married divorced separated widowed engaged based located raised brought born disappointed relieved annoyed bored stressed frustrated confused stuck overwhelmed delighted satisfied pleased embarrassed concerned convinced supposed used addicted",
);
/** "Came by", "drove by": behind these "by" names no doer. */
export const GOING = words(
  "stopped walked went dropped swung came passed drove ran sat stood slept lived traveled travelled rode biked cycled got popped moved",
);
/** "Turned out he was married", "went well". */
export const IMPERSONAL_PAST =
  /^(?:turned out|went (?:well|great|fine|smoothly|badly|okay|ok|wrong)|(?:happened|seemed|sounded|tasted|smelled|lasted|rained|snowed|depended|meant|looked like)\b)/;
/** Gerunds that are prepositions: "according to my dad". */
export const PREPOSITIONS = words(
  "according including excluding regarding concerning considering depending owing assuming given barring during speaking starting beginning",
);

const COMMON = new Set([
  ...ORDERS,
  ...FEELINGS,
  ...THOUGHTS,
  ...EITHER,
  ...STATES,
  ...JUDGEMENTS,
  ...ORDER_ADVERBS,
  ...REMARK_ADVERBS,
  ...INTENSIFIERS,
  ...PARTICIPLES,
]);

/** True for words that the tagger takes for names when they open a sentence. */
export function isCommonWord(lower: string): boolean {
  return COMMON.has(lower) || /ing$/.test(lower);
}
