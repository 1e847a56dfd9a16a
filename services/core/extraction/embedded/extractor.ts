import type { SourceSpan } from "../../memory/memory.ts";
import type {
  DroppedTurn,
  ExtractionInput,
  ExtractionOutput,
  Extractor,
  Statement,
  Turn,
} from "../extractor.ts";
import { judge } from "./classify.ts";
import { type Composed, compose, composeQuestion, type Lead } from "./compose.ts";
import { entitiesOf, namesInside } from "./entities.ts";
import { callNames } from "./lead-ins.ts";
import type { Persons } from "./person.ts";
import { relationsOf } from "./relations.ts";
import { type Segment, type SegmentedTurn, segment } from "./segments.ts";
import { Cast } from "./speakers.ts";
import { lastNamed, pictureTopic, topicOf } from "./topic.ts";

/** Raised with every change that could give the same input another output. */
export const EMBEDDED_EXTRACTOR_VERSION = "1";

export interface EmbeddedExtractorOptions {
  /** Sentences of one turn are joined to a statement of at most so many words. Default 45. */
  readonly statementWords?: number;
  /** A turn gives at most so many statements, its first ones. Default 40. */
  readonly statementsPerTurn?: number;
}

type Limits = Required<EmbeddedExtractorOptions>;

/**
 * Writes statements by rules and a small part-of-speech tagger, without a model server: sentences in
 * the third person with names and calendar dates, small talk dropped. Deterministic; some thousand turns/s.
 */
export function createEmbeddedExtractor(options: EmbeddedExtractorOptions = {}): Extractor {
  const limits = { statementWords: 45, statementsPerTurn: 40, ...options };
  return {
    name: "embedded",
    version: EMBEDDED_EXTRACTOR_VERSION,
    extract: async (input, signal) => new Extraction(input, limits).run(signal),
  };
}

/** One call: the turns, what each holds, and who speaks to whom. */
class Extraction {
  readonly #turns: readonly Turn[];
  readonly #firstNew: number;
  readonly #limits: Limits;
  readonly #cast: Cast;
  readonly #callable: ReadonlySet<string>;
  readonly #names: ReadonlySet<string>;
  readonly #segmented = new Map<number, SegmentedTurn>();

  constructor(input: ExtractionInput, limits: Limits) {
    this.#turns = [...input.context, ...input.turns];
    this.#firstNew = input.context.length;
    this.#limits = limits;
    this.#cast = new Cast(this.#turns);
    this.#callable = callNames(this.#cast.speakers);
    this.#names = namesInside(this.#turns.map((turn) => turn.text));
  }

  run(signal: AbortSignal | undefined): ExtractionOutput {
    const statements: Statement[] = [];
    const dropped: DroppedTurn[] = [];
    for (const [index, turn] of this.#turns.entries()) {
      if (index < this.#firstNew) continue;
      signal?.throwIfAborted();
      const made = this.#extract(turn, index);
      statements.push(...made);
      if (made.length === 0) dropped.push({ messageId: turn.messageId, reason: reasonFor(turn) });
    }
    return { statements, dropped, summary: undefined };
  }

  #segments(index: number): SegmentedTurn {
    const known = this.#segmented.get(index) ?? segment(this.#turns[index]?.text ?? "", this.#callable);
    this.#segmented.set(index, known);
    return known;
  }

