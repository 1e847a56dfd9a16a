import { setImmediate } from "node:timers/promises";
import { DEFAULT_LANGUAGE } from "../../language/languages.ts";
import type { SourceSpan } from "../../memory/memory.ts";
import { inPlace, readAsSaid } from "../as-said/read-turn.ts";
import { spokenLanguages } from "../as-said/spoken-language.ts";
import type {
  DroppedTurn,
  ExtractionInput,
  ExtractionOutput,
  Extractor,
  Statement,
  Turn,
} from "../extractor.ts";
import { packRest } from "../pack-rest.ts";
import type { SensitiveKind } from "../sensitive/sensitive-kind.ts";
import { sensitiveApart } from "../sensitive/told-apart.ts";
import { judge } from "./classify.ts";
import { type Composed, compose } from "./compose.ts";
import { withDenials } from "./denied-behind.ts";
import { isToAssistant, keptOf } from "./kept.ts";
import { LONGEST_SENTENCE, loadTagger } from "./language.ts";
import { replies } from "./lead.ts";
import { entitiesOf } from "./names/entities.ts";
import { relationsOf } from "./names/relations.ts";
import { afterAnswer, cutToLength, group, isStatement, spanOf } from "./people/groups.ts";
import type { Persons } from "./people/persons.ts";
import type { Segment } from "./segments.ts";
import { withOwnAnswers } from "./self-answered.ts";
import { withSlips } from "./slips.ts";
import { isSmallTalk } from "./small-talk.ts";
import { Thread } from "./thread.ts";
import { withTimeLimit } from "./time-limit.ts";
import { readsAsQuestion, toldBy } from "./told-in-questions.ts";
import { EMBEDDED_EXTRACTOR_VERSION } from "./version.ts";
import { isPractice } from "./worked-on.ts";

export interface EmbeddedExtractorOptions {
  /** Sentences of one turn are joined to a statement of at most so many words. Default 45. */
  readonly statementWords?: number;
  /** What a turn tells behind so many statements is joined to long ones. Default 40. */
  readonly statementsPerTurn?: number;
  /** Milliseconds that the rules may take for one turn. Default 3,000; the longest turn takes a quarter of it. */
  readonly turnMs?: number;
}

/** Turns are read together so long; other work of the process, heartbeats among it, waits for that and a turn. */
const UNINTERRUPTED_MS = 50;

type Limits = Required<EmbeddedExtractorOptions>;

/**
 * Writes statements by rules and a small part-of-speech tagger, without a model server: sentences in
 * the third person with names and calendar dates, small talk dropped. Deterministic; some thousand turns/s.
 */
export function createEmbeddedExtractor(options: EmbeddedExtractorOptions = {}): Extractor {
  const limits = { statementWords: 45, statementsPerTurn: 40, turnMs: 3_000, ...options };
  return {
    name: "embedded",
    version: EMBEDDED_EXTRACTOR_VERSION,
    extract: async (input, signal) => new Extraction(input, limits).run(signal),
  };
}

/** One call. */
class Extraction {
  readonly #turns: readonly Turn[];
  /** Turns that are read in other words than they were said. */
  readonly #reworded: ReadonlyMap<string, Turn>;
  readonly #firstNew: number;
  readonly #limits: Limits;
  readonly #keptOut: readonly SensitiveKind[] | undefined;
  readonly #thread: Thread;
  /** As `spokenLanguages`, one a turn. */
  readonly #languages: readonly string[];
  readonly #statements: Statement[] = [];
  readonly #dropped: DroppedTurn[] = [];

  constructor(input: ExtractionInput, limits: Limits) {
    const said = [...input.context, ...input.turns];
    this.#turns = withSlips(said);
    this.#reworded = new Map(
      said.filter((turn, i) => turn !== this.#turns[i]).map((turn) => [turn.messageId, turn]),
    );
    this.#firstNew = input.context.length;
    this.#limits = limits;
    this.#keptOut = input.keptOut;
    this.#thread = new Thread(this.#turns);
    this.#languages = spokenLanguages(this.#turns.map(({ text }) => text));
  }

