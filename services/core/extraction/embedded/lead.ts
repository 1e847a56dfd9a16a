import type { SourceSpan } from "../../memory/memory.ts";
import { pointsOutside } from "./anaphora.ts";
import { type Answer, asksYesOrNo } from "./answers.ts";
import { resolveDates } from "./dates/dates.ts";
import { tenseAt } from "./dates/tense.ts";
import { isForeign } from "./foreign.ts";
import { capitalize, type Token, tokenize } from "./language.ts";
import { NOBODY, rewritePersons } from "./people/person.ts";
import type { Persons } from "./people/persons.ts";
import { pictureOf } from "./picture.ts";
import type { Segment } from "./segments.ts";
import { isClarifying } from "./small-talk.ts";
import { unveil } from "./verbatim.ts";

/** The sentence in front of what is composed: it gives pronouns and short answers their meaning. */
export interface Lead {
  /** Rewritten into names, without its stop. */
  readonly text: string;
  readonly kind: "question" | "statement";
  /** True where the same person said it. */
  readonly own: boolean;
  /** Of whom a question asks, if it says: who answers it without a subject speaks of them. */
  readonly asksOf: "you" | "other" | undefined;
  /** A question that says "she" or "him" asks about the person or animal named last. */
  readonly about: string | undefined;
  readonly source: SourceSpan;
}

/** Rewrites a sentence into names, for what follows it. */
export function composeLead(
  segment: Segment,
  persons: Persons,
  sentAt: Date,
): Pick<Lead, "text" | "kind" | "asksOf"> & { readonly asksAboutPerson: boolean } {
  if (segment.kind === "image") {
    const text = `${persons.speaker} shared ${pictureOf(segment.text)}`;
    return { text, kind: "statement", asksOf: undefined, asksAboutPerson: false };
  }
  const { text: said, kind } = segment;
  const foreign = isForeign(said);
  const tokens = tokenize(foreign ? said : resolveDates(said, sentAt, (at) => tenseAt(said, at)).text);
  const rewritten = foreign || isClarifying(said) ? said : rewritePersons(tokens, persons, NOBODY).text;
  const text = unveil(rewritten, segment.verbatim).replace(/[?.!。！？।؟۔\s]+$/u, "");
  return {
    text,
    kind,
    asksOf: kind === "question" ? askedOf(tokens) : undefined,
    asksAboutPerson: kind === "question" && pointsOutside(tokens) === "person",
  };
}

/** "No" to what another has said is told as well as an answer to a question. */
export function replies(answer: Answer | undefined, before: Lead): boolean {
  return before.kind === "question" ? asksYesOrNo(before.text) : answer === "no" && !before.own;
}

function askedOf(tokens: readonly Token[]): Lead["asksOf"] {
  if (tokens.some((token) => token.lower === "you")) return "you";
  const other = tokens.some(
    ({ lower, pos }, i) =>
      /^(?:he|she|they|your|his|her|their)$/.test(lower) || (pos === "PROPN" && tokens[i - 1]?.pos === "AUX"),
  );
  return other ? "other" : undefined;
}

/** "Maya, asked ..., said". */
export function leadIn(lead: Lead, persons: Persons, answer: Answer | undefined): string {
  const name = capitalize(persons.speaker);
  const quoted = capitalize(lead.text).replaceAll('"', "'");
  const said = answer ? ` ${answer}` : "";
  if (lead.kind === "question") {
    const about = lead.about ? ` about ${lead.about}` : "";
    return `${name}, asked${about} "${quoted}?", said${said}`;
  }
  return `${name}, ${lead.own ? "after saying" : "replying to"} "${quoted}", said${said}`;
}
