import type { SourceSpan } from "../../memory/memory.ts";
import type { ResolvedDate } from "./date-phrases.ts";
import { capitalize } from "./language.ts";
import { type Lead, leadIn } from "./lead.ts";
import type { Focus, Persons } from "./person.ts";
import { type Part, rewrite } from "./rewrite.ts";
import type { Segment } from "./segments.ts";

export interface Composed {
  readonly text: string;
  /** The text without its lead. */
  readonly own: string;
  readonly dates: readonly ResolvedDate[];
  /** The lead's, where it was written into the text. */
  readonly leadSource: SourceSpan | undefined;
}

/** An answer of at most this many words is joined with its question. */
const SHORT_ANSWER = 8;

/**
 * Writes one self-contained statement from sentences of one turn.
 * @param answer that the turn gives to the question that leads it.
 */
export function compose(
  segments: readonly Segment[],
  persons: Persons,
  sentAt: Date,
  lead: Lead | undefined,
  answer: "yes" | "no" | undefined,
): Composed {
  const parts: Part[] = [];
  let focus: Focus;
  for (const segment of segments) {
    const part = rewrite(segment, persons, sentAt, focus);
    focus = part.focus;
    parts.push(part);
  }
  const used = lead && needsLead(parts, lead, answer) ? lead : undefined;
  const head = used ? leadIn(used, persons, answer) : bareHead(parts[0], persons);
  const own = parts.map((part, i) => (i === 0 && head ? part.text : capitalize(part.text))).join(" ");
  const text = head === "" ? capitalize(own) : own === "" ? `${head}.` : `${head}: ${own}`;
  return { text, own, dates: parts.flatMap((part) => part.dates), leadSource: used?.source };
}

function needsLead(parts: readonly Part[], lead: Lead, answer: "yes" | "no" | undefined): boolean {
  const first = parts[0];
  if (lead.kind === "statement") return first?.outside !== undefined;
  const words = parts.reduce((sum, part) => sum + part.words, 0);
  return (
    !first || first.outside !== undefined || first.phrase || answer !== undefined || words <= SHORT_ANSWER
  );
}

function bareHead(first: Part | undefined, persons: Persons): string {
  const named = first?.namesSpeaker && !first.phrase && !first.opensVaguely;
  return named ? "" : `${capitalize(persons.speaker)} said`;
}
