/** What says nothing of its own: "by the way", "as the assistant knows". */
const ASIDES =
  /,? ?\b(?:by the way|btw|(?:just )?fyi|as (?:you|the assistant|the other person|the others) (?:already )?knows?)\b,?/giu;
/** "Remember that ...": what follows is said, and what it is to be remembered for is not. */
const REMIND =
  /^(?:[^":.!?]{1,60} (?:told|reminded|asked) the assistant (?:not to forget|to remember|that)|(?:please )?(?:remember|(?:don't|do not|never) forget|(?:keep|bear) in mind|note))(?: that)? (?=\S)/iu;
const WHAT_FOR = /,? (?:when|if|before|for when) (?:you|the assistant)\b[^.!?]{0,80}/iu;
const MOTHER_TONGUE = /\b(?:mother tongue|first language)\b/giu;
const QUANTITY = String.raw`(?<value>[\p{N}$€£][\p{L}\p{N}$€£.,:-]*(?: \p{Ll}+)?)`;
const WORDS = String.raw`(?<noun>\p{L}+(?: \p{L}+){0,2}?)`;

type Rewrite = (sentence: string, self: string) => string;

/** Other forms of one sentence, each turned into the plain one. */
const REWRITES: readonly Rewrite[] = [
  // "It's been three months since Ada's last cigarette."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?:it's|it is|it has|'s) been (?:\p{L}+|\p{N}+)(?: \p{L}+){0,2} since (?<self>${self})(?:'s)? last `,
        "iu",
      ),
      "$<self> quit the ",
    ),
  // "Lisbon is where Ada lives."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<place>\p{Lu}[\p{L} .'-]{1,40}?) is where (?<does>${self} (?:now )?(?:lives?|works?|resides?|studies|study))\b(?! (?:in|at)\b)`,
        "iu",
      ),
      "$<does> in $<place>",
    ),
  // "Shellfish gives Ada an allergic reaction."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<what>\p{L}+(?: \p{L}+)?) (?:gives?|causes?) (?<self>${self}) (?:an allergic reaction|allergies|hives)\b`,
        "iu",
      ),
      "$<self> is allergic to $<what>",
    ),
  // "As of May 2026 Ada's rent is 1,240 euros."
  (text) =>
    text.replace(
      /\b(?:as of|since|from) (?:the (?:week|weekend|morning|evening) of )?(?:(?:today|now|tomorrow|next \p{L}+|this \p{L}+|last \p{L}+|\d{1,2} \p{Lu}\p{L}+|\p{Lu}\p{L}+)(?: \d{4})?)(?: on)?,? (?=(?:\p{Lu}|the user)[\p{L}' ]{0,40} (?:is|are|'s)\b)/u,
      "now ",
    ),
  // "Ada lost their husband three years ago."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`\b(?<self>${self}) lost (?:their|my|our|${self}'s) (?<kin>husband|wife|mother|mum|mom|father|dad|brother|sister|son|daughter|partner|grandmother|grandfather|grandma|grandpa|dog|cat)\b`,
        "iu",
      ),
      "$<self>'s $<kin> died",
    ),
  // "Tbilisi is Ada's birthplace", "English answers, please".
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<place>\p{Lu}[\p{L} -]{1,30}?) is (?<self>${self})'s (?:birthplace|place of birth)`,
        "iu",
      ),
      "$<self> was born in $<place>",
    ),
  // "Pistachios are what Ada is allergic to."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<what>\p{L}+(?: \p{L}+)?) (?:is|are) what (?<does>${self} (?:is|'s|am|'m)? ?\p{L}+(?: (?:to|of|in|with|at|on))?)[.!]*$`,
        "iu",
      ),
      "$<does> $<what>",
    ),
  // "Ada gets up at six", "works from home".
  (text) => text.replace(/\bgets? up (?=at|around|about|early|late|before|after)/iu, "wakes up "),
  (text) => text.replace(/\b(?<works>works?|working) (?:from home|remote\b)/iu, "$<works> remotely"),
  // "Ada had to put Buddy down."
  (text) =>
    text.replace(/^.{0,60}?\b(?:put|putting) (?<name>\p{Lu}\p{L}+) (?:down|to sleep)\b/u, "$<name> died"),
  // "Ada has a new landlord, Mrs. Keller."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<self>${self})(?: and others)? (?:has|have|got|'ve got|found)(?: got)? a new (?<noun>\p{Ll}+)(?:,| called| named|:) (?=\p{Lu})`,
        "u",
      ),
      "$<self>'s new $<noun> is now ",
    ),
  // "The novel Ada is writing is a thriller."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^the (?<noun>\p{Ll}+) (?:that |which )?(?<self>${self})(?: and others)? (?:is |are |was |were |has |have |had )?\p{Ll}+(?: (?:in|for|at|with|on))? (?=(?:is|are|'s|was|were|has|have|will)\b)`,
        "iu",
      ),
      "$<self>'s $<noun> ",
    ),
  // "Ada reports to Daniel now."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`\b(?<self>${self}) (?:now )?reports? to (?=\p{Lu})(?!.{0,40} (?:that|on)\b)`,
        "u",
      ),
      "$<self>'s manager is ",
    ),
  // "Marco proposed and Ada said yes."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?:.{0,40}[:,] )?(?<who>\p{Lu}\p{L}+) proposed(?: to (?:me|${self}))?,? and (?<self>${self}) (?:said yes|accepted)`,
        "u",
      ),
      "$<self> is engaged to $<who>",
    ),
  // "The doctor says it's peanuts that Ada is allergic to."
  (text) =>
    text.replace(
      /^(?:the|my) (?:doctor|test|tests|scan|mri|results?|report) (?:says?|said|shows?|showed) (?:that )?/iu,
      "",
    ),
  (text, self) =>
    text.replace(new RegExp(String.raw`^(?<self>${self}) comes? from `, "iu"), "$<self> is from "),
  // "Ada's holiday moved a week: June 9 to 20."
  (text) =>
    text.replace(
      /\b(?<moved>moved|shifted|slipped) (?:by |back |forward )?(?:an?|one|two|three) (?:day|week|month)s?: /iu,
      "$<moved> to ",
    ),
  // "Bronwyn, Ada's sister, lives in Swansea."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<name>\p{Lu}[\p{L}-]+), (?<whose>${self}'s|my|our) (?<kin>\p{Ll}[\p{L}-]+), `,
        "iu",
      ),
      "$<whose> $<kin> $<name> ",
    ),
  // "The band Ada plays in is called Kite."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?:the|a) (?<noun>\p{Ll}+) (?:that |which )?(?<self>${self}) (?:and others )?\p{Ll}+ (?:in|for|at|with|on) (?=(?:is|are|'s)\b)`,
        "iu",
      ),
      "$<self>'s $<noun> ",
    ),
  // "It's cashews Ada is allergic to, walnuts are fine."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`\b(?:it's|it is|that's) (?<what>\p{L}+(?: \p{L}+)?) (?:that )?(?<is>${self} (?:is|'s|am|'m) \p{L}+ (?:to|of|in|with|at))\b`,
        "iu",
      ),
      "$<is> $<what>",
    ),
  (text) =>
    / (?:allergic|intolerant|sensitive|afraid|scared) /u.test(text)
      ? text.replace(
          /[,;] (?:and |but )?(?<other>\p{L}+) (?:is|are) (?:fine|ok|okay|no problem|harmless)\b/iu,
          ", not $<other>",
        )
      : text,
  // "Make Ada's target weight 80 kilos", "note 44 as Ada's shoe size".
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?!.*(?:\bnot|n't|\bnever)\b)[^?]{0,120}?\b(?:make|set|put|change) (?<whose>${self}'s|my|our) ${WORDS} (?:to |at |down to |up to )?(?=\p{N})${QUANTITY}`,
        "iu",
      ),
      "$<whose> $<noun> is now $<value>",
    ),
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?!.*(?:\bnot|n't|\bnever)\b)[^?]{0,120}?\b(?:note|use|put down|write down|save|take|record) ${QUANTITY} (?:as|for) (?<whose>${self}'s|my|our) ${WORDS}(?= instead|[.,;!]|$)`,
        "iu",
      ),
      "$<whose> $<noun> is now $<value>",
    ),
];
const UNREAL = /\b(?:if|wish(?:es)?|would|could|might|maybe|imagine|pretend)\b/iu;

