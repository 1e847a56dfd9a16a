import type { Statement, Turn } from "@mneme/core/extraction/extractor.ts";
import { analyzeQuery } from "@mneme/core/search/analyze-query.ts";
import { type FuseOptions, fuse } from "@mneme/core/search/fuse.ts";
import type { Candidate } from "@mneme/core/search/memory-index.ts";
import { dateRanges } from "@mneme/core/search/named-dates.ts";
import { turnFeatures } from "@mneme/core/search/turn-features.ts";
import { type LocomoConversation, speakerOf } from "./locomo.ts";
import { analyze, Bm25, TermStatistics } from "./lucene.ts";

export type Embed = (texts: readonly string[]) => Promise<Float32Array[]>;

/** A conversation's memories as the index would hold them, without the index. */
export interface SimulatedScope {
  readonly conversation: LocomoConversation;
  readonly documents: readonly SimulatedDocument[];
}

export interface SimulatedDocument {
  readonly candidate: Omit<Candidate, "cosine" | "bm25" | "entity">;
  readonly text: string;
  readonly sources: readonly string[];
  readonly window: readonly string[];
  readonly vector: Float32Array;
  readonly entities: ReadonlySet<string>;
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
    const features = turnFeatures(turns, at);
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
        saidAt: turn.sentAt,
      },
      text: statement.text,
      sources: statement.sources.map((source) => source.messageId),
      window: analyze(features.window),
      vector,
      entities: new Set(statement.entities.map((entity) => entity.name.toLowerCase())),
    };
  });
  return { conversation, documents };
}

export interface SimulatedSearch extends FuseOptions {
  /** Candidates per arm. */
  readonly pool: number;
  /** False leaves out the arm for the dates that a query names. */
  readonly dateArm?: boolean;
  /** Term statistics of a shared index; the scope's own without it. */
  readonly statistics?: TermStatistics;
}

/** Prepares a scope for many queries; the returned function ranks its documents for one. */
export function searcher(scope: SimulatedScope, embedQuery: (text: string) => Float32Array) {
  const own = new TermStatistics();
  for (const document of scope.documents) own.add(document.window);
  const windows = scope.documents.map((document) => document.window);
  const engines = new Map<TermStatistics, Bm25>();
  const engine = (statistics: TermStatistics) => {
    const known = engines.get(statistics) ?? new Bm25(windows, statistics);
    engines.set(statistics, known);
    return known;
  };
  return (question: string, options: SimulatedSearch) => {
    const query = analyzeQuery(question, { participants: namedParticipants(scope.conversation) });
    const vector = embedQuery(query.denseText);
    const keyword = engine(options.statistics ?? own).scores(analyze(query.keywords));
    const scored = scope.documents.map((document, index) => ({
      document,
      cosine: dot(vector, document.vector),
      bm25: keyword[index] ?? 0,
      entity: query.entities.filter((name) => document.entities.has(name)).length,
    }));
    const ranges = dateRanges(query.dates, options.now);
    const dated = scored.filter(({ document }) =>
      ranges.some(({ from, to }) => document.candidate.saidAt >= from && document.candidate.saidAt < to),
    );
    const inDates = options.dateArm === false ? [] : dated;
    const pool = new Set([
      ...[...inDates].sort((a, b) => b.cosine - a.cosine).slice(0, options.pool),
      ...[...scored].sort((a, b) => b.cosine - a.cosine).slice(0, options.pool),
      ...scored
        .filter((s) => s.bm25 > 0)
        .sort((a, b) => b.bm25 - a.bm25)
        .slice(0, options.pool),
      ...scored.filter((s) => s.entity > 0).slice(0, options.pool),
    ]);
    const inWindowArm = new Set(
      scored
        .filter((s) => s.bm25 > 0)
        .sort((a, b) => b.bm25 - a.bm25)
        .slice(0, options.pool),
    );
    for (const s of [...inDates].sort((a, b) => b.bm25 - a.bm25).slice(0, options.pool)) {
      if (s.bm25 > 0) inWindowArm.add(s);
      if (s.bm25 > 0) pool.add(s);
    }
    const byId = new Map([...pool].map((s) => [s.document.candidate.memoryId, s.document]));
    const candidates = [...pool].map((s) => ({
      ...s.document.candidate,
      cosine: s.cosine,
      bm25: inWindowArm.has(s) ? s.bm25 : 0,
      entity: s.entity,
    }));
    return fuse(candidates, query, options).map((hit) => ({
      hit,
      document: byId.get(hit.candidate.memoryId) as SimulatedDocument,
    }));
  };
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
