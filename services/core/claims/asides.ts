/** What says nothing of its own: "by the way", "as the assistant knows". */
const ASIDES =
  /,? ?\b(?:by the way|btw|(?:just )?fyi|as (?:you|the assistant|the other person|the others) (?:already )?knows?)\b,?/giu;
/** "Remember that ...": what follows is said, and what it is to be remembered for is not. */
const REMIND =
  /^(?:[^":.!?]{1,60} (?:told|reminded|asked) the assistant (?:not to forget|to remember|that)|(?:please )?(?:remember|(?:don't|do not|never) forget|(?:keep|bear) in mind|note))(?: that)? (?=\S)/iu;
const WHAT_FOR = /,? (?:when|if|before|for when) (?:you|the assistant)\b[^.!?]{0,80}/iu;
const MOTHER_TONGUE = /\b(?:mother tongue|first language)\b/giu;
/** "Ada's favourite colour these days? Mustard yellow." */
const ANSWERED =
  /(?<what>(?:my|our|the user's|\p{Lu}[\p{L}'-]{0,40}'s) (?:[\p{L}-]{1,40} ){0,2}[\p{L}-]{1,40}?)(?: these days| now| currently| at the moment)?\? (?<value>\p{Lu}[^.!?,]{1,40})(?=[.!,])/u;
/** What is asked for once and for all is told: "could you call me Robert from now on?". */
const LASTING =
  /^(?:[^":.!?]{1,60} asked the assistant: )?(?:could|can|would|will) (?:you|the assistant) (?:please )?(?<what>[^?]{3,120}\b(?:from now on|from here on|in (?:the )?future|always|from today)\b[^?]{0,40})\?/iu;
/** A text of somebody's is nothing that the person claims. */
const TEXT =
  /\b(?:proofread|translate|edit|draft|caption|headline|bio|lyrics?|song|sang|sings?|poem|novel|story|first line|quote|slogan|title|fortune cookie|tagline|motto)\b[^"“]{0,60}["“][^"”]{12,1000}["”]/iu;

const SAYS =
  "(?:says|said|sang|sings|writes|wrote|asks|asked|goes|shouts|shouted|yelled|texted|messaged|emailed|replied|answered|joked|whispered|cried|screamed|announced|tells|told|posted|tweeted)";
/** "“I live in Leipzig”, says the hero", "“I quit!” is what Tom told Ada": they are another's words. */
const CITED = new RegExp(
  String.raw`["“][^"”]{4,1000}["”],? (?:${SAYS} (?!(?:I|me|you|the user|to)\b)|(?:is|was) (?:what|how) (?!(?:I|the user)\b)|(?!(?:I|the user)\b)(?:\p{L}+ ){1,3}?${SAYS}\b)`,
  "iu",
);
/** "Tom texted Ada: “I live in Derby now”." */
const SENT =
  /(?<who>^(?!(?:I|the user)\b)[^"“:]{1,60}\b(?:texted|messaged|emailed|wrote|replied|posted|tweeted|told (?!the assistant)[^"“:]{1,40})\b[^"“:]{0,40}): ?["“][^"”]{4,1000}["”]/iu;

/** Without what only leads to what is said, or stands beside it. */
export function withoutAsides(text: string): string {
  const told = text
    .replace(TEXT, "")
    .replace(CITED, "")
    .replace(SENT, "$<who>")
    .replace(LASTING, "$<what>.")
    .replace(ANSWERED, "$<what> is now $<value>");
  const plain = told.replace(ASIDES, "").replace(MOTHER_TONGUE, "native language");
  const reminds = REMIND.exec(plain);
  return reminds ? plain.slice(reminds[0].length).replace(WHAT_FOR, "") : plain;
}
