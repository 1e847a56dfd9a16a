import type { Turn } from "../extractor.ts";
import { answers, isEcho, isTurning } from "./answers.ts";
import { isDangling } from "./finite.ts";
import { isForeign } from "./foreign.ts";
import { tokenize } from "./language.ts";
import type { Lead } from "./lead.ts";
import { isOfNobody } from "./of-nobody.ts";
import { isPassing } from "./passing.ts";
import { isStatement, pointsBack, wordCount } from "./people/groups.ts";
import type { Persons } from "./people/persons.ts";
import { reports } from "./reports.ts";
import type { Segment } from "./segments.ts";
import { standingOrder } from "./standing-orders.ts";
import { asksForOwn, isTask } from "./tasks.ts";
import { asksOfOwn } from "./told-in-questions.ts";
import { isUnreal } from "./unreal.ts";
import { onlyHandsOver } from "./verbatim.ts";
import { isOnlyWorkedOn } from "./worked-on.ts";

/**
 * What tells something: no small talk; small words where they answer; questions that
 * show something of who asks; of an assistant's words what it did.
 */
export function keptOf(
  turn: Turn,
  segments: readonly Segment[],
  persons: Persons,
  before: Lead | undefined,
  names: ReadonlySet<string>,
): readonly Segment[] {
  if (persons.speaker === "the assistant") return segments.filter(isReport);
  const toAssistant = isToAssistant(turn, persons);
  const question = before?.kind === "question" ? before.text : "";
  const told = segments.findIndex((s) => !s.small);
  const isKept = (s: Segment, i: number): boolean => {
    if (s.kind === "question") {
      if (isUnreal(s.text)) return false;
      if (!toAssistant) return asksOfOwn(s.text, names);
      const next = segments[i + 1];
      return (
        asksForOwn(s.text, names) ||
        isForeign(s.text) ||
        (!s.small && next !== undefined && leansBack(next) && isKept(next, i + 1))
      );
    }
    if (toAssistant && isStatement(s) && !s.quoted && standingOrder(s.text)) return true;
    if (isStatement(s) && !s.quoted && (isUnreal(s.text) || isPassing(s.text))) return false;
    if (toAssistant && isStatement(s) && !s.quoted && (onlyHandsOver(s.text) || isOfNobody(s.text)))
      return false;
    if (toAssistant && (isOnlyWorkedOn(s, before, names) || isHandedOver(segments, i))) return false;
    if (!s.small) return true;
    if (told >= 0 && i > told && isTurning(s.text)) return true;
    const echoes = before?.kind === "statement" && !before.own && isEcho(s.text);
    return (told < 0 || i < told) && (echoes || answers(s.text, question, names));
  };
  const kept = segments.filter(isKept);
  // "Since Bo was five." continues nothing that was said.
  return !before && kept[0] && hangs(kept[0]) ? kept.slice(1) : kept;
}

/** True for what a person says to an assistant without a name of its own. */
export function isToAssistant({ role }: Turn, { addressee }: Persons): boolean {
  return role === "user" && addressee === "the assistant";
}

/** The text below "Summarize this:". */
function isHandedOver(segments: readonly Segment[], i: number): boolean {
  if (!segments[i]?.quoted) return false;
  const task = segments.slice(0, i).findLast(({ quoted }) => !quoted);
  return task?.kind === "statement" && (isTask(task.text) || onlyHandsOver(task.text));
}

/** "It faces north." */
function leansBack(segment: Segment): boolean {
  return isStatement(segment) && !segment.quoted && (pointsBack(segment) || /\bthere\b/i.test(segment.text));
}

/** A picture that an assistant shares is one that it made or found. */
function isReport({ kind, text }: Segment): boolean {
  return kind === "image" || (kind === "statement" && reports(text));
}

/** What is longer tells something even where nothing leads it in. In words. */
const SHORT = 8;

function hangs(segment: Segment): boolean {
  return isStatement(segment) && wordCount(segment) <= SHORT && isDangling(tokenize(segment.text));
}
