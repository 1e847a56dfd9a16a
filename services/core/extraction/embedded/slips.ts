import type { Turn } from "../extractor.ts";
import { sentences, type Token, tokenize } from "./language.ts";

/** A correction comes soon behind what it corrects. */
const WITHIN_MS = 60 * 60_000;
/** In words; a longer message tells more than a correction. */
const LONGEST = 10;
/** In UTF-16 code units: no ten words are longer. */
const LONGEST_TEXT = 400;
/** In words; a longer sentence holds more that could be meant. */
const LONGEST_CORRECTED = 20;

const ADMITS =
  "(?:sorry|oops|whoops|typo|correction|my (?:mistake|bad)|scratch that|no|nope|wait|no wait|ah|oh|actually|i (?:meant|mean)(?: to (?:say|write|type))?|meant)";
const VALUE = "(?<value>[\\p{L}\\p{N}][\\p{L}\\p{N}:.'’-]*(?: [\\p{L}\\p{N}][\\p{L}\\p{N}:.'’-]*){0,3}?)";
const OTHER = "(?<other>[\\p{L}\\p{N}][\\p{L}\\p{N}:.'’-]*(?: [\\p{L}\\p{N}][\\p{L}\\p{N}:.'’-]*){0,2}?)";
const IS = "(?:it'?s |that'?s |it is |make (?:that|it) |should be )?";
const TAIL =
  "(?: with an? \\p{L}(?: at the end)?)?(?:,? (?:sorry|my (?:mistake|bad)|i (?:meant|mean)|instead))*";

/** "Sorry, Oslo", "I meant Oslo, not Bergen", "Not Bergen, Oslo", "Oslo, I mean", "make that five", "no, not any more. Oslo now". */
const FORMS = [
  `^not (?<other>[\\p{L}\\p{N}][\\p{L}\\p{N} :.'’-]{0,30}?)[,;.:–—-]+ ?(?:but )?${IS}${VALUE}${TAIL}$`,
  `^(?:${ADMITS}[,:;.!…–—-]* )+${IS}(?:the )?${VALUE}(?:,? (?:not|instead of) (?:the )?${OTHER})?${TAIL}$`,
  `^${VALUE}(?:,? (?:sorry|i (?:meant|mean)|my (?:mistake|bad)|instead))+(?:,? not ${OTHER})?$`,
  `^(?:${ADMITS}[,:;.!…–—-]* )*it'?s (?:actually )?(?:spelled|spelt|written) (?:as )?${VALUE}(?:,? not ${OTHER})?(?:,? (?:actually|by the way|btw))?$`,
  `^make (?:that|it) ${VALUE}${TAIL}$`,
  `^(?:no[,.]? )?not any ?more[,.;:!–—-]* ${VALUE} (?:now|these days)$`,
].map((form) => new RegExp(form, "iu"));

/**
 * Turns, each that only corrects a word of what its speaker said just before told as that sentence with the word in its
 * place: "I live in Bergen." - "Sorry, Oslo." says "I live in Oslo, not Bergen."
 */
export function withSlips(turns: readonly Turn[]): readonly Turn[] {
  const told: Turn[] = [];
  for (const [i, turn] of turns.entries()) {
    const before = saidBefore(told, turns, i);
    const text = before && correctedBy(turn.text, before.text, before.isAnswered);
    told.push(text ? { ...turn, text } : turn);
  }
  return told;
}

/** The last sentence of what the same speaker said last, with at most an answer in between. */
function saidBefore(told: readonly Turn[], turns: readonly Turn[], at: number) {
  const turn = turns[at] as Turn;
  if (turn.role !== "user") return undefined;
  const first = turns[at - 1];
  const isAnswered = first?.role === "assistant";
  const own = isAnswered ? at - 2 : at - 1;
  const said = told[own];
  if (!said || said.role !== turn.role || said.name !== turn.name || said.sessionId !== turn.sessionId)
    return undefined;
  const passed = turn.sentAt.getTime() - said.sentAt.getTime();
  if (passed < 0 || passed > WITHIN_MS) return undefined;
  const last = sentences(said.text).at(-1)?.text;
  if (!last || last.endsWith("?") || last.split(/\s+/).length > LONGEST_CORRECTED) return undefined;
  // What was put right once is told without what it was before.
  const text = said === turns[own] ? last : last.replace(/, not [^,.!]+,?/u, "");
  return { text, isAnswered };
}

/** Says that something was wrong: a bare "no" may answer what was asked. */
const STRONG =
  /\b(?:sorry|oops|whoops|typo|correction|i (?:meant|mean)|my (?:mistake|bad)|scratch that|make (?:that|it)|spelled|spelt|written|not any ?more)\b|\bnot \p{L}/iu;

/**
 * @param isAnswered the assistant spoke in between: what follows may answer it.
 * @returns the sentence that is meant; undefined where no word of the one before plainly makes way.
 */