/**
 * Says a sentence in the plain form that most statements have, for comparing what it claims.
 *
 * @param selves as of `readClaims`.
 */
export function restated(sentence: string, selves: ReadonlySet<string>): string {
  if (UNREAL.test(sentence)) return sentence;
  const names = [...selves].sort((a, b) => b.length - a.length).map(escaped);
  // Whatever the letters of a name, those of other words tell names from nouns.
  const self = `(?i:${[...names, "I"].join("|")})`;
  return REWRITES.reduce((text, rewrite) => rewrite(text, self), sentence);
}

/** "Ada's favourite colour these days? Mustard yellow." */
const ANSWERED =
  /(?<what>(?:my|our|the user's|\p{Lu}[\p{L}'-]*'s) (?:[\p{L}-]+ ){0,2}[\p{L}-]+?)(?: these days| now| currently| at the moment)?\? (?<value>\p{Lu}[^.!?,]{1,40})(?=[.!,])/u;
/** What is asked for once and for all is told: "could you call me Robert from now on?". */
const LASTING =
  /^(?:[^":.!?]{1,60} asked the assistant: )?(?:could|can|would|will) (?:you|the assistant) (?:please )?(?<what>[^?]{3,120}\b(?:from now on|from here on|in (?:the )?future|always|from today)\b[^?]{0,40})\?/iu;
/** A text of somebody's is nothing that the person claims. */
const TEXT =
  /\b(?:proofread|translate|edit|draft|caption|headline|bio|lyrics?|song|sang|sings?|poem|novel|story|first line|quote|slogan|title|fortune cookie|tagline|motto)\b[^"“]{0,60}["“][^"”]{12,}["”]/iu;

/** Without what only leads to what is said, or stands beside it. */
export function withoutAsides(text: string): string {
  const told = text
    .replace(TEXT, "")
    .replace(LASTING, "$<what>.")
    .replace(ANSWERED, "$<what> is now $<value>");
  const plain = told.replace(ASIDES, "").replace(MOTHER_TONGUE, "native language");
  const reminds = REMIND.exec(plain);
  return reminds ? plain.slice(reminds[0].length).replace(WHAT_FOR, "") : plain;
}

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
