const NUMBER = "(?:\\d{1,2}|one|two|three|four|five|six)";
const STATUS =
  "(?:happily |recently |newly )?(?:single|married|divorced|engaged|widowed|retired|vegan|vegetarian|pregnant|left-handed)";
const END = "(?=,| and | but |[.!;]|$)";
/** "27", "from Texas", "a nurse", "married": behind "I am". */
const IS = new RegExp(
  `^(?:\\d{2}(?: years? old| yo| y/?o)?|(?:originally )?from (?:\\p{L}+ ?){1,3}|${STATUS}|an? (?:\\p{L}+ ){0,2}\\p{L}+(?: (?:at|in|from) \\p{L}+)?)${END}`,
  "iu",
);
/** "Two kids", "no kids": behind "I have". */
const HAS = new RegExp(
  `^(?:${NUMBER}|no|an?) (?:\\p{L}+ )?(?:kids?|children|sons?|daughters?|dogs?|cats?|siblings|brothers?|sisters?)${END}`,
  "iu",
);
/** "Live in Leeds", "work at Stripe", "love hiking". */
const DOES =
  /^(?:(?:currently|now|also) )?(?:live|work|study|teach|love|like|play|speak|own|drive) (?=\p{L})/iu;

/** "I am Josh", "I am 34", "my name is Ana", "I am from Leeds": who introduces themselves. */
const INTRODUCES =
  /^(?:I am|my name is|call me) (?:\p{L}[\p{L}'-]*(?: \p{Lu}[\p{L}'-]*)?|\d{2}(?: years old)?|from (?:\p{L}+ ?){1,2}|an? \p{L}+)$/iu;
/** Of a clause behind that: what it shares. */
const GOES_ON = /^I (?:am|have) \S+(?: \S+){0,3}$/iu;
const NO_NAME =
  /^I am (?:not|so|very|really|too|just|sorry|sure|afraid|glad|happy|fine|good|well|ok|okay|here|there|back|home|busy|tired|done|ready|free|late|sick|ill|new|in|at|on|out|off|up|down|going|coming|looking|trying|thinking|doing|getting|having|making|working|living)\b/iu;

/**
 * What a part of an introduction shares with its beginning and does not name: "I am" of "27" behind "I'm Josh", "I have"
 * of "two kids", "I" of "live in Leeds". Undefined of anything else.
 *
 * @param before the clause before, with what it shared.
 * @param goesOn it shared something itself.
 */
export function sharedByIntroduction(before: string, behind: string, goesOn: boolean): string | undefined {
  const introduces = isIntroduction(before) || (goesOn && GOES_ON.test(before) && !NO_NAME.test(before));
  if (!introduces) return undefined;
  if (HAS.test(behind)) return "I have";
  // "From Leeds, a city": that is Leeds.
  const isOfPlace = /^I am (?:originally )?from /iu.test(before) && /^an? /iu.test(behind);
  if (IS.test(behind) && !isOfPlace) return "I am";
  return DOES.test(behind) ? "I" : undefined;
}

/** "I am Josh", "my name is Ana": somebody tells who they are. */
export function isIntroduction(clause: string): boolean {
  return INTRODUCES.test(clause) && !NO_NAME.test(clause);
}
