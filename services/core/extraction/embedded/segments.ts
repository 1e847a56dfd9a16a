import { type Stretch, sentences } from "./language.ts";
import { stripLeadIns } from "./lead-ins.ts";
import { normalize } from "./normalize.ts";
import { isCourtesy, isSmallTalk } from "./small-talk.ts";

export type SegmentKind = "statement" | "question" | "image";

/** A sentence of a turn that holds something to remember. */
export interface Segment {
  readonly kind: SegmentKind;
  /** Where it stands in the turn's text. */
  readonly start: number;
  readonly end: number;
  /** Normalised, without greeting, interjection and vocative; of an image its caption. */
  readonly text: string;
  /** A question of small words ("What do you do for fun?"): it gives an answer its meaning, no more. */
  readonly small: boolean;
}

export interface SegmentedTurn {
  readonly segments: readonly Segment[];
  /** "yes" or "no" where the turn opens with one. */
  readonly answer: "yes" | "no" | undefined;
}

const IMAGE = /\[(?:image|photo|picture|img)s?:\s*([^\]]+)\]/gi;
const TAG_QUESTION =
  /,\s*(?:right|huh|eh|okay|ok|yeah|no|(?:is|are|was|were|do|does|did|have|has|can|could|will|would)(?:n't)? (?:it|you|they|he|she|we|i))\s*\?+$/i;

/** Fenced code is no statement about anyone. */
const CODE = /```[\s\S]*?(?:```|$)/g;

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

/** Cuts a turn into sentences worth keeping; small talk is left out. */
export function segment(text: string, callable: ReadonlySet<string>): SegmentedTurn {
  const images: Segment[] = [...text.matchAll(IMAGE)].map((match) => ({
    kind: "image",
    start: match.index,
    end: match.index + match[0].length,
    text: normalize(match[1] ?? ""),
    small: false,
  }));
  // Blanks keep every other offset as it was.
  const spoken = text.replace(IMAGE, blank).replace(CODE, blank);
  const all = sentences(spoken);
  const kept = all.flatMap((stretch) => keep(stretch, callable));
  return { segments: [...kept, ...images.filter((image) => image.text !== "")], answer: answerOf(all[0]) };
}

function keep({ start, end, text: sentence }: Stretch, callable: ReadonlySet<string>): Segment[] {
  const text = stripLeadIns(normalize(sentence), callable);
  if (text === "") return [];
  const question = /\?["')]*$/.test(text) && !TAG_QUESTION.test(text);
  const small = isSmallTalk(text, callable);
  if (small && (!question || isCourtesy(text) || text.split(" ").length < 3)) return [];
  return [
    { kind: question ? "question" : "statement", start, end, text: text.replace(TAG_QUESTION, "."), small },
  ];
}

function answerOf(first: Stretch | undefined): "yes" | "no" | undefined {
  const word =
    /^\W*(?:oh |well |haha |hey |thanks )*(yes|yeah|yep|yup|yea|sure|definitely|absolutely|of course|totally|no|nope|nah|not yet|not really)\b/i.exec(
      first?.text ?? "",
    )?.[1];
  if (!word) return undefined;
  return /^n/i.test(word) ? "no" : "yes";
}
