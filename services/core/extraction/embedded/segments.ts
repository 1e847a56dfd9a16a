import { isCode } from "./code.ts";
import { type Stretch, sentences } from "./language.ts";
import { stripLeadIns } from "./lead-ins.ts";
import { normalize } from "./normalize.ts";
import { isCourtesy, isSmallTalk } from "./small-talk.ts";
import { type VerbatimStretch, veil, verbatimStretches, withoutVeils } from "./verbatim.ts";

export type SegmentKind = "statement" | "question" | "image";

/** A sentence of a turn. */
export interface Segment {
  readonly kind: SegmentKind;
  /** Where it stands in the turn's text. */
  readonly start: number;
  readonly end: number;
  /** Normalised, without greeting, interjection and vocative, verbatim stretches veiled; of an image its caption. */
  readonly text: string;
  /** What is veiled in it. */
  readonly verbatim: readonly string[];
  /** Small words alone: a question gives an answer its meaning, a statement may be one, no more. */
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

const FENCED = /```[\s\S]*?(?:```|$)/g;

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

/** Code is no statement about anyone. */
function withoutCode(text: string): string {
  return text
    .replace(FENCED, blank)
    .split("\n")
    .map((line) => (isCode(line) ? blank(line) : line))
    .join("\n");
}

/** Cuts a turn into sentences; courtesies are left out. */
export function segment(text: string, callable: ReadonlySet<string>): SegmentedTurn {
  const images: Segment[] = [...text.matchAll(IMAGE)].map((match) => ({
    kind: "image",
    start: match.index,
    end: match.index + match[0].length,
    text: normalize(withoutVeils(match[1] ?? "")),
    verbatim: [],
    small: false,
  }));
  // Blanks keep every other offset as it was.
  const spoken = withoutCode(withoutVeils(text).replace(IMAGE, blank));
  const whole = verbatimStretches(spoken);
  const all = sentences(spoken, whole);
  const kept = all.flatMap((stretch) => keep(stretch, whole, callable));
  return { segments: [...kept, ...images.filter((image) => image.text !== "")], answer: answerOf(all[0]) };
}

function keep(
  sentence: Stretch,
  whole: readonly VerbatimStretch[],
  callable: ReadonlySet<string>,
): Segment[] {
  const veiled = veil(sentence, whole);
  const text = stripLeadIns(normalize(veiled.text), callable);
  if (text === "") return [];
  const question = /\?["')]*$/.test(text) && !TAG_QUESTION.test(text);
  const small = isSmallTalk(text, callable);
  if (small && (isCourtesy(text) || (question && text.split(" ").length < 3))) return [];
  const kind = question ? "question" : "statement";
  const { start, end } = sentence;
  return [{ kind, start, end, text: text.replace(TAG_QUESTION, "."), verbatim: veiled.verbatim, small }];
}

function answerOf(first: Stretch | undefined): "yes" | "no" | undefined {
  const word =
    /^\W*(?:oh |well |haha |hey |thanks )*(yes|yeah|yep|yup|yea|sure|definitely|absolutely|of course|totally|no|nope|nah|not yet|not really)\b/i.exec(
      first?.text ?? "",
    )?.[1];
  if (!word) return undefined;
  return /^n/i.test(word) ? "no" : "yes";
}