  /** @throws Error where a turn takes longer than it may: its try fails, and nobody else waits for it. */
  async run(signal: AbortSignal | undefined): Promise<ExtractionOutput> {
    loadTagger();
    let next = this.#firstNew;
    while (next < this.#turns.length) {
      if (next > this.#firstNew) await setImmediate();
      signal?.throwIfAborted();
      const from = next;
      next = withTimeLimit(this.#limits.turnMs, () => this.#readFrom(from));
    }
    return {
      statements: this.#statements.map((one) => this.#asSaid(one)),
      dropped: this.#dropped,
      summary: undefined,
    };
  }

  /** Reads turns for a while. @returns the place of the next one. */
  #readFrom(from: number): number {
    const end = performance.now() + UNINTERRUPTED_MS;
    let index = from;
    do {
      const turn = this.#turns[index] as Turn;
      const made = this.#extract(turn, index);
      this.#statements.push(...made);
      if (made.length === 0)
        this.#dropped.push({ messageId: turn.messageId, reason: this.#reasonFor(turn, index) });
      index += 1;
    } while (index < this.#turns.length && performance.now() < end);
    return index;
  }

  #extract(turn: Turn, index: number): Statement[] {
    const language = this.#languages[index] ?? DEFAULT_LANGUAGE;
    if (turn.role === "system") return [];
    const { segments, answer } = this.#thread.segments(index);
    const persons = this.#thread.persons(index);
    const before = this.#thread.before(index);
    if (language !== DEFAULT_LANGUAGE) {
      const practises = isToAssistant(turn, persons) && isPractice(segments, before);
      return practises
        ? []
        : readAsSaid(inPlace(this.#turns, index), language, { ...this.#limits, keptOut: this.#keptOut });
    }
    const replied = before && replies(answer, before) ? answer : undefined;
    const kept = keptOf(turn, this.#told(segments), persons, before, this.#thread.callable);
    if (kept.length === 0) {
      if (!replied || persons.speaker === "the assistant" || segments.some((s) => s.kind !== "statement"))
        return [];
      const composed = compose([], persons, turn.sentAt, before, replied);
      return [statement(turn, persons, { start: 0, end: turn.text.length }, composed, this.#thread.names)];
    }
    const toAssistant = isToAssistant(turn, persons);
    const apart = group(kept, this.#limits.statementWords, !toAssistant);
    const together = packRest(apart, this.#limits.statementsPerTurn, LONGEST_SENTENCE);
    const joined = sensitiveApart(together, turn.text, this.#keptOut);
    const [first = [], ...rest] = joined;
    // What an assistant asked stands beside its answer, and not beside what is told behind it.
    const leadsIn = toAssistant && compose(first, persons, turn.sentAt, before, replied).leadSource;
    const groups = (leadsIn ? [...afterAnswer(first), ...rest] : joined).flatMap(cutToLength);
    return groups.map((part, i) => {
      const lead = i === 0 ? before : this.#thread.leadWithin(groups[i - 1]?.findLast(isStatement), index);
      const composed = compose(part, persons, turn.sentAt, lead, i === 0 ? replied : undefined);
      return statement(turn, persons, spanOf(part), composed, this.#thread.names);
    });
  }

  /** With the whole message as the source of what is told in other words than it. */
  #asSaid(made: Statement): Statement {
    if (!made.sources.some(({ messageId }) => this.#reworded.has(messageId))) return made;
    const sources = made.sources.map((source) => {
      const said = this.#reworded.get(source.messageId);
      return said ? { ...source, start: 0, end: said.text.length } : source;
    });
    return { ...made, sources };
  }

  #reasonFor(turn: Turn, index: number): DroppedTurn["reason"] {
    if (turn.text.trim() === "") return "empty";
    const talks = this.#thread.segments(index).segments.every(({ small }) => small);
    return turn.role !== "system" && talks ? "small_talk" : "not_about_anyone";
  }

  /** Sentences, with what questions tell as statements of their own. */
  #told(segments: readonly Segment[]): readonly Segment[] {
    return withOwnAnswers(withDenials(segments)).flatMap((segment) => {
      const asks = segment.kind === "question" || (isStatement(segment) && readsAsQuestion(segment.text));
      const told = asks && !segment.quoted ? toldBy(segment.text) : undefined;
      if (!told || isSmallTalk(told.fact, this.#thread.callable)) return [segment];
      const fact: Segment = { ...segment, kind: "statement", text: told.fact, small: false };
      return told.asks ? [fact, { ...segment, text: told.asks }] : [fact];
    });
  }
}

function statement(
  turn: Turn,
  persons: Persons,
  span: { start: number; end: number },
  composed: Composed,
  names: ReadonlySet<string>,
): Statement {
  const sources: SourceSpan[] = [{ messageId: turn.messageId, ...span }];
  if (composed.leadSource) sources.push(composed.leadSource);
  const participants = [persons.speaker, persons.addressee];
  const entities = entitiesOf(composed.text, participants, names);
  const named = entities.length;
  const relations = relationsOf(composed.own, entities, participants);
  return {
    text: composed.text,
    ...judge(composed, turn, persons, relations, named),
    entities,
    relations,
    sources,
    embeddingText: composed.text,
  };
}
