import type { DroppedTurn, ExtractionOutput, Statement } from "@mneme/core/extraction/extractor.ts";
import { folded, OTHER } from "@mneme/core/extraction/sort-statements.ts";
import type { SourceSpan, ValidTime } from "@mneme/core/memory/memory.ts";
import type { Answer, AnsweredStatement } from "./answer.ts";
import { QuotedText } from "./evidence.ts";
import type { Piece } from "./pieces.ts";

/** What one answer says about its pieces, grounded. */
export interface Grounded extends ExtractionOutput {
  /** Statements left out because their evidence is not in any message. */
  readonly ungrounded: number;
}

/**
 * Turns an answer into statements. Each must rest on words that stand in a new message: one whose first quote
 * is not found is left out, so that nothing is remembered that nobody said. Every turn ends up as a source or as
 * dropped.
 */
export function groundAnswer(
  answer: Answer,
  pieces: readonly Piece[],
  categories: readonly string[],
): Grounded {
  const quotable = pieces.map((piece) => ({ piece, text: new QuotedText(piece.text) }));
  const statements = new Map<string, Statement>();
  const filtered = new Set<string>();
  let ungrounded = 0;
  for (const answered of answer.statements) {
    const sources = toSources(answered, quotable);
    if (!sources) {
      ungrounded++;
      for (const { message } of answered.evidence) {
        const piece = pieces[message - 1];
        if (piece) filtered.add(piece.turn.messageId);
      }
      continue;
    }
    const key = answered.text.toLowerCase();
    const twin = statements.get(key);
    statements.set(
      key,
      twin
        ? { ...twin, sources: withoutRepeats([...twin.sources, ...sources]) }
        : toStatement(answered, sources, categories, pieces),
    );
  }
  const all = [...statements.values()];
  return {
    statements: all,
    dropped: droppedTurns(answer, pieces, all, filtered),
    summary: answer.summary || undefined,
    ungrounded,
  };
}

interface QuotablePiece {
  readonly piece: Piece;
  readonly text: QuotedText;
}

/** Undefined if the quote that should say it is not found; later quotes only add. */
function toSources(
  { evidence }: AnsweredStatement,
  quotable: readonly QuotablePiece[],
): SourceSpan[] | undefined {
  const spans = evidence.map(({ message, quote }) => findSource(message, quote, quotable));
  if (!spans[0]) return undefined;
  return withoutRepeats(spans.filter((span) => span !== undefined));
}

function withoutRepeats(spans: readonly SourceSpan[]): SourceSpan[] {
  const seen = new Map(spans.map((span) => [`${span.messageId} ${span.start} ${span.end}`, span]));
  return [...seen.values()];
}

/** In the message that is cited, else in the only other one that holds the quote: models miscount. */
function findSource(
  message: number,
  quote: string,
  quotable: readonly QuotablePiece[],
): SourceSpan | undefined {
  const cited = quotable[message - 1];
  const found = cited && spanIn(cited, quote);
  if (found) return found;
  const elsewhere = quotable.flatMap((one) => spanIn(one, quote) ?? []);
  return elsewhere.length === 1 ? elsewhere[0] : undefined;
}

function spanIn({ piece: { turn, offset }, text }: QuotablePiece, quote: string): SourceSpan | undefined {
  const span = text.locate(quote);
  return span && { messageId: turn.messageId, start: offset + span.start, end: offset + span.end };
}

function toStatement(
  answered: AnsweredStatement,
  sources: readonly SourceSpan[],
  categories: readonly string[],
  pieces: readonly Piece[],
): Statement {
  const { text, kind, category, confidence, importance, entities, relations } = answered;
  const named = new Set(entities.map(({ name }) => name));
  const said = pieces.find(({ turn }) => turn.messageId === sources[0]?.messageId)?.turn;
  const role = said?.role;
  return {
    text,
    kind,
    category: categories.find((one) => folded(one) === category) ?? OTHER,
    confidence,
    importance,
    // Who said it is known better than the model tells it.
    origin:
      role === "tool" ? "tool" : role === "user" && answered.origin !== "tool" ? answered.origin : "inferred",
    entities,
    relations: relations
      .filter(({ source, target }) => named.has(source) && named.has(target))
      .map((relation) => ({ ...relation, type: snakeCase(relation.type) })),
    sources,
    valid: toValidTime(answered, said?.sentAt),
    embeddingText: text,
  };
}

function snakeCase(text: string): string {
  const snake = text.replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1_$2").toLowerCase();
  return snake.replace(/[^\p{L}\p{N}]+/gu, "_").replace(/^_+|_+$/g, "") || "related_to";
}

function toValidTime({ valid_from, valid_to }: AnsweredStatement, saidAt: Date | undefined): ValidTime {
  const from = toDate(valid_from);
  const to = toDate(valid_to);
  // What ends before it was said would never be found, unless it is told since when it held.
  const since = from ?? saidAt;
  const isOver = to && since && to <= since;
  return { from, to: isOver ? undefined : to };
}

/** `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or a full time with a zone; anything else is no date. */
function toDate(text: string | null): Date | undefined {
  if (!text || !/^\d{4}(-\d{2}(-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?)?)?$/.test(text.trim())) return undefined;
  const date = new Date(text.trim());
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function droppedTurns(
  answer: Answer,
  pieces: readonly Piece[],
  statements: readonly Statement[],
  filtered: ReadonlySet<string>,
): DroppedTurn[] {
  const used = new Set(statements.flatMap(({ sources }) => sources.map(({ messageId }) => messageId)));
  const reasons = new Map<string, DroppedTurn["reason"]>();
  for (const { turn } of pieces) {
    if (!used.has(turn.messageId)) reasons.set(turn.messageId, "not_about_anyone");
  }
  for (const { message, reason } of answer.skipped) {
    const id = pieces[message - 1]?.turn.messageId;
    if (id && reasons.has(id)) reasons.set(id, reason);
  }
  for (const id of filtered) if (reasons.has(id)) reasons.set(id, "filtered");
  return [...reasons].map(([messageId, reason]) => ({ messageId, reason }));
}
