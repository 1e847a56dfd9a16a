const VERY =
  "(?:so |too |really |very |quite |pretty |super |a bit |kind of |just |still |already |also ){0,6}";
const NOW =
  "(?:,? (?:right now|now|today|tonight|again|at the moment|already|here|outside|out|out there|this (?:morning|afternoon|evening)|lol|haha|though|tbh|too|(?:give|tell|show|send|find) me (?:some |an? )?\\w+)){0,6}";
/** "I'm so hungry right now." */
const STATE = new RegExp(
  `^(?:I am|I feel|I am feeling|feeling|am) ${VERY}(?:hungry|thirsty|starving|tired|sleepy|bored|full|stuffed|cold|freezing|hot|late|back|here|off|confused|lost|ready|all ears|awake|dying|hangry)${NOW}[.!]*$`,
  "i",
);
/** "It's raining again." */
const WEATHER = new RegExp(
  `^(?:(?:it|the weather|the sun|the rain|the sky)(?:'s| is| was| has been| looks| feels)|what) ${VERY}(?:an? )?(?:been )?${VERY}(?:raining|snowing|pouring|sunny|cloudy|windy|stormy|foggy|hot|cold|warm|chilly|freezing|boiling|humid|grey|gray|rainy|shining|lovely day|nice day|beautiful day|awful|terrible|miserable)(?: day)?${NOW}[.!]*$`,
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
  /^(?:I am |I was )?(?:just|only) (?:curious|wondering|asking|checking|kidding|joking|teasing|saying)\b/i;
/** "Gotta run", "brb", "one sec". */
const AWAY =
  /^(?:(?:I )?(?:have to|need to|must|should|better) (?:run|go|leave|head out|dash|hop off)|(?:I (?:am|will be) )?(?:be )?right back|brb|ttyl|gtg|one (?:sec|second|moment|minute)|(?:just )?(?:give me )?a (?:sec|second|moment|minute)|hold on|hang on)(?:,? (?:now|soon|cheers|bye|thanks|please|sorry))*[.!]*$/i;

/** True for a state of the moment, the weather, an aside, a word of leaving: an hour later it is so no more. */
export function isPassing(sentence: string): boolean {
  return [STATE, WEATHER, SKY, FELT, ASIDE, AWAY].some((one) => one.test(sentence));
}
