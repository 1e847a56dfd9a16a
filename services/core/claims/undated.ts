const MONTH = `(?:january|february|march|april|may|june|july|august|september|october|november|december
  |jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)`.replace(/\s+/gu, "");
const NUMBER = "\\d{1,2}(?:st|nd|rd|th)?";
const WEEKDAY = "(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?(?:the )?";
const DAY = `(?:\\d{4}-\\d{2}-\\d{2}|\\d{1,2}[./]\\d{1,2}[./]\\d{2,4}
  |(?:${WEEKDAY}${NUMBER} (?:of )?${MONTH}|${WEEKDAY}${MONTH} ${NUMBER}|${MONTH})(?:,? \\d{4})?)(?![\\p{L}\\p{N}])`.replace(
  /\n\s+/gu,
  "",
);
const DAYS = `(?:(?:${NUMBER}|${DAY})(?:,? and |, ))*${DAY}`;
const IN_FRONT = new RegExp(`^(?:(?:on|in|by|since) )?${DAYS}\\s*[:,–-]?\\s+`, "iu");
const WITHIN = new RegExp(`,? (?:on|in|by|since) ${DAYS}`, "giu");

/**
 * What a statement says, and the same without the days that it tells in front of the rest or within it: "On 3 May, Ada
 * rowed." and "Ada rowed on 3 May." both say "Ada rowed." too. English days and those in digits are read.
 *
 * @param text in one line.
 * @returns each once, the statement itself first.
 */
export function undated(text: string): string[] {
  const later = text.replace(IN_FRONT, "");
  return [...new Set([text, later, text.replace(WITHIN, ""), later.replace(WITHIN, "")])];
}
