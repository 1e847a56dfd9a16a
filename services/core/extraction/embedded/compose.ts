import { type Pointing, plainPronouns, pointsOutside } from "./anaphora.ts";
import type { ResolvedDate, Tense } from "./date-phrases.ts";
import { resolveDates } from "./dates.ts";
import { completion, isCommonWord } from "./fragments.ts";
import { type Token, tokenize } from "./language.ts";
import { type Focus, type Persons, rewritePersons } from "./person.ts";
import type { Segment } from "./segments.ts";
import { isPastForm } from "./verbs.ts";

/** What stood before a turn and gives its pronouns and short answers their meaning. */
export interface Lead {
  /** The question it answers, rewritten into names, without its question mark. */
  readonly question: string | undefined;
  /** True where the question says "she" or "him" of someone it does not name. */
  readonly asksAboutPerson: boolean;
  /** What the turn before was about. */
  readonly topic: string | undefined;
  /** The person or animal named last, whom "she" or "him" may mean. */
  readonly person: string | undefined;
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
  readonly outside: Pointing;
  readonly phrase: boolean;
  /** Starts with "it", "there", "they": what is said of whom comes late. */
  readonly opensVaguely: boolean;
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
  const topic = first?.outside === "person" ? lead.person : lead.topic;
  let head = "";
  let usesQuestion = false;
  if (needsLead && lead.question) {
    const about = lead.asksAboutPerson && lead.person ? ` about ${lead.person}` : "";
    head = `${name}, asked${about} "${capitalize(lead.question)}?", ${said}`;
    usesQuestion = true;
  } else if (first?.outside && topic) {
    head = `${name} said about ${topic}`;
  } else if (!first?.namesSpeaker || first.phrase || first.opensVaguely) {
    head = `${name} said`;
  }
  const body = parts.map((part, i) => (i === 0 && head ? part.text : capitalize(part.text))).join(" ");
  const text = head === "" ? capitalize(body) : body === "" ? `${head}.` : `${head}: ${body}`;
  return { text, dates: parts.flatMap((part) => part.dates), usesQuestion };
}

function rewrite(segment: Segment, persons: Persons, sentAt: Date, focus: Focus): Part {
  if (segment.kind === "image") return image(segment, persons, focus);
  const dated = resolveDates(segment.text, sentAt, (at) => tenseAt(segment.text, at));
  const tokens = tokenize(dated.text);
  const words = tokens.filter((token) => token.pos !== "PUNCT").length;
  const outside = focus === undefined ? pointsOutside(tokens) : undefined;
  const base = { outside, words, dates: dated.dates, opensVaguely: false };
  const plain = plainPronouns(tokens);
  if (segment.kind === "question") {
    const question = rewritePersons(lowerFirst(plain), persons, "speaker");
    const text = `${persons.speaker} asked ${persons.addressee}: ${question.text}`;
    return { ...base, text, namesSpeaker: true, phrase: false, outside: undefined, focus: "addressee" };
  }
  const form = completion(plain);
  const completed = complete(plain, form, persons);
  const result = rewritePersons(completed.tokens, persons, completed.focus ?? focus);
  return {
    ...base,
    outside: outside ?? completed.outside,
    text: finish(completed.head + result.text),
    namesSpeaker: result.namesSpeaker || completed.head !== "",
    phrase: form.kind === "phrase",
    opensVaguely: completed.head === "" && VAGUE_OPENING.test(result.text),
    focus: result.focus ?? focus,
  };
}

/** Group 1: words that speak of the future; else any word, which may be a past form. */
const TENSED =
  /\b(will|going to|gonna|'ll|next|tomorrow|soon|plan(?:s|ning)?|hop(?:e|ing)|upcoming|can't wait|looking forward|would|want to|shall|might|is on|are on)\b|\b(?:i|we|you|they) ((?!will\b|would\b|might\b|shall\b|plan|hop|want to\b|am\b|are\b|just\b|also\b|really\b|have\b)[a-z]+)|[a-z]+/gi;

