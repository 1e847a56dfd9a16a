import type { MemoryOrigin, SourceSpan } from "../../memory/memory.ts";
import type {
  DroppedTurn,
  ExtractionInput,
  ExtractionOutput,
  Extractor,
  Statement,
  Turn,
} from "../extractor.ts";
import { classify } from "./classify.ts";
import { type Composed, compose, composeQuestion, type Lead } from "./compose.ts";
import { entitiesOf } from "./entities.ts";
import { callNames } from "./lead-ins.ts";
import type { Persons } from "./person.ts";
import { relationsOf } from "./relations.ts";
import { type Segment, type SegmentedTurn, segment } from "./segments.ts";
import { personsOf, speakersOf } from "./speakers.ts";
import { topicOf } from "./topic.ts";

/** Raised with every change that could give the same input another output. */
export const EMBEDDED_EXTRACTOR_VERSION = "1";

export interface EmbeddedExtractorOptions {
  /** Sentences of one turn are joined to a statement of at most so many words. Default 45. */
  readonly statementWords?: number;
}

/**
 * Writes statements by rules and a small part-of-speech tagger, without a model server: sentences in
 * the third person with names and calendar dates, small talk dropped. Deterministic; some thousand turns/s.
 */
export function createEmbeddedExtractor(options: EmbeddedExtractorOptions = {}): Extractor {
  const statementWords = options.statementWords ?? 45;
  return {
    name: "embedded",
    version: EMBEDDED_EXTRACTOR_VERSION,
    extract: async (input, signal) => extractAll(input, statementWords, signal),
  };
}

function extractAll(input: ExtractionInput, statementWords: number, signal?: AbortSignal): ExtractionOutput {
  const turns = [...input.context, ...input.turns];
  const callable = callNames(speakersOf(turns));
  const segmented = new Map<number, SegmentedTurn>();
  const segmentsOf = (index: number): SegmentedTurn => {
    const known = segmented.get(index) ?? segment(turns[index]?.text ?? "", callable);
    segmented.set(index, known);
    return known;
  };
  const statements: Statement[] = [];
  const dropped: DroppedTurn[] = [];
  for (let index = input.context.length; index < turns.length; index += 1) {
    signal?.throwIfAborted();
    const made = extractTurn(turns, index, segmentsOf, statementWords);
    statements.push(...made);
    const turn = turns[index] as Turn;
    if (made.length === 0) dropped.push({ messageId: turn.messageId, reason: reasonFor(turn) });
  }
  return { statements, dropped, summary: undefined };
}

function reasonFor(turn: Turn): DroppedTurn["reason"] {
  if (turn.text.trim() === "") return "empty";
  return turn.role === "system" ? "not_about_anyone" : "small_talk";
}

function extractTurn(
  turns: readonly Turn[],
  index: number,
  segmentsOf: (index: number) => SegmentedTurn,
  statementWords: number,
): Statement[] {
  const turn = turns[index] as Turn;
  if (turn.role === "system") return [];
  const { segments, answer } = segmentsOf(index);
  const persons = personsOf(turns, index);
  const toAssistant = turn.role === "user" && persons.addressee === "the assistant";
  const kept = toAssistant ? segments : segments.filter((s) => s.kind !== "question");
  const before = leadOf(turns, index, segmentsOf);
  if (kept.length === 0) {
    if (!answer || !before.lead.question || segments.length > 0) return [];
    const composed = compose([], persons, turn.sentAt, before.lead, answer);
    return [statement(turn, persons, { start: 0, end: turn.text.length }, composed, before.span)];
  }
  return group(kept, statementWords).map((part, i, all) => {
    const lead = i === 0 ? before.lead : { question: undefined, topic: topicWithin(all[i - 1], persons) };
    const composed = compose(
      part,
      persons,
      turn.sentAt,
      lead,
      i === 0 && before.lead.question ? answer : undefined,
    );
    const span = { start: part[0]?.start ?? 0, end: part.at(-1)?.end ?? turn.text.length };
    return statement(turn, persons, span, composed, before.span);
  });
}

function topicWithin(part: readonly Segment[] | undefined, persons: Persons): string | undefined {
  const last = part?.findLast((s) => s.kind === "statement");
  return last && topicOf(last.text, persons);
}

/** Joins sentences up to the word limit; an image stays with what was said about it. */
function group(segments: readonly Segment[], limit: number): Segment[][] {
  const groups: Segment[][] = [];
  let words = 0;
  for (const item of segments) {
    const count = item.text.split(" ").length;
    const last = groups.at(-1);
    if (last && (words + count <= limit || item.kind === "image")) last.push(item);
    else {
      groups.push([item]);
      words = 0;
    }
    words += count;
  }
  return groups;
}

/** What the turn before, by someone else in the same session, leaves open. */
function leadOf(
  turns: readonly Turn[],
  index: number,
  segmentsOf: (index: number) => SegmentedTurn,
): { lead: Lead; span: SourceSpan | undefined } {
  const turn = turns[index];
  const before = turns[index - 1];
  if (!turn || !before || before.sessionId !== turn.sessionId || before.role === "system")
    return { lead: { question: undefined, topic: undefined }, span: undefined };
  const persons = personsOf(turns, index - 1);
  const spoken = segmentsOf(index - 1).segments.filter((s) => s.kind !== "image");
  const last = spoken.at(-1);
  const asks = last?.kind === "question" && persons.speaker !== personsOf(turns, index).speaker;
  return {
    lead: {
      question: asks ? composeQuestion(last.text, persons) : undefined,
      topic: last && topicOf(last.text, persons),
    },
    span: asks ? { messageId: before.messageId, start: last.start, end: last.end } : undefined,
  };
}

function statement(
  turn: Turn,
  persons: Persons,
  span: { start: number; end: number },
  composed: Composed,
  questionSpan: SourceSpan | undefined,
): Statement {
  const original = turn.text.slice(span.start, span.end);
  const sources: SourceSpan[] = [{ messageId: turn.messageId, ...span }];
  if (composed.usesQuestion && questionSpan) sources.push(questionSpan);
  const entities = entitiesOf(composed.text, persons);
  return {
    text: composed.text,
    ...classify(composed, turn),
    origin: originOf(turn),
    entities,
    relations: relationsOf(composed.text, entities, persons),
    sources,
    embeddingText: `${persons.speaker}: ${original}`,
  };
}

function originOf(turn: Turn): MemoryOrigin {
  if (turn.role === "tool") return "tool";
  return turn.role === "assistant" && !turn.name ? "inferred" : "stated";
}
