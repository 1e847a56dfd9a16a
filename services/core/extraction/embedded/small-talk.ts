/** Words of greetings, thanks, reactions and encouragement: a sentence of nothing else says nothing to remember. */
const SMALL = new Set(
  `hey hi hello hiya howdy bye goodbye cya cheers thanks thank thankyou thx ta tysm welcome please sorry congrats congratulations
   kudos bravo yay woohoo wow woah whoa ooh oh ah aww aw ha haha hahaha hehe lol lmao omg omgosh gosh jeez phew yikes hmm hm um uh well
   yeah yea yes yep yup nope no nah sure k ok okay okey alright right absolutely definitely totally exactly indeed certainly
   agreed agree noted understood correct valid clear gladly roger maybe perhaps anyway anyways damn dang ugh argh oof yum relief true same course obviously cool great awesome amazing nice good wonderful fantastic lovely sweet
   brilliant superb neat excellent incredible terrific fabulous perfect beautiful gorgeous adorable cute impressive
   inspiring interesting fascinating delicious yummy tasty exciting excited thrilled stoked pumped glad happy proud delighted fun funny hilarious
   epic sick dope rad lit fab rock rocks rocking ace best better bad tough hard rough crazy wild unreal
   hear hearing sound sounds look looks looking seem seems feel feels see seeing seen love like enjoy enjoyed
   appreciate appreciated grateful thankful support supporting encouragement kind kindness sweet words mean means meant lot lots ton bunch much really
   truly super so very pretty quite too also just still even always ever never forward
   keep going keeping up go got get getting give luck fingers crossed crossing chat chatting catch catching talk talking later soon
   day night morning evening afternoon weekend week today tonight tomorrow time while long been rest take care safe stay stayed
   way done doing everything everyone anything something thing things stuff else new up down hang hanging there here
   wait can't cannot let know knows think guess hope hoping bet believe believing sure agree remember
   worries worry worried prob problem problems no deal big bud buddy pal dude man mate friend girl bro sis dear guys
   back have having had own it's that's don't you've you're i'm i'll i'd i've y'all won't isn't doesn't didn't wouldn't couldn't
   dreams dream follow following push pushing chase chasing give try trying shot shine strong strength
   want wanted need needed make makes making made help helps helping helped happen ready
   guess say saying said tell telling told asking ask heard posted updated post update
   rooting cheering cheer kill killing killed crush crushing crushed nail nailed nailing slay rock smash earned deserve deserved
   honored blessed lucky wish wishing wishes total pure pleasure anytime mention
   pic pics photo photos picture pictures awe awesome! shame bummer glad luckily hopefully imagine
   opinion thoughts thought idea ideas point makes sense possible impossible
   one ones bit little day days moment moments life people person world heart true spirit vibe vibes energy`
    .split(/\s+/)
    .filter(Boolean),
);

const CLOSED = new Set(
  `a an the and or but if so of to in on at for with from by as about into over out off up down than then
   i me my mine myself you your yours yourself he him his she her hers it its itself we us our ours they them their theirs
   this that these those there here who what when where why how which
   is am are was were be been being do does did done have has had will would can could should shall may might must
   not n't 's 're 've 'll 'd 'm all any some both each every no such only more most other again same`
    .split(/\s+/)
    .filter(Boolean),
);

