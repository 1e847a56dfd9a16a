import type { Token } from "../extraction/embedded/language.ts";
import { DAYS, EMPTY, MONTHS, namedBy, sameAs } from "./lexicon.ts";

/** What stands behind a verb, sorted. */
export interface Sorted {
  readonly value: readonly string[];
  readonly times: readonly string[];
  readonly not: readonly string[];
}

const STOPS =
  /^(?:because|since|when|while|after|before|until|although|though|whereas|which|who|but|if|unless|and_then)$/;
const CONTRAST = /^(?:not|instead|rather|no|without)$/;

/**
 * Sorts what stands behind a verb into what it says, times, and what it says is not ("not Berlin", "instead of tea").
 *
 * @param isDenied a "not" in front of it has been read.
 */
export function sortWords(tokens: readonly Token[]): Sorted {
  const value: string[] = [];
  const times: string[] = [];
  const not: string[] = [];
  let into = value;
  let hangs = false;
  for (const [i, token] of tokens.entries()) {
    const { lower } = token;
    if (STOPS.test(lower) && i > 0) hangs = true;
    if (/^[,;:.!?]$/.test(token.value) && into === not) into = value;
    if (
      CONTRAST.test(lower) &&
      i > 0 &&
      !(lower === "not" && /^(?:only|just|that)$/.test(tokens[i + 1]?.lower ?? ""))
    ) {
      if (lower === "instead" && tokens[i + 1]?.lower !== "of") continue;
      if (lower === "rather" && tokens[i + 1]?.lower !== "than") continue;
      if (lower === "no" && tokens[i + 1]?.lower === "longer") continue;
      into = not;
      continue;
    }
    const time = timeOf(tokens, i);
    if (time) {
      if (into === value) times.push(time);
      else not.push(time);
      continue;
    }
    if (UNIT.test(lower) && times.length > 0) continue;
    if (/^(?:year|month|week)$/.test(lower) && /^(?:this|next|last)$/.test(tokens[i - 1]?.lower ?? ""))
      continue;
    const word = wordOf(token);
    if (word && !hangs) into.push(word);
  }
  return { value: [...new Set(value)], times: [...new Set(times)], not: [...new Set(not)] };
}

/** A content word as it is compared; undefined for one that tells nothing. */
export function wordOf({ value, lower, lemma, pos }: Token): string | undefined {
  if (pos === "PUNCT" || pos === "SYM" || pos === "SPACE") return /[$€£¥%@]/.test(lower) ? lower : undefined;
  if (EMPTY.has(lower) || (EMPTY.has(lemma.toLowerCase()) && pos !== "PROPN" && pos !== "NUM"))
    return undefined;
  if (!/[\p{L}\p{N}]/u.test(lower) || /^\p{L}\.$/u.test(lower)) return undefined;
  const number = numberOf(lower);
  if (number) return number;
  // A lemmatiser takes "LA" for Louisiana.
  if (/^\p{Lu}{2,5}\.?$/u.test(value) && lemma.length > lower.length + 2) return lower.replace(".", "");
  const plain = /^\p{N}/u.test(lower)
    ? lower.replace(/^(\d+)(?:st|nd|rd|th)$/, "$1")
    : stem(lemma.toLowerCase());
  return namedBy(lemma.toLowerCase()) ?? sameAs(plain);
}

const CARDINALS =
  "zero _ two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty";
/** "First" and "second" tell of an order as often as of a number. */
const ORDINALS = "_ _ _ third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth";
const NUMBERS: ReadonlyMap<string, string> = new Map(
  [CARDINALS, ORDINALS].flatMap((words) =>
    words.split(" ").map((word, number): [string, string] => [word, String(number)]),
  ),
);

const TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");

/** "Forty", "forty-two" in digits. */
function numberOf(word: string): string | undefined {
  const [tens, ones] = word.split("-");
  const at = TENS.indexOf(tens ?? "");
  if (at < 0) return NUMBERS.get(word);
  if (ones === undefined) return `${(at + 2) * 10}`;
  const one = ones === "one" ? "1" : NUMBERS.get(ones);
  return one?.length === 1 ? `${at + 2}${one}` : undefined;
}

/** Of a lemma whose lemmatiser left an ending. */
export function stem(word: string): string {
  if (/^[a-z]*[aeiouy][a-z]*ing$/.test(word) && word.length > 5) {
    const base = word.slice(0, -3);
    if (/([bdgklmnprt])\1$/.test(base)) return base.slice(0, -1);
    // "Hiking" is of "hike": "hik" would have doubled its last letter.
    return /^[^aeiou][aeiou][bdgklmnprstvz]$/.test(base) ? `${base}e` : base;
  }
  if (/^[a-z]{4,}ies$/.test(word)) return `${word.slice(0, -3)}y`;
  if (/^[a-z]{4,}(?:sses|shes|ches|xes)$/.test(word)) return word.slice(0, -2);
  if (/^[a-z]{4,}[^aiosu]s$/.test(word)) return word.slice(0, -1);
  if (/^[a-z]{4,}e$/.test(word)) return word.slice(0, -1);
  return word;
}

const UNIT = /^(?:am|pm|a\.m\.|p\.m\.|o'clock|oclock|:)$/;

/** A day, month, year or hour; undefined for anything else. */
function timeOf(tokens: readonly Token[], i: number): string | undefined {
  // "On 8 Aug.", "at 3pm."
  const lower = (tokens[i] as Token).lower.replace(/(?<=\p{L}{3}|\d[ap]m)\.$/u, "");
  if (MONTHS.has(lower) && (lower !== "may" || tokens[i]?.pos !== "AUX")) return lower.slice(0, 3);
  if (DAYS.has(lower))
    return lower.length > 3 && /day$/.test(lower) && !/^to/.test(lower) && lower !== "yesterday"
      ? lower.slice(0, 3)
      : lower;
  if (/^(?:19|20)\d\d$/.test(lower)) return lower;
  if (/^\d{1,2}(?:st|nd|rd|th)$/.test(lower)) return String(Number.parseInt(lower, 10));
  if (/^\d{1,2}(?::\d\d)?(?:am|pm)?$/.test(lower)) {
    const before = tokens[i - 1]?.lower ?? "";
    const next = tokens[i + 1]?.lower ?? "";
    const isTime =
      /[:m]/.test(lower) ||
      UNIT.test(next) ||
      MONTHS.has(next) ||
      MONTHS.has(before) ||
      /^(?:at|on|until|till|by|the)$/.test(before);
    return isTime ? lower.replace(/^0/, "") : undefined;
  }
  return undefined;
}
