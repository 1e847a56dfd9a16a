/** Lucene's `EnglishAnalyzer` stop words. */
const LUCENE =
  "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with";
const QUESTION = "who whom whose what which when where why how";
const AUXILIARY =
  "am been being were do does did doing done has have had having can could would shall should may might must ought";
const PRONOUN =
  "i me my mine myself you your yours yourself yourselves he him his himself she her hers herself its itself we us our ours ourselves them theirs themselves themself those someone anyone everyone something anything everything";
const PREPOSITION =
  "about above across after against along among around before behind below between beyond during from inside near off onto out over since through till toward towards under until up upon via within without down";
const FILLER = "so too very just also than any some both each all other own same only again more most few";
const CONTRACTION =
  "i'm i've i'll i'd you're you've you'll you'd he'd he'll she'd she'll we're we've we'll we'd they're they've they'll they'd don't doesn't didn't isn't aren't wasn't weren't can't couldn't won't wouldn't shouldn't haven't hasn't hadn't that'll it'll it'd";

/**
 * Words that carry no evidence: Lucene's English list, question words, auxiliaries, pronouns and common
 * prepositions. The index's window field and the query's keywords use this one list, lower case, applied
 * after the possessive filter and before stemming.
 */
export const WINDOW_STOP_WORDS: readonly string[] = [
  ...new Set([LUCENE, QUESTION, AUXILIARY, PRONOUN, PREPOSITION, FILLER, CONTRACTION].join(" ").split(" ")),
];

/** BM25 of the window field. Source: the measured recipe (Lucene's BM25Similarity, `k1`, `b`). */
export const WINDOW_BM25 = { k1: 0.9, b: 0.3 } as const;
