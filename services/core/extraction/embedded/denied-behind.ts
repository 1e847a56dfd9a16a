import type { Segment } from "./segments.ts";

/** "I'm not.", "She doesn't.", "That's not true.": of what was said right before. */
const DENIES =
  /^(?:but |and |well,? )?(?:(?:i'm|i am|we're|we are|he's|he is|she's|she is|they're|they are|it's|it is|that's|that is) not|(?:i|we|he|she|they|it) (?:isn't|aren't|wasn't|weren't|don't|doesn't|didn't|haven't|hasn't|won't|wouldn't|can't|couldn't)|(?:(?:that's|it's|which is) )?(?:not true|untrue|false|wrong|nonsense|a lie|bullshit|rubbish)(?: at all)?)[.!]*$/iu;

/** With what is only denied joined to its denial: alone it would tell the contrary. */
export function withDenials(segments: readonly Segment[]): readonly Segment[] {
  const told: Segment[] = [];
  for (const segment of segments) {
    const before = told.at(-1);
    const denied =
      before?.kind === "statement" && !before.small && !before.quoted && DENIES.test(segment.text);
    if (before && denied) told[told.length - 1] = joined(before, segment);
    else told.push(segment);
  }
  return told;
}

function joined(said: Segment, denial: Segment): Segment {
  const opens = denial.text.replace(/^(?:but|and|well),? /iu, "");
  const low = /^I\b/u.test(opens) ? opens : `${opens[0]?.toLowerCase() ?? ""}${opens.slice(1)}`;
  return { ...said, text: `${said.text.replace(/[.!]+$/u, "")}, but ${low}`, end: denial.end };
}
