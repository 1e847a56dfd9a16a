import type { SourceSpan } from "../../memory/memory.ts";
import { opensWithAddress } from "./addresses.ts";
import type { Answer } from "./answers.ts";
import type { ResolvedDate } from "./dates/phrases.ts";
import { capitalize } from "./language.ts";
import { type Lead, leadIn } from "./lead.ts";
import { inOwnWords, type Part } from "./parts.ts";
import { NOBODY } from "./people/person.ts";
import { type Persons, personsAt } from "./people/persons.ts";
import { rewrite } from "./rewrite.ts";
import type { Segment } from "./segments.ts";

export interface Composed {
  readonly text: string;
  /** The text without its lead. */
  readonly own: string;
  readonly dates: readonly ResolvedDate[];
  /** Its sentences name different times: none of them is that of all. */
  readonly severalTimes: boolean;
  /** The lead's, where it was written into the text. */
  readonly leadSource: SourceSpan | undefined;
}

/** An answer of at most this many words is joined with its question. */
const SHORT_ANSWER = 8;

/**
 * In UTF-16 code units, three times what a group holds: a long name for each "I" would make more of it, and the words
 * are left as they are.
 */
const LONGEST = 3000;

/**
 * Writes one self-contained statement from sentences of one turn.
 * @param answer that the turn gives to the question that leads it.
 */
export function compose(
  segments: readonly Segment[],
  persons: Persons,
  sentAt: Date,
  lead: Lead | undefined,
  answer: Answer | undefined,
): Composed {
  const written: Part[] = [];
  let focus = NOBODY;
  for (const [i, segment] of segments.entries()) {
    const part = rewrite(segment, personsAt(persons, segment), sentAt, focus, i === 0 ? lead : undefined);
    focus = part.focus;
    written.push(part);
  }
  const grown = written.reduce((sum, part) => sum + part.text.length, 0) > LONGEST;
  const parts = grown ? segments.map((segment) => inOwnWords(segment, persons)) : written;
  const used = lead && needsLead(parts, lead, answer) ? lead : undefined;
  const head = used ? leadIn(used, persons, answer) : bareHead(parts[0], persons);
  const own = joined(parts, head !== "");
  const text = head === "" ? opened(own) : own === "" ? `${head}.` : `${head}: ${own}`;
  const dates = parts.flatMap((part) => part.dates);
  return { text, own, dates, severalTimes: nameSeveralTimes(parts), leadSource: used?.source };
}

const NOW = /\b(?:now|nowadays|currently|these days|at the moment|at present)\b/i;

/** "Sold it in 2024. I play bass now." */
function nameSeveralTimes(parts: readonly Part[]): boolean {
  const times = parts.flatMap(({ dates, text }) => {
    const first = dates.find((date) => !date.ends);
    return first ? [first.start.toISOString()] : NOW.test(text) ? ["now"] : [];
  });
  return new Set(times).size > 1;
}

/** As a sentence opens: an address keeps its small letters. */
function opened(text: string): string {
  return opensWithAddress(text) ? text : capitalize(text);
}

/** What is another's stands in one pair of quotation marks. */
function joined(parts: readonly Part[], goesOn: boolean): string {
  return parts
    .map((part, i) => {
      const text = i === 0 && goesOn ? part.text : opened(part.text);
      if (!part.quoted) return text;
      const opens = parts[i - 1]?.quoted ? "" : '"';
      const closes = parts[i + 1]?.quoted ? "" : /[.!?]$/.test(part.text) ? '"' : '".';
      return opens + part.text.replaceAll('"', "'") + closes;
    })
    .join(" ");
}

function needsLead(parts: readonly Part[], lead: Lead, answer: Answer | undefined): boolean {
  const first = parts[0];
  const words = parts.reduce((sum, part) => sum + part.words, 0);
  if (lead.kind === "statement")
    return first?.outside !== undefined || (answer !== undefined && (first?.phrase || words <= SHORT_ANSWER));
  return (
    !first || first.outside !== undefined || first.phrase || answer !== undefined || words <= SHORT_ANSWER
  );
}

function bareHead(first: Part | undefined, persons: Persons): string {
  const named = first?.namesSpeaker && !first.phrase && !first.opensVaguely;
  return named ? "" : `${capitalize(persons.speaker)} said`;
}
