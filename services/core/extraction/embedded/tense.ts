import type { Tense } from "./date-phrases.ts";
import { isPastForm } from "./verbs.ts";

/** "Would have come on Sunday" lies behind. Group 1: words that speak of the future; else any word, which may be a past form. */
const TENSED =
  /\b(?:would|should|could|might|must)(?:n't)?(?: not)?(?: have|'ve) \w+|\b(will|going to|gonna|'ll|next|tomorrow|soon|plan(?:s|ning)?|hop(?:e|ing)|upcoming|can't wait|looking forward|would|want to|shall|might|is on|are on)\b|\b(?:i|we|you|they) ((?!will\b|would\b|might\b|shall\b|plan|hop|want to\b|am\b|are\b|just\b|also\b|really\b|have\b)[a-z]+)|[a-z]+/gi;

/**
 * What was arranged lies ahead, whatever the tense: "moved to Thursday", "booked the cabin for May", "decided to
 * leave in April", "have got an exam on", "are getting married in".
 */
const AHEAD =
  /\b(?:(?:moved|changed|shifted|pushed|put|brought)\b[^.,;]{0,40}\b(?:to|until|till|for)|(?:booked|scheduled|rescheduled|postponed|delayed|reserved|extended|invited|decided|agreed|promised)\b[^.,;]{0,60}\b(?:to|until|till|for|in|on|from)|(?:have|has|'ve|'s) got\b[^.,;]{0,60}|(?:am|is|are|'m|'re) (?:\w+ )?(?:getting|moving|flying|leaving|starting|coming|visiting|travell?ing|meeting|opening|closing|graduating|marrying|retiring|returning|hosting)\b[^.,;]{0,60}) ?$/i;

/** The tense of the last verb before a place in the text, of the first behind it where none stands before. */
export function tenseAt(text: string, at: number): Tense {
  if (AHEAD.test(text.slice(0, at))) return "future";
  let tense: Tense | undefined;
  for (const match of text.matchAll(TENSED)) {
    const future = match[1] !== undefined;
    // A verb behind "I" that is no past form is present: "they hired me and I start on 1 June".
    const verb = match[2] ?? match[0];
    const past = isPastForm(verb.toLowerCase()) || /\b(?:have|'ve) /i.test(verb);
    if (!future && !past && match[2] === undefined) continue;
    if (match.index > at && tense) break;
    tense = future ? "future" : past ? "past" : "present";
    if (match.index > at) break;
  }
  return tense ?? "present";
}
