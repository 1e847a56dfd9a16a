import { plainPronouns, pointsOutside } from "./anaphora.ts";
import { type ResolvedDate, resolveDates } from "./dates.ts";
import { completion } from "./fragments.ts";
import { type Token, tokenize } from "./language.ts";
import { type Focus, type Persons, rewritePersons } from "./person.ts";
import type { Segment } from "./segments.ts";

/** What stood before a turn and gives its pronouns and short answers their meaning. */
export interface Lead {
  /** The question it answers, rewritten into names, without its question mark. */
  readonly question: string | undefined;
  /** What the turn before was about. */
  readonly topic: string | undefined;
}

export interface Composed {
  readonly text: string;
  readonly dates: readonly ResolvedDate[];
  /** True where the question was written into the text, so that its turn is a source as well. */
  readonly usesQuestion: boolean;
}

interface Part {
  readonly text: string;
  readonly namesSpeaker: boolean;
  readonly outside: boolean;
  readonly phrase: boolean;
  readonly words: number;
  readonly dates: readonly ResolvedDate[];
  readonly focus: Focus;
}

/** An answer of at most this many words is joined with its question. */
const SHORT_ANSWER = 8;

/** Writes one self-contained statement from sentences of one turn. */
export function compose(
  segments: readonly Segment[],
  persons: Persons,
  sentAt: Date,
  lead: Lead,
  answer: "yes" | "no" | undefined,
): Composed {
  const parts: Part[] = [];
  let focus: Focus;
  for (const segment of segments) {
    const part = rewrite(segment, persons, sentAt, focus);
    focus = part.focus;
    parts.push(part);
  }
  const first = parts[0];
  const said = answer ? `said ${answer}` : "said";
  const words = parts.reduce((sum, part) => sum + part.words, 0);
  const name = capitalize(persons.speaker);
  const needsLead = !first || first.outside || first.phrase || answer !== undefined || words <= SHORT_ANSWER;
  let head = "";
  let usesQuestion = false;
  if (needsLead && lead.question) {
    head = `Asked "${capitalize(lead.question)}?", ${persons.speaker} ${said}`;
    usesQuestion = true;
  } else if (first?.outside && lead.topic) {
    head = `${name} said about ${lead.topic}`;
  } else if (!first?.namesSpeaker || first.outside || first.phrase) {
    head = `${name} said`;
  }
  const body = parts.map((part, i) => (i === 0 && head ? part.text : capitalize(part.text))).join(" ");
  const text = head === "" ? capitalize(body) : body === "" ? `${head}.` : `${head}: ${body}`;
  return { text, dates: parts.flatMap((part) => part.dates), usesQuestion };
}

function rewrite(segment: Segment, persons: Persons, sentAt: Date, focus: Focus): Part {
  if (segment.kind === "image") return image(segment, persons, focus);
  const dated = resolveDates(segment.text, sentAt, FUTURE.test(segment.text));
  const tokens = tokenize(dated.text);
  const words = tokens.filter((token) => token.pos !== "PUNCT").length;
  const outside = focus === undefined && pointsOutside(tokens);
  const base = { outside, words, dates: dated.dates };
  const plain = plainPronouns(tokens);
  if (segment.kind === "question") {
    const question = rewritePersons(lowerFirst(plain), persons, "speaker");
    const text = `${persons.speaker} asked ${persons.addressee}: ${question.text}`;
    return { ...base, text, namesSpeaker: true, phrase: false, outside: false, focus: "addressee" };
  }
  const form = completion(plain);
  const completed = complete(plain, form, persons);
  const result = rewritePersons(completed.tokens, persons, focus);
  return {
    ...base,
    outside: outside || completed.outside,
    text: finish(completed.head + result.text),
    namesSpeaker: result.namesSpeaker || completed.head !== "",
    phrase: form.kind === "phrase",
    focus: result.focus ?? focus,
  };
}

const FUTURE =
  /\b(?:will|going to|gonna|'ll|next|tomorrow|soon|plan(?:s|ning)?|hop(?:e|ing)|upcoming|can't wait|looking forward|would|want to|shall|might|is on|are on)\b/i;

function complete(tokens: readonly Token[], form: ReturnType<typeof completion>, persons: Persons) {
  if (form.kind === "prefix") {
    return {
      head: "",
      outside: form.words === "it",
      tokens: tokenize(`${form.words} ${joined(lowerFirst(tokens))}`),
    };
  }
  if (form.kind === "order") {
    const rest = lowerFirst(tokens.slice(form.drop));
    const head = `${persons.speaker} told ${persons.addressee} ${form.negative ? "not to" : "to"} `;
    return { head, outside: false, tokens: rest };
  }
  return { head: "", outside: false, tokens: lowerFirst(tokens) };
}

function image(segment: Segment, persons: Persons, focus: Focus): Part {
  const what = /^(?:a|an|the|two|three|some|\d)\b/i.test(segment.text)
    ? segment.text
    : `an image of ${segment.text}`;
  return {
    text: finish(`${persons.speaker} shared ${what.replace(/[.]+$/, "")}`),
    namesSpeaker: true,
    outside: false,
    phrase: false,
    words: what.split(" ").length,
    dates: [],
    focus: focus ?? "speaker",
  };
}

/** Rewrites a question into names, for a lead. */
export function composeQuestion(text: string, persons: Persons): string {
  return rewritePersons(plainPronouns(tokenize(text)), persons, undefined).text.replace(/[?\s]+$/, "");
}

function joined(tokens: readonly Token[]): string {
  return tokens
    .map((token) => token.space + token.value)
    .join("")
    .trim();
}

/** Names and acronyms keep their capital. */
function lowerFirst(tokens: readonly Token[]): Token[] {
  return tokens.map((token, i) =>
    i === 0 && token.pos !== "PROPN" && /^\p{Lu}(?:\p{Ll}|$)/u.test(token.value) && token.value !== "I"
      ? { ...token, value: token.value.charAt(0).toLowerCase() + token.value.slice(1) }
      : token,
  );
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function finish(text: string): string {
  const trimmed = text.trim().replace(/[\s,;:-]+$/, "");
  return /[.!?]["')]*$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
