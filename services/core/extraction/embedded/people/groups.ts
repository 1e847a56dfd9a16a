import { pointsOutside } from "../anaphora.ts";
import { LONGEST_SENTENCE, tokenize } from "../language.ts";
import type { Segment } from "../segments.ts";

/** Neither a question nor an image. */
export function isStatement({ kind }: Segment): boolean {
  return kind === "statement";
}

/** From the first sentence to the last. */
export function spanOf(part: readonly Segment[]): { start: number; end: number } {
  return { start: Math.min(...part.map((s) => s.start)), end: Math.max(...part.map((s) => s.end)) };
}

/** With what is veiled. */
export function wordCount({ text, verbatim }: Segment): number {
  return [text, ...verbatim].reduce((sum, part) => sum + part.split(" ").length, 0);
}

/** Joins sentences up to the word limit; an image, and what points back, stay with what was said before. */
export function group(segments: readonly Segment[], limit: number): Segment[][] {
  const groups: Segment[][] = [];
  let words = 0;
  for (const item of segments) {
    const count = wordCount(item);
    const last = groups.at(-1);
    const joins =
      words + count <= limit || item.kind === "image" || (words + count <= 1.5 * limit && pointsBack(item));
    if (last && joins) last.push(item);
    else {
      groups.push([item]);
      words = 0;
    }
    words += count;
  }
  return groups;
}

/**
 * Cuts a group whose few words are long: together its sentences are no longer than the longest one may be, an image's
 * caption apart.
 */
export function cutToLength(part: readonly Segment[]): Segment[][] {
  const cut: Segment[][] = [];
  let length = 0;
  for (const item of part) {
    const own = item.end - item.start;
    length += own;
    if (cut.length > 0 && length <= LONGEST_SENTENCE) cut.at(-1)?.push(item);
    else {
      cut.push([item]);
      length = own;
    }
  }
  return cut;
}

function pointsBack({ kind, text }: Segment): boolean {
  return kind === "statement" && pointsOutside(tokenize(text)) !== undefined;
}