  #extract(turn: Turn, index: number): Statement[] {
    if (turn.role === "system") return [];
    const { segments, answer } = this.#segments(index);
    const persons = this.#cast.persons(index);
    const toAssistant = turn.role === "user" && persons.addressee === "the assistant";
    const told = segments.filter((s) => s.kind !== "question" || (toAssistant && !s.small));
    const kept = persons.speaker === "the assistant" ? told.filter((s) => !REACTION.test(s.text)) : told;
    const { lead, span: asked } = this.#lead(turn, index);
    if (kept.length === 0) {
      if (!answer || !lead.question || segments.some((s) => !s.small)) return [];
      const composed = compose([], persons, turn.sentAt, lead, answer);
      return [statement(turn, persons, { start: 0, end: turn.text.length }, composed, asked, this.#names)];
    }
    const groups = group(kept, this.#limits.statementWords).slice(0, this.#limits.statementsPerTurn);
    return groups.map((part, i) => {
      const within = {
        ...NO_LEAD,
        topic: topicWithin(groups[i - 1], persons),
        person: groups
          .slice(0, i)
          .flat()
          .reverse()
          .map((s) => lastNamed(s.text, persons.speaker, this.#callable, this.#names))
          .find(Boolean),
      };
      const replied = i === 0 && lead.question ? answer : undefined;
      const composed = compose(part, persons, turn.sentAt, i === 0 ? lead : within, replied);
      const span = {
        start: Math.min(...part.map((s) => s.start)),
        end: Math.max(...part.map((s) => s.end)),
      };
      return statement(turn, persons, span, composed, asked, this.#names);
    });
  }

  /** What the turn before, in the same session, leaves open: its last question, its topic. */
  #lead(turn: Turn, index: number): { lead: Lead; span: SourceSpan | undefined } {
    const before = this.#turns[index - 1];
    if (!before || before.sessionId !== turn.sessionId || before.role === "system")
      return { lead: NO_LEAD, span: undefined };
    const persons = this.#cast.persons(index - 1);
    const all = this.#segments(index - 1).segments;
    const last = all.findLast((s) => s.kind !== "image");
    const asks = last?.kind === "question" && persons.speaker !== this.#cast.persons(index).speaker;
    const span = asks ? { messageId: before.messageId, start: last.start, end: last.end } : undefined;
    const shown = all.find((s) => s.kind === "image");
    return {
      lead: {
        ...(asks && last.text.split(" ").length <= LEAD_WORDS
          ? composeQuestion(last.text, persons, before.sentAt)
          : NO_LEAD),
        topic: shown ? pictureTopic(shown.text) : last && topicOf(last.text, persons),
        person: this.#personNamed(index),
      },
      span,
    };
  }

  /** Whom "she" may mean: the name said last, a few turns back at most. */
  #personNamed(index: number): string | undefined {
    for (let i = index - 1; i >= Math.max(0, index - NAME_REACH); i -= 1) {
      if (this.#turns[i]?.sessionId !== this.#turns[index]?.sessionId) return undefined;
      const name = lastNamed(
        this.#turns[i]?.text ?? "",
        this.#cast.persons(i).speaker,
        this.#callable,
        this.#names,
      );
      if (name) return name;
    }
    return undefined;
  }
}

/** What an assistant says out of politeness: "That is handy." */
const REACTION =
  /^(?:(?:that|it|this)(?:'s| is| was| sounds| looks| must be| will be) (?:so |such |really |very |quite )*(?:an? )?(?:\w+ ){0,2}\w+|what an? \w+(?: \w+)?|an? \w+(?: \w+)?|i (?:really )?hope (?:it|that|this|everything|all) .{1,30}|(?:short|noted|done)\b.{0,30})[.!]*$/i;

/** Turns back in which "she" is looked for. */
const NAME_REACH = 4;

const NO_LEAD: Lead = { question: undefined, asksAboutPerson: false, topic: undefined, person: undefined };

/** A longer question would take more room than its answer. */
const LEAD_WORDS = 20;

function reasonFor(turn: Turn): DroppedTurn["reason"] {
  if (turn.text.trim() === "") return "empty";
  return turn.role === "system" ? "not_about_anyone" : "small_talk";
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

function statement(
  turn: Turn,
  persons: Persons,
  span: { start: number; end: number },
  composed: Composed,
  questionSpan: SourceSpan | undefined,
  names: ReadonlySet<string>,
): Statement {
  const sources: SourceSpan[] = [{ messageId: turn.messageId, ...span }];
  if (composed.usesQuestion && questionSpan) sources.push(questionSpan);
  const participants = [persons.speaker, persons.addressee];
  const entities = entitiesOf(composed.text, participants, names);
  const named = entities.length;
  const relations = relationsOf(composed.text, entities, participants);
  return {
    text: composed.text,
    ...judge(composed.text, composed.dates, turn, persons, relations, named),
    entities,
    relations,
    sources,
    embeddingText: composed.text,
  };
}
