import { pointsOutside } from "../anaphora.ts";
import { tellsAttribute } from "../attributes.ts";
import { LONGEST_SENTENCE, tokenize } from "../language.ts";
import type { Segment } from "../segments.ts";
import { isPastForm } from "../verbs.ts";

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

/** A shorter sentence tells little by itself: "Work.", "Best job ever!" In words. */
const SCRAP = 5;

/**
 * Joins sentences up to the word limit; an image, and what points back, stay with what was said before. What tells a
 * common attribute is a statement of its own, so that it can end without its neighbours.
 * @param inPassing in a chat of people.
 */
export function group(segments: readonly Segment[], limit: number, inPassing: boolean): Segment[][] {
  const groups: Segment[][] = [];
  let words = 0;
  let alone = false;
  for (const item of segments) {
    const count = wordCount(item);
    const last = groups.at(-1);
    const own = isStatement(item) && !item.quoted && standsAlone(item, inPassing);
    const leans = !inPassing && isStatement(item) && LEANS.test(item.text);
    const parts: boolean = own ? alone || words > SCRAP : alone && count > SCRAP && !leans;
    const fits = words + count <= limit;
    const joins: boolean =
      item.kind === "image" || (fits && !parts) || (words + count <= 1.5 * limit && pointsBack(item));
    alone = own || (alone && joins);
    if (last && joins) last.push(item);
    else {
      groups.push([item]);
      words = 0;
    }
    words += count;
  }
  return groups;
}

function standsAlone({ apart, text }: Segment, inPassing: boolean): boolean {
  if (tellsAttribute(text, inPassing)) return true;
  return !inPassing && (apart === true || isWhole(text));
}

/** "I collect stamps.", "my boss is called Frank.": of oneself, and of nothing that stands before. */
const OF_SELF =
  /^(?:(?:and|but|also|oh|so|then)[, ]+)*(?:I|my)(?:'\p{Ll}+)? (?:\p{L}[\p{L}'-]* ){0,3}?(?:am|are|is|was|were|have|has|had|do|does|did|can|will|(?!of\b|in\b|on\b|at\b|and\b)\p{L}{2,})\b/iu;

const POINTS =
  /\b(?:he|she|they|him|hers?|them|theirs?|it|its|there|then|this|that|these|those|one|ones|too|either|neither|both|same|instead|another)\b/iu;

/** "I'm running a race for him." */
const LEANS = /\b(?:for|with|to|about|of|at|by|from|without) (?:him|her|them|it)\b/iu;

/** Told to an assistant, a sentence about who tells it is a statement: it can be asked to be forgotten without the next. */
function isWhole(text: string): boolean {
  if (!OF_SELF.test(text) || POINTS.test(text)) return false;
  const tokens = tokenize(text);
  // "I said no." goes on with what was told before.
  const isScrap = tokens.length <= SCRAP && tokens.some(({ lower }) => lower === "quit" || isPastForm(lower));
  return !isScrap && pointsOutside(tokens) === undefined;
}

/** Parts the sentence that answers, with what leans on it, from what follows. */
export function afterAnswer(part: readonly Segment[]): Segment[][] {
  const end = part.findIndex(
    (item, i) => i > 0 && isStatement(item) && wordCount(item) > SCRAP && !pointsBack(item),
  );
  return end < 0 ? [[...part]] : [part.slice(0, end), part.slice(end)];
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

/** True for a sentence that says "it" or "she" of what it has not named. */
export function pointsBack({ kind, text }: Segment): boolean {
  return kind === "statement" && pointsOutside(tokenize(text)) !== undefined;
}
