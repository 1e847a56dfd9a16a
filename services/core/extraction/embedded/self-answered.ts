import { finite, isDangling } from "./finite.ts";
import { completion } from "./fragments.ts";
import { tokenize } from "./language.ts";
import { ADVERBIAL } from "./people/agreement.ts";
import type { Segment } from "./segments.ts";

const GUESS = /^guess (?:who|what|where|when|which|how)\b/i;
/** "(Guess) who got promoted": the answer is the subject. */
const WHO_DID = /^(?:guess (?:who|what)|who)(?<did>(?: |'s ).+?)[?!.:\s]*$/i;
const OF_ANOTHER = /\b(?:you|your|yours)\b|\b(?:should|do|can|could|may) (?:I|we)\b/i;
/** "Planning a trip.", "[a photo]". */
const NO_ANSWER = /^(?:\w+ing (?=\S)|\[)/i;
const GUESSED = /^(?<guess>guess who[^:,-]+?)(?::| -|,) (?<answer>[^:,-]+)$/i;
/** What is longer is no answer in a word or two. In words. */
const SHORT = 8;

/** Joins what a speaker asks and at once answers: "Guess who got promoted? Me!", "The best part? The view." */
export function withOwnAnswers(segments: readonly Segment[]): Segment[] {
  const told: Segment[] = [];
  // One answer each: what it makes may read as a question again.
  let asked: Segment | undefined;
  for (const segment of segments) {
    if (asked && asks(asked) && isShortAnswer(segment)) {
      told.splice(-1, 1, answered(asked, segment));
      asked = undefined;
    } else {
      asked = guessed(segment);
      told.push(asked);
    }
  }
  return told;
}

/** "Guess who got promoted: me!" */
function guessed(segment: Segment): Segment {
  const { guess, answer } = GUESSED.exec(segment.text)?.groups ?? {};
  const text = guess && answer && segment.kind === "statement" ? asSubject(guess, answer) : undefined;
  return text ? { ...segment, text, small: false } : segment;
}

/** No question that waits for another's answer. */
function asks({ kind, text, quoted }: Segment): boolean {
  if (quoted || kind === "image") return false;
  return GUESS.test(text) || (kind === "question" && !OF_ANOTHER.test(text) && !isInverted(text));
}

/** "Is it far?", not "the best part?" */
function isInverted(text: string): boolean {
  return tokenize(text)[0]?.pos === "AUX";
}

/** A noun phrase or a clause that hangs: "me", "my sister", "because he loves it". */
function isShortAnswer({ kind, quoted, listed, small, text, verbatim }: Segment): boolean {
  if (kind !== "statement" || quoted || listed || verbatim.length > 0 || text.split(" ").length > SHORT)
    return false;
  if (small) return /^(?:me|us|mine|ours|yours)[.!]*$/i.test(text);
  if (NO_ANSWER.test(text)) return false;
  const tokens = tokenize(text);
  const named = tokens.some(({ pos }) => pos === "NOUN" || pos === "PROPN" || pos === "NUM");
  return isDangling(tokens) || (named && !finite(tokens) && completion(tokens).kind === "phrase");
}

/** "Me!" to "Guess who got promoted?" is "I got promoted." */
function answered(asked: Segment, answer: Segment): Segment {
  const text = asSubject(asked.text, answer.text) ?? `${asked.text} ${answer.text}`;
  return { ...asked, end: answer.end, kind: "statement", text, small: false };
}

function asSubject(question: string, answer: string): string | undefined {
  const did = WHO_DID.exec(question)
    ?.groups?.did?.replace(/^'s(?= (?:been|got|had|become)\b)/, " has")
    .replace(/^'s/, " is");
  if (!did || !isVerb(did)) return undefined;
  const subject = answer
    .replace(/[.!\s]+$/, "")
    .replace(/^me$/i, "I")
    .replace(/^us$/i, "we");
  return `${subject}${did}.`;
}

function isVerb(did: string): boolean {
  const first = tokenize(did).find((token) => token.pos !== "ADV" && !ADVERBIAL.has(token.lower));
  return (
    first !== undefined &&
    /^(?:VERB|AUX)$/.test(first.pos) &&
    !/^(?:know|knows|care|cares)$/.test(first.lower)
  );
}
