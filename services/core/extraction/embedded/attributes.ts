const OF_KIN =
  "(?:wife|husband|partner|girlfriend|boyfriend|fianc[eé]e?|mother|father|mom|mum|dad|sisters?|brothers?|sons?|daughters?|kids?|child|children|twins|baby|grand\\w+|aunt|uncle|cousins?|niece|nephew|boss|manager|flatmate|roommate|dogs?|cats?|pets?)";
const VERY = "(?:\\w+ ){0,2}?";

/** Who somebody is and where: told once, asked for often. */
const WHO_AND_WHERE: readonly RegExp[] = [
  // Where somebody lives.
  /\b(?:live|lives|lived|living|based|relocat\w+|settled) (?:\w+ ){0,2}?(?:in|at|near|with|to|on)\b|\b(?:move|moves|moved|moving) (?:\w+ )?(?:in|into|out|to|from|back)\b/i,
  // Names.
  /\b(?:my|his|her|their|our) (?:\w+ ){0,2}?names?(?:'s| is| are| was)\b|\b(?:am|is|are|was|'s) (?:called|named)\b|\bcall me\b|\bgoe?s? by\b/i,
];

/** What is told in passing as well. */
const FACTS: readonly RegExp[] = [
  // Work.
  /\b(?:work|works|worked|working|intern\w*|freelanc\w+) (?:\w+ ){0,2}?(?:at|for|as)\b|\b(?:job|position|role|contract|internship|apprenticeship) (?:at|as|in|with)\b|\b(?:got|was|been|am|is) (?:promoted|hired|fired|laid off)\b|\b(?:quit|left|leaving|lost) (?:my|his|her|the) (?:\w+ )?job\b|\bretired?\b/i,
  // Food and health.
  /\b(?:allergic|allerg(?:y|ies)|intoleran\w+|vegan|vegetarian|pescatarian|c(?:o?e)liac|gluten|lactose|kosher|halal|diabet\w+|asthma\w*|diagnosed)\b|\b(?:do not|don't|doesn't|can't|never) (?:eat|drink|smoke)\b/i,
  // Partners.
  /\b(?:married|engaged|divorc\w+|widow\w*|pregnant|single now|(?:split|broke|broken) up|got together|expecting)\b/i,
  // Family.
  new RegExp(`\\b(?:my|our) ${VERY}${OF_KIN}(?:'s| is| are)\\b`, "i"),
  new RegExp(`\\b(?:have|has|got) (?:an?|one|two|three|four|five|\\d|no) (?:\\w+ ){0,2}?${OF_KIN}\\b`, "i"),
  // What somebody has.
  /\b(?:I|we|he|she|they) (?:just |also |already |finally |now )*(?:own|owns|bought|adopted|sold|got myself)\b/i,
  // Birthdays and ages.
  /\b(?:birthday|born (?:in|on))\b|\b(?:turn|turns|turned|turning) \d+\b|\byears old\b|\bI am \d{1,3}\b(?! (?:\w+ )?(?:minutes?|hours?|days?|weeks?|months?|km|cm|kilos?|pounds?|percent))/i,
  // Preferences and rules.
  /\b(?:prefers?|preferred|favou?rites?|rather have|can't stand|from now on)\b/i,
  // Plans.
  /\b(?:appointment|interview|exam|flight|wedding|deadline|surgery|premiere)\b.*\b(?:is|are|'s|will be|moved|on|at)\b|\b(?:am|are|is) (?:flying|travell?ing|moving|going|starting|getting|leaving|visiting) (?:\w+ ){0,5}?(?:in|on|to|next|at|this)\b/i,
];

const FORGET =
  /\b(?:forget|delete|remove|erase|wipe|unlearn) (?:\w+ )?(?:that|what|everything|anything|all|my|our|it|this|about)\b|\b(?:stop|don't|do not) (?:remember|store|save|keep|stor|sav)(?:ing)?\b/i;

/**
 * True for a sentence that tells a common attribute of somebody, or asks to forget one: a statement of its own.
 * @param inPassing in a chat of people, whose sentences lean on each other, only who and where they are counts.
 */
export function tellsAttribute(sentence: string, inPassing: boolean): boolean {
  if (FORGET.test(sentence) || WHO_AND_WHERE.some((pattern) => pattern.test(sentence))) return true;
  return !inPassing && FACTS.some((pattern) => pattern.test(sentence));
}
