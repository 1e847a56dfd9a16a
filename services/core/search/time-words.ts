export const MONTHS: readonly string[] =
  "january february march april may june july august september october november december".split(" ");

const MONTH =
  "(?:january|february|march|april|june|july|august|september|october|november|december|jan|feb|apr|jun|jul|aug|sept?|oct|nov|dec)";
const WEEKDAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)days?";
const UNIT = "(?:seconds?|minutes?|hours?|days?|nights?|weeks?|weekends?|months?|years?|decades?)";
const COUNT =
  "(?:\\d+(?:\\.\\d+)?|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|a few|few|several|a couple(?: of)?|couple(?: of)?|many|some)";
const SEASON = "(?:spring|summer|autumn|fall|winter|christmas|easter|thanksgiving|halloween|new year'?s?)";

const EXPRESSION = new RegExp(
  [
    `\\b${MONTH}\\b`,
    `\\b(?:in|of|since|until|till|by|during|last|next|this|early|late|mid) may\\b`,
    `\\bmay (?:\\d{1,2}(?:st|nd|rd|th)?|\\d{4})\\b`,
    `\\b\\d{1,2}(?:st|nd|rd|th)?(?: of)? may\\b`,
    `\\b${WEEKDAY}\\b`,
    "\\b(?:yesterday|today|tomorrow|tonight|nowadays|recently|lately)\\b",
    `\\b(?:last|next|this|past|previous|coming|following|other) (?:${UNIT}|${SEASON}|morning|afternoon|evening)\\b`,
    `\\b${COUNT} ${UNIT} (?:ago|before|later|from now|earlier|back)\\b`,
    `\\b(?:for|in|after|over|within|past|last|next|about|around) (?:the (?:past|last|next) )?${COUNT} ${UNIT}\\b`,
    `\\b(?:since|in|around|by|until) (?:${SEASON}|the \\d{2,4}s)\\b`,
    "\\b(?:19|20)\\d{2}\\b",
    "\\b\\d{1,2}[/.-]\\d{1,2}(?:[/.-]\\d{2,4})?\\b",
    "\\b(?:the )?\\d{1,2}(?:st|nd|rd|th)\\b",
    "\\b(?:long|years|months|weeks|days) ago\\b",
    "\\b\\d{1,2}(?::\\d{2})? ?[ap]\\.?m\\b",
  ].join("|"),
  "i",
);

/** True where a text holds a temporal expression: a date, weekday, duration, or "last week" and its like. */
export function holdsTime(text: string): boolean {
  return EXPRESSION.test(text);
}

const ASKS = new RegExp(
  [
    "\\bwhen\\b",
    "\\bhow (?:long|often|recently|soon|old)\\b",
    `\\bhow many (?:more )?${UNIT}\\b`,
    "\\b(?:what|which) (?:\\w+ ){0,2}(?:date|day|weekday|week|weekend|month|year|time|season)s?\\b",
    "\\b(?:since|until|till|by) when\\b",
  ].join("|"),
  "i",
);

/** True where a query asks for a time: when, how long, what date, in which year ... */
export function asksForTime(query: string): boolean {
  return ASKS.test(query);
}
