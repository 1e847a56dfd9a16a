import type { SourceSpan } from "../../memory/memory.ts";
import { pointsOutside } from "./anaphora.ts";
import { resolveDates } from "./dates.ts";
import { capitalize, tokenize } from "./language.ts";
import { type Persons, rewritePersons } from "./person.ts";
import { image } from "./rewrite.ts";
import type { Segment } from "./segments.ts";
import { tenseAt } from "./tense.ts";
import { unveil } from "./verbatim.ts";

/** The sentence in front of what is composed: it gives pronouns and short answers their meaning. */
export interface Lead {
  /** Rewritten into names, without its stop. */
  readonly text: string;
  readonly kind: "question" | "statement";
  /** True where the same person said it. */
  readonly own: boolean;
  /** A question that says "she" or "him" asks about the person or animal named last. */
  readonly about: string | undefined;
  readonly source: SourceSpan;
}

/** Rewrites a sentence into names, for what follows it. */
export function composeLead(
  segment: Segment,
  persons: Persons,
  sentAt: Date,
): Pick<Lead, "text" | "kind"> & { readonly asksAboutPerson: boolean } {
  if (segment.kind === "image") {
    const text = image(segment, persons, undefined).text.replace(/[.]$/, "");
    return { text, kind: "statement", asksAboutPerson: false };
  }
  const { text: said, kind } = segment;
  const tokens = tokenize(resolveDates(said, sentAt, (at) => tenseAt(said, at)).text);
  const rewritten = rewritePersons(tokens, persons, undefined).text;
  const text = unveil(rewritten, segment.verbatim).replace(/[?.!\s]+$/, "");
  return { text, kind, asksAboutPerson: kind === "question" && pointsOutside(tokens) === "person" };
}

/** "Maya, asked ..., said". */
export function leadIn(lead: Lead, persons: Persons, answer: "yes" | "no" | undefined): string {
  const name = capitalize(persons.speaker);
  const quoted = capitalize(lead.text).replaceAll('"', "'");
  if (lead.kind === "question") {
    const about = lead.about ? ` about ${lead.about}` : "";
    return `${name}, asked${about} "${quoted}?", said${answer ? ` ${answer}` : ""}`;
  }
  return `${name}, ${lead.own ? "after saying" : "replying to"} "${quoted}", said`;
}
