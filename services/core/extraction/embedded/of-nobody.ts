/** Whatever stands beside it, a sentence with one of these tells of who says it. */
const NO_OWN = String.raw`(?!.*\b(?:I|me|my|mine|myself|we|us|our|ours)\b)`;
const LEAD =
  "(?:(?:hmm+|hm|well|ok|okay|oh|ah|yeah|yes|no|nope|so|but|and|wow|nice|great|cool|right|sorry|wait|actually|honestly)[,.!]? )*";
const ONE =
  "(?:that|this|these|those|it|the (?:first|second|third|last|other|next|latter|former|new|old|previous) (?:one|option|version|draft|suggestion|idea|answer|paragraph|line|part))";
const HOW =
  "(?:not |n't |so |too |really |very |much |way |a bit |a lot |kind of |pretty |quite |almost |exactly |just |still |even |more |less |all ){0,4}";

/** "That makes sense now", "the second one looks better": of what has just been written. */
const OF_THE_ANSWER = new RegExp(
  `^${NO_OWN}${LEAD}${ONE}(?:'s| is| was| are| were| isn't| wasn't| looks?| sounds?| seems?| reads?| feels?)? ${HOW}(?:make(?:s)?(?: no| perfect| more| less)? sense|does(?:n't| not) (?:make sense|work|help|look|sound|fit|matter)|works?|worked|helps?|helped|like a plan|perfect|better|best|worse|great|good|bad|fine|wrong|right|correct|incorrect|helpful|useful|useless|clear|unclear|short|shorter|long|longer|weird|odd|strange|funny|hilarious|interesting|amazing|awesome|brilliant|nonsense|nice|cool|enough|impossible|possible|easy|hard|difficult|confusing|boring|close|it|lovely|beautiful|terrible|awful|true|false|fair|unfair)(?: (?:now|then|to me|for now|thanks|thank you|though|tho|actually|already|again|already|for this))*[.!]*$`,
  "iu",
);
/** "That's not what I asked." */
const NOT_ASKED =
  /^(?:no,? |sorry,? |but |hmm,? )*(?:that|this|it)(?:'s| is| was)(?: not|n't) (?:quite |exactly |really )?(?:what|how|the \p{L}+) I (?:asked|meant|wanted|said|need|needed|was looking|am looking|'m looking)\b[^,;]{0,20}$/iu;
/** "No, more formal please", "option B": chosen of what was offered. */
const CHOSEN = new RegExp(
  `^${LEAD}(?:(?:(?:a )?(?:bit|little|lot|much|slightly|way) )?(?:more|less|even more|not so|not too|too) (?:formal|informal|casual|detailed?|details|concise|polite|friendly|serious|creative|technical|examples?|funny|dramatic|wordy|long|short)|(?:I(?:'ll| will| would|'d| want to)? (?:go|pick|choose|take|try|do|like|prefer)|let(?:'s| us) (?:go|try|do|take)|go)(?: with| for)? (?:option |number |version |the )?(?:[A-D]|\\d|(?:first|second|third|last|other|latter|former)(?: (?:one|option|version|idea))?))(?: (?:please|pls|then|this time|now|thanks))*[.!]*$`,
  "iu",
);
const CODE =
  "(?:code|function|script|query|regex|loop|method|formula|macro|snippet|compiler|linter|unit tests?|stylesheet|program)";
/** "My code doesn't compile", "here's the error: ...": of the work at hand. */
const OF_CODE = new RegExp(
  `^${LEAD}(?:(?:my|this|the|your|that) ${CODE} (?:(?:does|do|did|is|are|was|will|wo|ca|can|could|has|have)(?:n't| not) |(?:still |always |now |only |just |suddenly )*(?:returns?|throws?|crash(?:es|ed)?|fails?|failed|gives?|prints?|hangs?|breaks?|keeps?|complains?|says?|outputs?|errors?)\\b)|(?:here(?:'s| is| are)|this is|I(?:'m| am)? (?:get|getting|got)|it (?:says|throws|gives)) (?:the |my |an? |this )?(?:full |whole |following )?(?:error|stack ?trace|logs?|output|code|traceback|exception|query|snippet|warning|error message)\\b)`,
  "iu",
);
/** "They say an apple a day ...", "some people like pineapple", "the average salary is high". */
const OF_ALL = new RegExp(
  `^${NO_OWN}${LEAD}(?:(?:some|most|many|few|lots of|a lot of|other|all|young|old|rich|poor) (?:people|folks|experts|scientists|kids|countries|companies|studies)\\b|people (?:say|think|believe|claim|always|often|usually|tend|love|like|hate|are|who|in)\\b|they say\\b|(?:experts|scientists|studies|doctors) (?:say|claim|show|think|believe|found)\\b|it(?:'s| is) (?:said|known|believed|well known|common knowledge)\\b|the (?:average|typical|median|usual) \\p{L}+\\b)`,
  "iu",
);
/** "Paris is the capital of France." */
const OF_THE_WORLD = new RegExp(
  `^${NO_OWN}${LEAD}(?:the )?\\p{L}[\\p{L}' -]{1,40} (?:is|was|are|were|has) the (?:\\p{L}+ )?(?:capital|largest|biggest|smallest|tallest|highest|longest|fastest|deepest|hottest|coldest|most populous|official language|currency|president|prime minister|king|queen|emperor|inventor|author|chemical symbol|square root|plural|opposite|past tense)\\b`,
  "iu",
);
/** "I have a question", "I'm trying to understand recursion": what the talk is to be about. */
const WANTED = new RegExp(
  `^(?!.*\\b(?:my|our|me|mine)\\b)${LEAD}(?:I(?:'ve| have)(?: got)?|I got) (?:an?|another|one more|a few|some|two|just one) (?:(?:quick|small|simple|weird|silly|stupid|dumb|short|last|other|follow-?up|general|random) )*(?:questions?|requests?|favou?rs?|things? to ask)\\b[^.]{0,40}[.!]*$|^(?!.*\\b(?:my|our|mine)\\b)${LEAD}I (?:(?:just |really )?(?:need|could use|want|would like|'d like)) (?:some |your |a bit of |a little |any )?(?:help|advice|assistance|input|feedback|inspiration|ideas|suggestions|tips)\\b[^.]{0,40}[.!]*$|^(?!.*\\b(?:my|our|mine)\\b)${LEAD}(?:I(?:'m| am) )(?:just |only |still )?trying to (?:understand|figure out|get (?:it|this|that|these|those|something|some|an?|the|help|rid)\\b|work out|make sense of|remember|think of|find out|solve|fix|write|debug|translate)\\b[^.]{0,50}[.!]*$`,
  "iu",
);
/** "I just spilled my coffee", "one sec, the phone's ringing", "hope you slept well". */
const OF_THE_MINUTE =
  /^(?:(?:oh|ugh|oops|sorry|argh),? )*(?:I(?:'ve| have)? just (?:spilled|spilt|dropped|burnt|burned|sneezed|yawned|woke up|sat down|had (?:breakfast|lunch|dinner|a coffee|coffee|a snack|a nap)|stubbed|hiccuped|got (?:up|home|back)|made (?:a |some )?(?:coffee|tea))\b[^,;]{0,30}|(?:(?:one|just a|a|give me a) (?:sec|second|moment|minute)|hold on|hang on|brb|(?:I )?(?:have to|need to|gotta|got to|must) (?:run|go)),? [^.!?]{1,40}|(?:good (?:morning|afternoon|evening|night),? )?(?:I )?hope (?:you|that you)\b[^.!?]{0,50})[.!]*$/iu;

/**
 * True for what somebody says to an assistant that tells nothing of anybody: of its answer, of the work at hand, of the
 * world, of the minute.
 */
export function isOfNobody(sentence: string): boolean {
  return [OF_THE_ANSWER, NOT_ASKED, CHOSEN, OF_CODE, OF_ALL, OF_THE_WORLD, WANTED, OF_THE_MINUTE].some(
    (one) => one.test(sentence),
  );
}
