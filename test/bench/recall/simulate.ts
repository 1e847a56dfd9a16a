import type { Statement, Turn } from "@mneme/core/extraction/extractor.ts";
import type { EntityMention, RelationMention } from "@mneme/core/memory/memory.ts";
import { analyzeQuery } from "@mneme/core/search/analyze-query.ts";
import { rangesOf } from "@mneme/core/search/find-candidates.ts";
import { type FuseOptions, fuse } from "@mneme/core/search/fuse.ts";
import { type Candidate, RARE_HOLDERS } from "@mneme/core/search/memory-index.ts";
import type { DateRange } from "@mneme/core/search/named-dates.ts";
import { anchoredSpan, chooseAnchor } from "@mneme/core/search/query-time/choose-anchor.ts";
import {
  type AnchoredTime,
  type QueryTime,
  readQueryTime,
} from "@mneme/core/search/query-time/read-query-time.ts";
import { statementFeatures, turnFeatures } from "@mneme/core/search/turn-features.ts";
import { type LocomoConversation, speakerOf } from "./locomo.ts";
import { analyze, Bm25, TermStatistics } from "./lucene.ts";
import { type GraphAnchors, simulateGraph } from "./simulate-graph.ts";

export type Embed = (texts: readonly string[]) => Promise<Float32Array[]>;

/** A conversation's memories as the index would hold them, without the index. */
export interface SimulatedScope {
  readonly conversation: LocomoConversation;
  readonly documents: readonly SimulatedDocument[];
}

export interface SimulatedDocument {
  readonly candidate: Omit<Candidate, "cosine" | "bm25" | "entity" | "rare">;
  readonly statement: string;
  readonly sources: readonly string[];
  /** Analysed. */
  readonly window: readonly string[];
  /** Analysed. */
  readonly text: readonly string[];
  readonly vector: Float32Array;
  readonly entities: ReadonlySet<string>;
  readonly mentions: readonly EntityMention[];
  readonly relations: readonly RelationMention[];
}

/** The messages that the bench sends for a conversation. */
export function toTurns(conversation: LocomoConversation): Turn[] {
  return conversation.turns.map((turn) => ({
    messageId: turn.id,
    sessionId: String(turn.session),
    ...speakerOf(turn.speaker),
    text: turn.text,
    sentAt: turn.sentAt,
  }));
}

export async function simulateScope(
  conversation: LocomoConversation,
  statements: readonly Statement[],
  embed: Embed,
): Promise<SimulatedScope> {
  const turns = toTurns(conversation);
  const position = new Map(turns.map((turn, index) => [turn.messageId, index]));
  const vectors = await embed(statements.map((statement) => statement.embeddingText));
  const documents = statements.map((statement, index) => {
    const at = position.get(statement.sources[0]?.messageId ?? "") ?? 0;
    const turn = turns[at];
    const vector = vectors[index];
    if (!turn || !vector) throw new Error("a statement without its turn or vector");
    const features = statementFeatures(
      turnFeatures(turns, at),
      turn.text,
      statement.sources[0] ?? { start: 0, end: 0 },
    );
    return {
      candidate: {
        memoryId: String(index).padStart(6, "0"),
        version: 1,
        kind: statement.kind,
        origin: statement.origin,
        confidence: statement.confidence,
        importance: statement.importance,
        speaker: features.speaker,
        role: turn.role,
        isQuestion: features.isQuestion,
        hasTime: features.hasTime,
        hasWindow: features.window !== statement.text,
        saidAt: turn.sentAt,
        valid: { from: statement.valid.from ?? turn.sentAt, to: statement.valid.to },
      },
      statement: statement.text,
      text: analyze(statement.text),
      sources: statement.sources.map((source) => source.messageId),
      window: analyze(features.window),
      vector,
      entities: new Set(statement.entities.map((entity) => entity.name.toLowerCase())),
      mentions: statement.entities,
      relations: statement.relations,
    };
  });
  return { conversation, documents };
}

export interface SimulatedSearch extends FuseOptions {
  /** Candidates per arm. */
  readonly pool: number;
  /** False leaves out the arms for the dates that a query names. */
  readonly dateArms?: boolean;
  /** Asks the graph as well, and from where. */
  readonly graph?: GraphAnchors | undefined;
  /** Term statistics of a shared index; the scope's own without it. */
  readonly statistics?: (field: Field) => TermStatistics;
}

export type Field = "window" | "text";

interface Scored {
  readonly document: SimulatedDocument;
  readonly cosine: number;
  readonly bm25: number;
  readonly entity: number;
  readonly rare: readonly string[];
}

