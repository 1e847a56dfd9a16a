import { isForeign } from "./foreign.ts";
import type { Lead } from "./lead.ts";
import type { Segment } from "./segments.ts";
import { asksUnmarked, isTask } from "./tasks.ts";

/** "Put into the past tense: ...": what answers it is practice. */
const EXERCISE =
  /\b(?:exercise|translate|past tense|future tense|repeat after me|fill in|conjugate|complete the sentence|dialogue|role-?play|rewrite|rephrase)\b/i;
/** Words of a quotation that nobody asked for; a title is shorter. */
const SPEECH = 5;

/** True for what is said to an assistant only to be worked on or played: a task, an exercise, a part in a play. */
export function isOnlyWorkedOn(
  segment: Segment,
  before: Lead | undefined,
  names: ReadonlySet<string>,
): boolean {
  if (segment.kind !== "statement") return false;
  if (before && EXERCISE.test(before.text) && isForeign(segment.text)) return true;
  // An item of a list may be anybody's to do.
  return (
    isSpeech(segment) ||
    (!segment.listed && !segment.quoted && (isTask(segment.text) || asksUnmarked(segment.text, names)))
  );
}

/** True for a turn in another language that answers an exercise, or is nothing but a part in a play. */
export function isPractice(segments: readonly Segment[], before: Lead | undefined): boolean {
  return (
    (before !== undefined && EXERCISE.test(before.text)) || (segments.length > 0 && segments.every(isSpeech))
  );
}

/** Nothing but a quotation, some words long. */
function isSpeech({ text, verbatim, quoted }: Segment): boolean {
  if (quoted || !/^\p{Co}[.!?]*$/u.test(text)) return false;
  const said = verbatim[0] ?? "";
  return /^["“«]/.test(said) && said.split(" ").length >= SPEECH;
}
