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
        String.raw`^[^?]{0,120}?\b(?:make|set|put|change) (?<whose>${self}'s|my|our) ${WORDS} (?:to |at |down to |up to )?(?=\p{N})${QUANTITY}`,
        "iu",
      ),
      "$<whose> $<noun> is now $<value>",
    ),
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^[^?]{0,120}?\b(?:note|use|put down|write down|save|take|record) ${QUANTITY} (?:as|for) (?<whose>${self}'s|my|our) ${WORDS}(?= instead|[.,;!]|$)`,
        "iu",
      ),
      "$<whose> $<noun> is now $<value>",
    ),
];
const UNREAL = /\b(?:if|wish(?:es)?|would|could|might|maybe|imagine|pretend|not|never)\b|n't\b/iu;

/**
 * Says a sentence in the plain form that most statements have, for comparing what it claims.
 *
 * @param selves as of `readClaims`.
 */
export function restated(sentence: string, selves: ReadonlySet<string>): string {
  if (UNREAL.test(sentence)) return sentence;
  const names = [...selves].sort((a, b) => b.length - a.length).map(escaped);
  const self = `(?:${[...names, "I"].join("|")})`;
  return REWRITES.reduce((text, rewrite) => rewrite(text, self), sentence);
}

/** Without what only leads to what is said, or stands beside it. */
export function withoutAsides(text: string): string {
  const plain = text.replace(ASIDES, "").replace(MOTHER_TONGUE, "native language");
  const reminds = REMIND.exec(plain);
  return reminds ? plain.slice(reminds[0].length).replace(WHAT_FOR, "") : plain;
}

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
