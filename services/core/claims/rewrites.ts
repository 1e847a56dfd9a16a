import { anyCased, exact } from "./pattern.ts";

const QUANTITY = String.raw`(?<value>[\p{N}$€£][\p{L}\p{N}$€£.,:-]*(?: \p{Ll}+)?)`;
const WORDS = String.raw`(?<noun>\p{L}+(?: \p{L}+){0,2}?)`;

export type Rewrite = (sentence: string, self: string) => string;

/** Other forms of one sentence, each turned into the plain one; `self`: a pattern of the names of the person. */
export const REWRITES: readonly Rewrite[] = [
  // "Dr. Patel" is Patel.
  (text) => text.replace(/\b(?:Dr|Mr|Mrs|Ms|Prof)\.? (?=\p{Lu})/gu, ""),
  // "It's been three months since Ada's last cigarette."
  (text, self) =>
    text.replace(
      anyCased`^(?:it's|it is|it has|'s) been (?:\p{L}+|\p{N}+)(?: \p{L}+){0,2} since (?<self>${self})(?:'s)? last `,
      "$<self> quit the ",
    ),
  // "Lisbon is where Ada lives."
  (text, self) =>
    text.replace(
      anyCased`^(?<place>\p{Lu}[\p{L} .'-]{1,40}?) is where (?<does>${self} (?:now )?(?:lives?|works?|resides?|studies|study))\b(?! (?:in|at)\b)`,
      "$<does> in $<place>",
    ),
  // "Ada's new address is in Leipzig now", "Hamburg is Ada's home". A flat may be in a part of the town that one lives in.
  (text, self) =>
    text.replace(
      exact`^(?<self>${self})'s (?:new |current |home )?(?:(?:address|home town|hometown) is (?<now>now )?|(?:home|flat|apartment|house|place) is (?<moved>now ))in (?=\p{Lu})`,
      "$<self> lives $<now>$<moved>in ",
    ),
  (text, self) =>
    text.replace(
      exact`^(?<place>\p{Lu}[\p{L} -]{1,30}?) is (?<now>now )?(?<self>${self})'s home\b(?! town)`,
      "$<self> lives $<now>in $<place>",
    ),
  // "Ada is back in Berlin for good."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self})(?: and others)? (?:is|are|'m|am) back in (?<place>\p{Lu}[\p{L} -]{1,30}?) (?:for good|to stay|permanently)`,
      "$<self> moved to $<place>",
    ),
  // "It was 2022 that Ada was promoted."
  (text) =>
    text.replace(
      /^it (?:was|is) (?:in |on )?(?<time>(?:\d{1,2} )?(?:\p{L}+ )?\d{4}|\p{L}+day) (?:that|when) (?<what>.{5,120}?)(?<end>[.!]*)$/iu,
      "$<what> in $<time>$<end>",
    ),
  // "Shellfish gives Ada an allergic reaction."
  (text, self) =>
    text.replace(
      anyCased`^(?<what>\p{L}+(?: \p{L}+)?) (?:gives?|causes?) (?<self>${self}) (?:an allergic reaction|allergies|hives)\b`,
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
      anyCased`\b(?<self>${self}) lost (?:their|my|our|${self}'s) (?<kin>husband|wife|mother|mum|mom|father|dad|brother|sister|son|daughter|partner|grandmother|grandfather|grandma|grandpa|dog|cat)\b(?!'s| in (?:the|a|town)\b| at (?:the|a)\b| somewhere| for (?:a|an|ten|five)\b)`,
      "$<self>'s $<kin> died",
    ),
  // "Tbilisi is Ada's birthplace".
  (text, self) =>
    text.replace(
      anyCased`^(?<place>\p{Lu}[\p{L} -]{1,30}?) is (?<self>${self})'s (?:birthplace|place of birth)`,
      "$<self> was born in $<place>",
    ),
  // "Pistachios are what Ada is allergic to."
  (text, self) =>
    text.replace(
      anyCased`^(?<what>\p{L}+(?: \p{L}+)?) (?:is|are) what (?<does>${self} (?:is|'s|am|'m)? ?\p{L}+(?: (?:to|of|in|with|at|on))?)[.!]*$`,
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
      exact`^(?<self>${self})(?: and others)? (?:has|have|got|'ve got|found)(?: got)? a new (?<noun>\p{Ll}+)(?:,| called| named|:) (?:an? )?(?=\p{Lu})`,
      "$<self>'s $<noun> is now ",
    ),
  // "The novel Ada is writing is a thriller."
  (text, self) =>
    text.replace(
      anyCased`^the (?<noun>\p{Ll}+) (?:that |which )?(?<self>${self})(?: and others)? (?:is |are |was |were |has |have |had )?\p{Ll}+(?: (?:in|for|at|with|on))? (?=(?:is|are|'s|was|were|has|have|will)\b)`,
      "$<self>'s $<noun> ",
    ),
  // "Ada reports to Daniel now."
  (text, self) =>
    text.replace(
      exact`\b(?<self>${self}) (?:now )?reports? to (?=\p{Lu})(?!.{0,40} (?:that|on)\b)`,
      "$<self>'s manager is ",
    ),
  // "Marco proposed and Ada said yes."
  (text, self) =>
    text.replace(
      exact`^(?:.{0,40}[:,] )?(?<who>\p{Lu}\p{L}+) proposed(?: to (?:me|${self}))?,? and (?<self>${self}) (?:said yes|accepted)`,
      "$<self> is engaged to $<who>",
    ),
  // "The doctor says it's peanuts that Ada is allergic to."
  (text) =>
    text.replace(
      /^(?:the|my) (?:doctor|test|tests|scan|mri|results?|report) (?:says?|said|shows?|showed) (?:that )?/iu,
      "",
    ),
  (text, self) => text.replace(anyCased`^(?<self>${self}) comes? from `, "$<self> is from "),
  // "Ada's holiday moved a week: June 9 to 20."
  (text) =>
    text.replace(
      /\b(?<moved>moved|shifted|slipped) (?:by |back |forward )?(?:an?|one|two|three) (?:day|week|month)s?: /iu,
      "$<moved> to ",
    ),
  // "Bronwyn, Ada's sister, lives in Swansea."
  (text, self) =>
    text.replace(
      anyCased`^(?<name>\p{Lu}[\p{L}-]+), (?<whose>${self}'s|my|our) (?<kin>\p{Ll}[\p{L}-]+), `,
      "$<whose> $<kin> $<name> ",
    ),
  // "The band Ada plays in is called Kite."
  (text, self) =>
    text.replace(
      anyCased`^(?:the|a) (?<noun>\p{Ll}+) (?:that |which )?(?<self>${self}) (?:and others )?\p{Ll}+ (?:in|for|at|with|on) (?=(?:is|are|'s)\b)`,
      "$<self>'s $<noun> ",
    ),
  // "It's cashews Ada is allergic to, walnuts are fine."
  (text, self) =>
    text.replace(
      anyCased`\b(?:it's|it is|that's) (?<what>\p{L}+(?: \p{L}+)?) (?:that )?(?<is>${self} (?:is|'s|am|'m) \p{L}+ (?:to|of|in|with|at))\b`,
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
      anyCased`^(?!.*(?:\bnot|n't|\bnever)\b)[^?]{0,120}?\b(?:make|set|put|change) (?<whose>${self}'s|my|our) ${WORDS} (?:to |at |down to |up to )?(?=\p{N})${QUANTITY}`,
      "$<whose> $<noun> is now $<value>",
    ),
  (text, self) =>
    text.replace(
      anyCased`^(?!.*(?:\bnot|n't|\bnever)\b)[^?]{0,120}?\b(?:note|use|put down|write down|save|take|record) ${QUANTITY} (?:as|for) (?<whose>${self}'s|my|our) ${WORDS}(?= instead|[.,;!]|$)`,
      "$<whose> $<noun> is now $<value>",
    ),
];
