const VERY =
  "(?:so |too |really |very |quite |pretty |super |a bit |kind of |just |still |already |also ){0,6}";
const NOW =
  "(?:,? (?:right now|now|today|tonight|again|at the moment|already|here|outside|out|out there|this (?:morning|afternoon|evening)|lol|haha|though|tbh|too|(?:give|tell|show|send|find) me (?:some |an? )?\\w+)){0,6}";
/** "I'm so hungry right now." */
const STATE = new RegExp(
  `^(?:(?:ugh|argh|omg|oof|man|god),? )?(?:(?:I am|I feel|I am feeling|feeling|am) ${VERY}|(?:so|too|super|way too|really) )(?:hungry|thirsty|starving|tired|sleepy|bored|full|stuffed|cold|freezing|hot|late|back|here|off|confused|lost|ready|all ears|awake|dying|hangry|exhausted|knackered|shattered|wrecked|stressed|annoyed|hyped|excited)(?: rn| atm| af)?${NOW}[.!]*$`,
  "i",
);
/** "It's raining again." */
const WEATHER = new RegExp(
  `^(?:(?:it|the weather|the sun|the rain|the sky)(?:'s| is| was| has been| looks| feels)|what) ${VERY}(?:an? )?(?:been )?${VERY}(?:raining(?: cats and dogs)?|snowing|pouring|sunny|cloudy|windy|stormy|foggy|hot|cold|warm|chilly|freezing|boiling|humid|grey|gray|rainy|shining|lovely day|nice day|beautiful day|awful|terrible|miserable)(?: day)?${NOW}[.!]*$`,
  "i",
);
/** "What a heat today", "I hope it stops raining". */
const SKY = new RegExp(
  `^(?:(?:phew|wow|ugh|brr+|gosh|man),? )?(?:what (?:an? )?(?:\\w+ )?(?:heat(?:wave)?|weather|storm|downpour|sunset|sunrise|(?:lovely|nice|beautiful|gorgeous|terrible) (?:day|morning|evening|night))|(?:I )?(?:really )?hope (?:it|the (?:rain|sun|snow|weather|storm|heat)) (?:rains|snows|stops|clears|holds|cools|passes|improves|gets better|comes out|warms)\\b[^,;]{0,20})${NOW}[.!]*$`,
  "i",
);
/** "Higher than I thought." */
const FELT =
  /^(?:oh,? |wow,? |huh,? )*(?:\w+er|(?:more|less) \w+|not as \w+) (?:than|as) (?:I|we) (?:thought|expected|imagined|remembered|feared|hoped)[.!]*$/i;
/** "Just curious how that works." */
const ASIDE =
  /^(?:(?:ugh|argh|bloody|damn|hello|hurray|yay|happy),? (?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:I am |I was )(?:just |only )?(?:playing (?:the )?devil's advocate|being (?:sarcastic|silly|dramatic|facetious|ironic))|(?:I am |I was )?(?:just|only) (?:curious|wondering|asking|checking|kidding|joking|teasing|saying))\b/i;
/** "Gotta run", "brb", "one sec". */
const AWAY =
  /^(?:(?:I )?(?:have to|need to|must|should|better) (?:run|go|leave|head out|dash|hop off)|(?:I (?:am|will be) )?(?:be )?right back|brb|ttyl|gtg|(?:brb|gtg|afk|bbl|bbs)\b[^.!?]{0,30}|one (?:sec|second|moment|minute)|(?:just )?(?:give me )?a (?:sec|second|moment|minute)|hold on|hang on)(?:,? (?:now|soon|cheers|bye|thanks|please|sorry))*[.!]*$/i;

const ANSWER =
  "(?:answer|reply|response|explanation|question|suggestion|joke|poem|story|summary|version|example|list|code|link|message|point)";
/** "I didn't understand your last answer", "I'll be back in a minute", "nvm, found it": of the talk itself. */
const OF_THE_TALK = new RegExp(
  `^(?:(?:hmm+|well|ok|okay|sorry|no|oh),? )*(?:${[
    `(?:I|we) (?:do not|don't|did not|didn't|can't|cannot|couldn't) (?:really |quite |even )?(?:understand|get|follow|see|like|read|open) (?:your|that|the|this) (?:last |first |second |whole )?${ANSWER}`,
    `(?:I|we) (?:just |only )?(?:want|need|asked for|meant) (?:an?|the|your) (?:\\p{L}+ ){0,2}${ANSWER}`,
    `(?:that|this|your|the) (?:last |first |second )?${ANSWER} (?:is|was|looks|sounds|seems) (?:\\p{L}+ ){0,2}\\p{L}+`,
    "(?:I|we) (?:already |just )?(?:told|asked|showed|gave|sent) you (?:that|this|so|already|before|twice|it)(?: (?:already|before|twice|earlier))?",
    "I am (?:listening|all ears|waiting|reading|typing|looking at it|back)",
    "I(?:'ll| will) be (?:right )?back(?: in (?:a|an|\\d+|five|ten|two) (?:sec|second|minute|min|hour|bit|moment)s?| soon| later)?",
    "(?:nvm|never ?mind|nevermind),? (?:I )?(?:found|got|fixed|solved|figured) (?:it|that)(?: out)?",
    "(?:just )?(?:test(?:ing)?[ ,.!]*){1,4}(?:\\d[\\d ,.]{0,10})?",
    "(?:it's|it is|the weather (?:in|at|around) \\p{Lu}\\p{L}+ is) (?:so |too |really |very )*(?:hot|cold|warm|freezing|awful|terrible|lovely|great|nice|bad|rainy|sunny)(?: (?:today|here|outside|right now|in \\p{Lu}\\p{L}+)){0,3}",
  ].join("|")})(?:,? (?:please|thanks|tho|though|lol))?[.!]*$`,
  "iu",
);

/** True for a state of the moment, the weather, an aside, a word of leaving: an hour later it is so no more. */
export function isPassing(sentence: string): boolean {
  return [STATE, WEATHER, SKY, FELT, ASIDE, AWAY, OF_THE_TALK].some((one) => one.test(sentence));
}
