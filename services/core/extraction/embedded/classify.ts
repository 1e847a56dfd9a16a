import type { MemoryKind, MemoryOrigin, RelationMention, ValidTime } from "../../memory/memory.ts";
import type { Turn } from "../extractor.ts";
import { categoryOf } from "./categories.ts";
import type { Composed } from "./compose.ts";
import { endOf } from "./dates/grains.ts";
import type { ResolvedDate } from "./dates/phrases.ts";
import { capitalize } from "./language.ts";
import { STANDS } from "./standing-orders.ts";
import { isPastForm } from "./verbs.ts";
import { worthOf } from "./worth.ts";

export interface Judgement {
  readonly kind: MemoryKind;
  readonly category: string;
  readonly confidence: number;
  readonly importance: number;
  readonly origin: MemoryOrigin;
  readonly valid: ValidTime;
  /** As of a statement. */
  readonly passesAt: Date | undefined;
}

/** "Told the assistant to be brief": how it is to behave from now on, not what it is to do once. */
const RULE_FOR_ASSISTANT =
  /^[^.:]* told [^.:]*? (?:not )?to (?:always|never|only|use|answer|reply|respond|call (?:the user|\p{Lu}\p{Ll}+)|keep|be|speak|talk|refer|write in|explain (?:things|everything)|give the user|address|avoid|stop)\b|^[^.:]* told [^.:]*? not to\b|^[^.:]* told [^.:]*\b(?:whenever|every time|each time)\b|\bfrom now on\b/iu;
/** Who has no room for all loses a taste before an allergy, a birthday or a child. */
const WEIGHS: ReadonlyMap<string, number> = new Map([
  ["health", 0.2],
  ["identity", 0.1],
  ["family", 0.05],
]);
const TOLD = / told the assistant (?:not )?to\b/;
const STEPS = /\b(?:step \d|first,? .* then)\b/i;
const HEDGE =
  /\b(?:maybe|might|perhaps|probably|not sure|think so|i guess|guesses|seems?|possibly|supposedly|apparently|could be|thinks?)\b/i;
const OPINION = /^[^.:]* said(?: yes| no)?: /;

/** Judges a statement by rules: what kind, how sure, how much it will matter, and since when it holds. */
export function judge(
  { text, own, dates, severalTimes }: Composed,
  turn: Turn,
  persons: { readonly speaker: string; readonly addressee: string },
  relations: readonly RelationMention[],
  namedEntities: number,
): Judgement {
  const origin = originOf(turn);
  const attributed = OPINION.test(text) || /^[^".]*, (?:asked|replying to)\b[^"]*"/.test(text);
  const question = text.startsWith(`${capitalize(persons.speaker)} asked `);
  const kind = kindOf(text, dates);
  // How an assistant is to behave, whatever it is about.
  const category = kind === "procedural" && TOLD.test(text) ? "preferences" : categoryIn(own, text);
  const { lasting, taste } = worthOf(category, own);
  let importance = 0.4 + lasting;
  if (relations.length > 0 && !taste) importance += 0.15;
  if (dates.length > 0) importance += 0.1;
  if (namedEntities > 0) importance += 0.05;
  if (attributed) importance -= 0.1;
  if (question) importance -= 0.2;
  if (kind === "procedural") importance += 0.2;
  if (kind === "semantic") importance += WEIGHS.get(category) ?? 0;
  if (origin === "inferred") importance -= 0.2;
  return {
    kind,
    category,
    origin,
    confidence: round((origin === "inferred" ? 0.6 : attributed ? 0.8 : 0.9) - (HEDGE.test(text) ? 0.15 : 0)),
    importance: round(Math.min(1, Math.max(0.05, importance))),
    valid: { from: severalTimes ? turn.sentAt : validFrom(dates, turn), to: undefined },
    passesAt: passesAt(dates),
  };
}

/** Behind the last day that it tells of, if that lies ahead. */
function passesAt(dates: readonly ResolvedDate[]): Date | undefined {
  const ends = dates.filter(({ future }) => future).map((date) => endOf(date).getTime());
  return ends.length > 0 ? new Date(Math.max(...ends)) : undefined;
}

/** What it tells itself says more than what led it in. */
function categoryIn(own: string, text: string): string {
  const category = categoryOf(own);
  return category === "other" ? categoryOf(text) : category;
}

/** "Has a dog called Rex": no deed. */
const NAMED =
  /(?<=(?:\b(?:an?|one|two|three|another|new) (?:[\p{L}-]+ ){1,4}|, ))(?:called|named)(?= (?:the )?[\p{Lu}"'])/gu;
/** A date that is no event's: "lives there since 2011", "is born on 3 May". */
const SINCE =
  /^since [^,.]{2,40}? (?:has|have) |\b(?:lives?|works?|is|are|has been|have been|has|have|plays?|teach\w*|stud(?:y|ies)) [^.]{0,60}\bsince\b|\bborn\b|\bbirthday is\b/i;

/** "Said: ...", "left-handed". */
const NO_DEED = /^(?:said|asked)$|-/;

function kindOf(text: string, dates: readonly ResolvedDate[]): MemoryKind {
  if (RULE_FOR_ASSISTANT.test(text) || STANDS.test(text) || STEPS.test(text)) return "procedural";
  if (SINCE.test(text)) return "semantic";
  if (dates.length > 0) return "episodic";
  // "Has lived", "would go", "is called" tell how things are.
  const words =
    text
      .replace(NAMED, "")
      .replace(/\b(?:has|have|had|would|if|is|are|am|be|being|who's) (?:\w+ ){0,2}?\w+/gi, "")
      .toLowerCase()
      .match(/[a-z'-]+/g) ?? [];
  return words.some((word) => !NO_DEED.test(word) && isPastForm(word)) ? "episodic" : "semantic";
}

/**
 * A date in the past begins it; what lies ahead is planned since the message. That it ended is no end of its valid
 * time: "used to live there until 2018" stays true, and what is no longer valid is not found.
 */
function validFrom(dates: readonly ResolvedDate[], turn: Turn): Date {
  const past = dates.find((date) => !date.future && !date.ends);
  return past?.start ?? turn.sentAt;
}

/** An assistant without a name of its own tells what it thinks, not what a person said. */
function originOf(turn: Turn): MemoryOrigin {
  if (turn.role === "tool") return "tool";
  return turn.role === "assistant" && !turn.name ? "inferred" : "stated";
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
