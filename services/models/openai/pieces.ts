import type { Turn } from "@mneme/core/extraction/extractor.ts";

/** A turn's text, or a stretch of a long one. */
export interface Piece {
  readonly turn: Turn;
  /** Where `text` starts in the turn's text, in UTF-16 units. */
  readonly offset: number;
  readonly text: string;
}

export interface ChunkLimits {
  /** Pieces a request. */
  readonly maxPieces: number;
  /** Characters a request, and a piece. */
  readonly maxCharacters: number;
}

/** Splits turns into requests that a model answers well: in order, every character of every turn once. */
export function toChunks(turns: readonly Turn[], limits: ChunkLimits): Piece[][] {
  const chunks: Piece[][] = [];
  let current: Piece[] = [];
  let characters = 0;
  for (const piece of turns.flatMap((turn) => toPieces(turn, limits.maxCharacters))) {
    const full = current.length >= limits.maxPieces || characters + piece.text.length > limits.maxCharacters;
    if (current.length > 0 && full) {
      chunks.push(current);
      current = [];
      characters = 0;
    }
    current.push(piece);
    characters += piece.text.length;
  }
  if (current.length > 0) chunks.push(current);
  return chunks;
}

function toPieces(turn: Turn, maxCharacters: number): Piece[] {
  const pieces: Piece[] = [];
  for (let offset = 0; offset < turn.text.length; ) {
    const end = breakBefore(turn.text, offset, offset + maxCharacters);
    pieces.push({ turn, offset, text: turn.text.slice(offset, end) });
    offset = end;
  }
  return pieces;
}

/** The best place to cut in the last half: after a paragraph, a sentence, a word; else between characters. */
function breakBefore(text: string, start: number, end: number): number {
  if (end >= text.length) return text.length;
  const half = start + Math.ceil((end - start) / 2);
  for (const mark of ["\n\n", "\n", ". ", " "]) {
    const at = text.lastIndexOf(mark, end - mark.length);
    if (at >= half) return at + mark.length;
  }
  // Not between the halves of a surrogate pair.
  const splitsPair = /[\ud800-\udbff]/.test(text[end - 1] ?? "") && end - 1 > start;
  return splitsPair ? end - 1 : end;
}