/** Prepares a scope for many queries; the returned function ranks its documents as the product would. */
export function searcher(scope: SimulatedScope, embedQuery: (text: string) => Float32Array) {
  const participants = namedParticipants(scope.conversation);
  const own = { window: new TermStatistics(), text: new TermStatistics() };
  addStatistics(scope, own);
  const engines = new Map<TermStatistics, Bm25>();
  const graph = simulateGraph(scope, participants);
  const engine = (field: Field, statistics: TermStatistics) => {
    const documents = scope.documents.map((document) => document[field]);
    const known = engines.get(statistics) ?? new Bm25(documents, statistics);
    engines.set(statistics, known);
    return known;
  };
  const search = (question: string, options: SimulatedSearch) => {
    const time = readQueryTime(question, options.now);
    const query = analyzeQuery(question, { participants, time });
    // The measured recipe reads windows and knows names; the classical ones read text and query as they are.
    const measured = (options.recipe ?? "s1") === "s1";
    const field = measured ? "window" : "text";
    const vector = embedQuery(measured ? query.denseText : query.text);
    const words = analyze(measured ? query.keywords : query.text);
    const keyword = engine(field, options.statistics?.(field) ?? own[field]).scores(words);
    const rare = (measured ? query.rare : []).map((word) => [word, analyze(word)] as const);
    const scored = scope.documents.map((document, i) => ({
      document,
      cosine: dot(vector, document.vector),
      bm25: keyword[i] ?? 0,
      entity: query.entities.filter((name) => document.entities.has(name)).length,
      rare: rare.flatMap(([word, terms]) => (holds(document, terms) ? [word] : [])),
    }));
    const ranges = measured && options.dateArms !== false ? rangesOf(query, options.now) : [];
    const pool = poolOf(scored, ranges, options);
    const onPaths = options.graph ? graph(query, options.graph) : new Map<string, number>();
    for (const one of scored) {
      if (onPaths.has(one.document.candidate.memoryId) && !pool.has(one)) pool.set(one, 0);
    }
    const byId = new Map([...pool.keys()].map(({ document }) => [document.candidate.memoryId, document]));
    const candidates = [...pool].map(([{ document, cosine, entity, rare }, bm25]) => ({
      ...document.candidate,
      cosine,
      bm25,
      entity,
      rare,
      ...(onPaths.has(document.candidate.memoryId) && {
        graph: onPaths.get(document.candidate.memoryId) as number,
      }),
    }));
    const anchored = { ...query, time: time && anchoredTime(time, question, options) };
    return fuse(candidates, anchored, options).map((hit) => ({
      hit,
      document: byId.get(hit.candidate.memoryId) as SimulatedDocument,
    }));
  };
  /** As `findAnchor`, among the memories of the scope. */
  const anchoredTime = (time: QueryTime, question: string, options: SimulatedSearch): AnchoredTime => {
    const { anchor } = time;
    if (!anchor || anchor.phrase === question) return time;
    const all = search(anchor.phrase, { ...options, recipe: "s1" });
    const found = all.slice(0, 8);
    const memory = chooseAnchor(
      anchor,
      found.map(({ document: { statement, candidate } }) => ({
        id: candidate.memoryId,
        text: statement,
        validFrom: candidate.valid?.from ?? candidate.saidAt,
        validTo: candidate.valid?.to,
      })),
    );
    if (!memory) return time;
    const eventCosines = new Map(all.map(({ hit: { candidate } }) => [candidate.memoryId, candidate.cosine]));
    return { ...time, span: anchoredSpan(anchor, memory), anchorMemoryId: memory.id, eventCosines };
  };
  return search;
}

/** The union of the arms, each document with the BM25 that its arms report. */
function poolOf(scored: readonly Scored[], ranges: readonly DateRange[], { pool, recipe }: SimulatedSearch) {
  const found = new Map<Scored, number>();
  const addArms = (among: readonly Scored[]) => {
    const dense = recipe === "bm25" ? [] : best(among, "cosine", pool);
    for (const one of dense) found.set(one, found.get(one) ?? 0);
    if (recipe !== "knn") for (const one of best(among, "bm25", pool)) found.set(one, one.bm25);
  };
  addArms(scored);
  if (recipe !== "knn") for (const one of best(scored, "entity", pool)) found.set(one, found.get(one) ?? 0);
  for (const word of new Set(scored.flatMap(({ rare }) => rare))) {
    const holders = scored.filter(({ rare }) => rare.includes(word)).slice(0, RARE_HOLDERS + 1);
    for (const one of holders) found.set(one, found.get(one) ?? 0);
  }
  const begins = ({ document: { candidate } }: Scored, { from, to }: DateRange) =>
    [candidate.saidAt, candidate.valid?.from].some((at) => at && at >= from && at < to);
  if (ranges.length > 0) addArms(scored.filter((one) => ranges.some((range) => begins(one, range))));
  return found;
}

function holds({ text }: SimulatedDocument, terms: readonly string[]): boolean {
  return terms.length > 0 && terms.every((term) => text.includes(term));
}

function best(scored: readonly Scored[], by: "cosine" | "bm25" | "entity", size: number): Scored[] {
  const matching = by === "cosine" ? [...scored] : scored.filter((one) => one[by] > 0);
  return matching.sort((a, b) => b[by] - a[by]).slice(0, size);
}

/** Adds a scope's documents to the statistics of both fields. */
export function addStatistics(scope: SimulatedScope, statistics: Readonly<Record<Field, TermStatistics>>) {
  for (const document of scope.documents) {
    statistics.window.add(document.window);
    statistics.text.add(document.text);
  }
}

/** The names that the product would know of this scope. */
export function namedParticipants(conversation: LocomoConversation): string[] {
  return conversation.participants.flatMap((name) => speakerOf(name).name ?? []);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