/** A veiled quotation counts as a word. */
export const WORD = /[\p{L}\p{N}]+(?:'[\p{L}]+)?|\p{Co}/gu;

/** "Good job", "keep up the hard work": praise, no employment. */
const PRAISED_WORK =
  /\b(?:good|great|nice|awesome|amazing|excellent|fantastic|incredible|wonderful|beautiful|impressive|hard|lovely) (?:job|work)\b/gi;

/** Words of a sentence that carry content: neither grammar, nor names of participants, nor small talk. */
export function contentWords(sentence: string, names: ReadonlySet<string>): string[] {
  return (sentence.replace(PRAISED_WORK, "").match(WORD) ?? [])
    .map((word) => word.toLowerCase().replace(/'s$/, ""))
    .filter((word) => !CLOSED.has(word) && !SMALL.has(word) && !names.has(word));
}

const COURTESY =
  /^(?:(?:oh|wow|aw+|well|yeah|yes|ok(?:ay)?|hey|no)[,! ]+)*(?:(?:many |big )?thanks?\b(?! (?:to|god|goodness|heavens?)\b)|thank you\b|congrat|good luck|best of luck|take care|happy (?:belated \w+|\w+ in advance)\b|have (?:a|an) (?:\w+ ){0,2}(?:day|night|one|time|weekend|week|trip|evening)|see you\b|talk (?:to you )?(?:soon|later)|good to (?:see|hear)|nice to (?:see|hear)|great to (?:see|hear)|long time no|no (?:problem|prob|worries)|you(?:'re| are) welcome|how are you|how(?:'s| is| have| has) (?:it|you|everything|things|life|your (?:day|week|weekend))\b|what(?:'s| is) (?:up|new)\b|keep (?:it|up|me|going|at)\b|let me know\b|(?:i'm |i am )?(?:always )?here for you)/i;

const EXCLAMATION = /^(?:(?:oh|wow|ah|aww*)[,!]? )?what an? \w+(?: \w+)?[.!]*$/i;

const LOVED = "(?:you|him|her|them|it|me|us|this|that)";
const PITIED =
  "(?:guys?|things?|girls?|boys?|baby|babies|lads?|lass|dears?|man|woman|men|women|lady|ladies|souls?|kids?|kiddo|fellas?|fellow|creatures?|bunny|duck|dogs?|devil|mum|mom|dad|buddy|hearts?)";
/** "Poor guy.", "Lucky you!", "Bless her.", "Fair enough.": pity, envy, blessings and other set phrases. */
const SYMPATHY = new RegExp(
  `^(?:(?:oh|aw+|ah|well|and|but|oof|ugh)[,!]? )*(?:${[
    `(?:(?:you|the|that|what an?) )?(?:poor|lucky|unlucky|sweet|silly|brave|clever|dear|precious)(?: (?:little|old|sweet|dear))* (?:${LOVED}|${PITIED})`,
    `(?:god |lord )?bless (?:${LOVED}|(?:his|her|their|your|its) (?:(?:little|dear|sweet) )?(?:hearts?|souls?|(?:cotton )?socks))`,
    `(?:good|great|bad|tough|hard) (?:for|on) ${LOVED}|serves ${LOVED} right`,
    `(?:god|heavens?) (?:forbid|help ${LOVED})|(?:my |oh my )?(?:goodness|gosh|god|word|heavens)(?: me| gracious)?|good grief|holy (?:cow|moly|smokes?|crap)`,
    "(?:knock on|touch) wood|fair enough|never mind|no (?:kidding|wonder|doubt)|too bad|tell me about it|you don't say|(?:big )?hugs?|way to go|well (?:done|played)|(?:my )?(?:deepest |sincere )?condolences|get well soon|(?:so )?jealous",
  ].join("|")})[.!]*$`,
  "i",
);
const NAMED_SYMPATHY =
  /^(?:(?:Oh|Aww*|Ah),? )?(?:[Pp]oor|[Ll]ucky|[Bb]less)(?: (?:little|old|dear))? \p{Lu}\p{Ll}+[.!]*$/u;

function isSympathy(sentence: string): boolean {
  return SYMPATHY.test(sentence) || NAMED_SYMPATHY.test(sentence);
}

/** A courtesy that names more than this many content words is kept: it may tell something. */
const COURTESY_CONTENT = 3;

/** "I'm a morning person": made of the words of small talk, and none. */
const TELLS_KIND =
  /\b(?:I am|I'm|(?:my|our) \p{L}+(?:'s| is)) (?:not |more of |really |such )*an? (?:morning|night|people|big|day) person\b/iu;

/** True for a sentence that holds nothing to remember: greeting, thanks, encouragement, pure reaction. */
export function isSmallTalk(sentence: string, names: ReadonlySet<string>): boolean {
  if (TELLS_KIND.test(sentence)) return false;
  const content = contentWords(sentence, names);
  if (content.length === 0 || /^\+1\b/.test(sentence) || EXCLAMATION.test(sentence) || isSympathy(sentence))
    return true;
  return isCourtesy(sentence) && content.length <= COURTESY_CONTENT && !namesSomething(sentence, names);
}

/** "Congrats on your job at Bosch", "good luck on Friday": a name, a number or a day inside. */
function namesSomething(sentence: string, names: ReadonlySet<string>): boolean {
  return [...sentence.matchAll(/(?<=\p{L}[^\s.!?]* )(?:\p{Lu}\p{Ll}+|\d)/gu)].some(
    ([word]) => !names.has(word.toLowerCase()),
  );
}

/** True for what opens as a greeting, thanks or good wishes: "How are you?", "Have a lovely evening!" */
export function isCourtesy(sentence: string): boolean {
  return COURTESY.test(sentence);
}

/** "Who's we?", "Who do you mean by they?" */
const CLARIFIES =
  /^(?:(?:sorry|wait|and|but|hm+|ok(?:ay)?),? )*(?:who(?:'s| is| are)|(?:who|what) do you mean by) ["']?(?:we|us|they|them|he|him|she|her|it)["']?\s*\?+$/i;

/** True for a question about whom another's pronoun means: the pronoun is quoted, and asks nothing by itself. */
export function isClarifying(question: string): boolean {
  return CLARIFIES.test(question);
}

const REACTION =
  /^(?:(?:that|it|this)(?:'s| is| was| sounds| looks| must be| will be) (?:so |such |really |very |quite )*(?:an? )?(?:\w+ ){0,2}\w+|what an? \w+(?: \w+)?|an? \w+(?: \w+)?|i (?:really )?hope (?:it|that|this|everything|all) .{1,30}|(?:short|noted|done)\b.{0,30})[.!]*$/i;

/** True for what an assistant says out of politeness: "That is handy." */
export function isReaction(sentence: string): boolean {
  return REACTION.test(sentence);
}