/** The tense of the last verb before a place in the text, of the first behind it where none stands before. */
function tenseAt(text: string, at: number): Tense {
  let tense: Tense | undefined;
  for (const match of text.matchAll(TENSED)) {
    const future = match[1] !== undefined;
    // A verb behind "I" that is no past form is present: "they hired me and I start on 1 June".
    const verb = match[2] ?? match[0];
    const past = isPastForm(verb.toLowerCase());
    if (!future && !past && match[2] === undefined) continue;
    if (match.index > at && tense) break;
    tense = future ? "future" : past ? "past" : "present";
    if (match.index > at) break;
  }
  return tense ?? "present";
}

const VAGUE_OPENING =
  /^(?:(?:just|also|sometimes|maybe|honestly|and|but|so|because|yet|if|when|since|after|then|now|still|even|though|although|plus)[, ]+)*(?:it|there|here|they|he|she|this|that|these|those|what|who|how|them|his|her|its|their)\b/i;

function complete(tokens: readonly Token[], form: ReturnType<typeof completion>, persons: Persons) {
  if (form.kind === "prefix") {
    return {
      head: "",
      outside: form.words === "it" ? ("thing" as const) : undefined,
      tokens: tokenize(`${form.words} ${joined(lowerFirst(tokens))}`),
    };
  }
  if (tokens[0]?.lower === "let" && tokens[1]?.lower === "us") {
    const head = `${persons.speaker} suggested that ${persons.speaker} and ${persons.addressee} `;
    return { head, outside: undefined, tokens: tokens.slice(2), focus: "group" as const };
  }
  if (form.kind === "order") {
    const spoken = form.negative
      ? tokens.slice(form.drop)
      : tokens.slice(tokens.findIndex((t) => !/^(?:please|just|,)$/.test(t.lower)));
    const rest = lowerFirst(spoken);
    const head = `${persons.speaker} told ${persons.addressee} ${form.negative ? "not to" : "to"} `;
    return { head, outside: undefined, tokens: rest, focus: "addressee" as const };
  }
  return { head: "", outside: undefined, tokens: lowerFirst(tokens), focus: undefined };
}

const PICTURED =
  /^(?:(?:an?|the|this|my|our|some|two|three|several) )?(?:\w+ ){0,2}(?:photo\w*|picture|image|painting|drawing|sketch|screenshot|poster|map|chart|diagram|selfie|close ?up)s?\b/i;

function image(segment: Segment, persons: Persons, focus: Focus): Part {
  const what = PICTURED.test(segment.text) ? segment.text : `a picture of ${segment.text}`;
  return {
    text: finish(`${persons.speaker} shared ${what.replace(/[.]+$/, "")}`),
    namesSpeaker: true,
    outside: undefined,
    phrase: false,
    opensVaguely: false,
    words: what.split(" ").length,
    dates: [],
    focus: focus ?? "speaker",
  };
}

/** Rewrites a question into names, for a lead. */
export function composeQuestion(
  text: string,
  persons: Persons,
  sentAt: Date,
): Pick<Lead, "question" | "asksAboutPerson"> {
  const tokens = tokenize(resolveDates(text, sentAt, (at) => tenseAt(text, at)).text);
  const question = rewritePersons(plainPronouns(tokens), persons, undefined).text.replace(/[?\s]+$/, "");
  return { question, asksAboutPerson: pointsOutside(tokens) === "person" };
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
    i === 0 &&
    (token.pos !== "PROPN" || isCommonWord(token.lower)) &&
    /^\p{Lu}(?:\p{Ll}|$)/u.test(token.value) &&
    token.value !== "I"
      ? { ...token, value: token.value.charAt(0).toLowerCase() + token.value.slice(1) }
      : token,
  );
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function finish(text: string): string {
  const trimmed = text
    .trim()
    .replace(/[\s,;:-]+$/, "")
    .replace(/!+(?=["')]*$)/, ".");
  return /[.?]["')]*$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