export function correctedBy(said: string, before: string, isAnswered = false): string | undefined {
  const trimmed = said.trim();
  if (trimmed.length > LONGEST_TEXT) return undefined;
  const plain = trimmed.replace(/[.!]+$/, "");
  const isStrong = STRONG.test(plain);
  if (plain.split(/\s+/).length > LONGEST || (isAnswered && !isStrong)) return undefined;
  const groups = FORMS.map((form) => form.exec(plain)?.groups).find((found) => found !== undefined);
  if (groups?.value === undefined || TELLS.test(groups.value)) return undefined;
  const swap = groups.other
    ? named(groups.value, groups.other, before)
    : swapOf(groups.value, before, isStrong);
  if (!swap || swap.old.toLowerCase() === swap.value.toLowerCase()) return undefined;
  const { old, value } = swap;
  const at = placeOf(old, before)?.index;
  if (at === undefined) return undefined;
  const behind = before.slice(at + old.length);
  return `${before.slice(0, at)}${value}, not ${old}${/^[.!,;]|^$/.test(behind) ? behind : `,${behind}`}`;
}

/** What takes the place of what. */
interface Swap {
  readonly old: string;
  readonly value: string;
}

/** Says more than a value: "sorry, let me check", "no, I was late". */
const TELLS =
  /\b(?:i|you|we|he|she|it|they|me|us|is|am|are|was|were|be|do|does|did|have|has|had|can|could|will|would|let|for|about|that|this|there|thanks?|problem|worries|idea|way|one|know|think|mind|please|yes|no|ok|okay|late|now|then)\b/i;

function named(value: string, other: string, before: string): Swap | undefined {
  return swapped(placeOf(other, before)?.[0], value);
}

/** Where a text stands last, as words of its own. */
function placeOf(words: string, text: string): RegExpExecArray | undefined {
  const escaped = words.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
  return [...text.matchAll(new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, "giu"))].at(-1);
}

const DAY = /\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b/i;
const MONTH = "(?:january|february|march|april|may|june|july|august|september|october|november|december)";
const DATE = new RegExp(
  `\\b(?:\\d{1,2}(?:st|nd|rd|th)? ${MONTH}|${MONTH} \\d{1,2}(?:st|nd|rd|th)?)\\b`,
  "iu",
);
const ORDINAL = /\b\d{1,2}(?:st|nd|rd|th)\b/i;
const NUMBER =
  /\b(?:\d[\d.,:]*(?: ?[ap]m)?|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty)\b/gi;

/** The one place of a sentence that holds what a value could stand for: a day, a date, a number, a name, a thing. */
function swapOf(value: string, before: string, isStrong: boolean): Swap | undefined {
  for (const kind of [DATE, DAY]) {
    if (kind.test(value)) return swapped(kind.exec(before)?.[0], value);
  }
  if (ORDINAL.test(value)) return ordinalSwap(value, before);
  const [number] = value.match(NUMBER) ?? [];
  if (number !== undefined && value.startsWith(number)) return numberSwap(value, number, before);
  const tokens = tokenize(before);
  const name = /^\p{Lu}/u.test(value) ? lastRun(before, tokens, ({ pos }) => pos === "PROPN") : undefined;
  if (name) return { old: name, value };
  const last = tokens.findLast(({ pos }) => pos !== "PUNCT");
  const [only, ...more] = tokenize(value.toLowerCase());
  // "As a nurse." - "No, stressful." puts nothing right.
  const isLike = more.length === 0 && only?.pos === last?.pos && /^(?:NOUN|ADJ)$/.test(last?.pos ?? "");
  const isBare = isStrong && isLike;
  return isBare ? swapped(last?.value, value.toLowerCase()) : undefined;
}

function swapped(old: string | undefined, value: string): Swap | undefined {
  return old === undefined ? undefined : { old, value };
}

/** "The 4th" of "on 3 May" is "4 May". */
function ordinalSwap(value: string, before: string): Swap | undefined {
  const date = DATE.exec(before)?.[0];
  const digits = /\d{1,2}/.exec(value)?.[0] ?? "";
  return date
    ? { old: date, value: date.replace(/\d{1,2}/, digits) }
    : swapped(ORDINAL.exec(before)?.[0], value);
}

function numberSwap(value: string, number: string, before: string): Swap | undefined {
  const numbers = before.match(NUMBER) ?? [];
  const [old] = numbers;
  if (old === undefined || numbers.length > 1) return undefined;
  const unit = value.slice(number.length);
  const whole = `${old}${unit}`;
  return before.includes(whole) ? { old: whole, value: value.toLowerCase() } : undefined;
}

/** The last tokens in a row that are so, behind the first word. */
function lastRun(
  text: string,
  tokens: readonly Token[],
  isSo: (token: Token) => boolean,
): string | undefined {
  const end = tokens.findLastIndex((token, i) => i > 0 && isSo(token));
  if (end < 0) return undefined;
  let begin = end;
  while (begin > 1 && isSo(tokens[begin - 1] as Token)) begin -= 1;
  const run = tokens
    .slice(begin, end + 1)
    .map(({ space, value }) => space + value)
    .join("")
    .trim();
  return text.includes(run) ? run : undefined;
}
