import { type Answer, answerOf, isReply } from "./answers.ts";
import { type ClauseStretch, clausesApart } from "./clauses-apart.ts";
import { isCode } from "./code.ts";
import { undecorated } from "./emoji.ts";
import { isForeign } from "./foreign.ts";
import { type Stretch, sentences } from "./language.ts";
import { stripLeadIns } from "./lead-ins.ts";
import { normalize, tidy } from "./normalize.ts";
import { isClarifying, isCourtesy, isSmallTalk } from "./small-talk.ts";
import { isMocked } from "./unreal.ts";
import {
  pasted,
  type VerbatimStretch,
  veil,
  verbatimStretches,
  withoutMoods,
  withoutVeils,
} from "./verbatim.ts";

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
  /** Of a text that the turn hands on, another's: given word for word. */
  readonly quoted: boolean;
  /** An item of a list: "- buy milk" asks nobody to. */
  readonly listed: boolean;
  /** Small words alone: a question gives an answer its meaning, a statement may be one, no more. */
  readonly small: boolean;
  /** A clause that tells a fact of its own. */
  readonly apart?: true;
}

export interface SegmentedTurn {
  readonly segments: readonly Segment[];
  /** Where the turn opens with one. */
  readonly answer: Answer | undefined;
  /** It ends with "And you?". */
  readonly returns: boolean;
}

const IMAGE = /\[(?:image|photo|picture|img)s?:([^\]]{1,2000})\]/gi;
const TAG_QUESTION =
  /,\s*(?:right|huh|eh|okay|ok|yeah|no|(?:is|are|was|were|do|does|did|have|has|ca|can|could|wo|will|would)(?:n't)? (?:it|you|they|he|she|we|i))\s*\?+$/i;

/** "You eat fish, right?": only who is asked knows. */
const OF_YOU = /^(?:(?:so|and|but|well|then)[, ]+)*you\b/i;
/** "Which one?" gives "the left one" its meaning. */
const ELLIPTIC = /^(?:which|when|where|who|why|how (?:much|many|long|old|far|often))\b/i;

/** "You?" alone, or "..., and you?" behind what was told. */
const RETURNS = /(?:^(?:(?:and|so)\b,? )?|[,;] *and )(?:you|yours|yourself)(?:, \p{L}+)?\s*\?+$/iu;
const RETURNED = /(?<=\S)[,;] *and (?:you|yours|yourself)\s*\?+$/i;

/** "Really?!" */
const AMAZED = /(?<![?!])[?!]+(?=["')]*$)/;

const LISTED = /^(?:[-*•]|\d{1,2}[.)])\s/;

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

/**
 * Cuts a turn into sentences; courtesies are left out.
 * @param inPassing in a chat of people.
 */
export function segment(text: string, callable: ReadonlySet<string>, inPassing: boolean): SegmentedTurn {
  const images: Segment[] = [...text.matchAll(IMAGE)].map((match) => ({
    kind: "image",
    start: match.index,
    end: match.index + match[0].length,
    text: normalize(withoutVeils(match[1] ?? "").trim()),
    verbatim: [],
    quoted: false,
    listed: false,
    small: false,
  }));
  // Blanks keep every other offset as it was.
  const decorated = withoutCode(withoutVeils(text).replace(IMAGE, blank));
  const given = verbatimStretches(decorated);
  const { text: spoken, words } = undecorated(decorated, given);
  const whole = [...given, ...words].sort((a, b) => a.start - b.start);
  const all = sentences(spoken, whole)
    .filter(({ text: sentence }) => !isMocked(normalize(sentence)))
    .flatMap((sentence) => clausesApart(sentence, { whole, callable, inPassing }));
  const letter = pasted(spoken);
  const kept = all.flatMap((stretch) =>
    letter && stretch.start >= letter.start && stretch.end <= letter.end
      ? [quoted(stretch)]
      : keep(stretch, whole, callable),
  );
  return {
    segments: [...kept, ...images.filter((image) => image.text !== "")],
    answer: answerOf(all[0]?.text ?? ""),
    returns: RETURNS.test(all.at(-1)?.text ?? ""),
  };
}

function quoted(sentence: Stretch): Segment {
  const { start, end } = sentence;
  const veiled = veil(sentence, [sentence]);
  return { kind: "statement", start, end, ...veiled, quoted: true, listed: false, small: false };
}

function keep(
  sentence: ClauseStretch,
  whole: readonly VerbatimStretch[],
  callable: ReadonlySet<string>,
): Segment[] {
  const veiled = veil(sentence, whole);
  // What English would shorten is a word elsewhere: "im", "ya", "u".
  const said = sentence.subject ? `${sentence.subject} ${veiled.text}` : veiled.text;
  const read = isForeign(said) ? tidy(said) : stripLeadIns(normalize(said), callable);
  const plain = read.replace(AMAZED, (marks) => (marks.includes("?") ? "?" : marks));
  const text = plain.replace(RETURNED, ".");
  if (text === "") return [];
  const question = /\?["')]*$/.test(text) && (OF_YOU.test(text) || !TAG_QUESTION.test(text));
  const small = isSmallTalk(withoutMoods(text, veiled.verbatim), callable) || isClarifying(text);
  const bare = question && text.split(" ").length < 3 && !ELLIPTIC.test(text);
  if (small && (bare || (isCourtesy(text) && !isReply(text)))) return [];
  const kind = question ? "question" : "statement";
  const { start, end } = sentence;
  const listed = LISTED.test(sentence.text);
  return [
    {
      kind,
      start,
      end,
      text: text.replace(TAG_QUESTION, question ? "?" : "."),
      verbatim: veiled.verbatim,
      quoted: false,
      listed,
      small,
      ...(sentence.apart && { apart: true }),
    },
  ];
}
