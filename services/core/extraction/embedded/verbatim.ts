import { ADDRESSES } from "./addresses.ts";
import { isEmoji, isMood } from "./emoji.ts";
import type { Stretch } from "./language.ts";
import { spokenLike } from "./spoken-like.ts";

/**
 * What a turn gives word for word, in which "I" is not its speaker and "tomorrow" not the day after it:
 * quotations, code in backticks, titles, texts handed over to be translated, web addresses and file paths.
 */
export interface VerbatimStretch {
  readonly start: number;
  readonly end: number;
  /** Direct speech that stands without quotation marks. */
  readonly unmarked?: boolean;
}

/** A sentence whose verbatim stretches are each one character that no rule below reads or changes. */
export interface Veiled {
  readonly text: string;
  readonly verbatim: readonly string[];
}

/** In UTF-16 code units; what is longer is no quotation but a lost quotation mark. */
const LONGEST = 600;

const QUOTATIONS = [
  `(?<![\\p{L}\\p{N}])"(?=\\S)[^"\\n]{1,${LONGEST}}"(?![\\p{L}\\p{N}])`,
  `“[^”\\n]{1,${LONGEST}}”`,
  `«[^»\\n]{1,${LONGEST}}»`,
  `\`[^\`\\n]{1,${LONGEST}}\``,
  // Single ones open before a letter and close behind a word or a stop: no apostrophe does both.
  `(?<![\\p{L}\\p{N}])['‘](?=\\p{L})[^'‘’"\\n]{0,${LONGEST}}(?:(?<=\\p{L})['’]\\p{L}[^'‘’"\\n]{0,${LONGEST}}){0,8}(?<=[\\p{L}.,!?])['’](?![\\p{L}\\p{N}])`,
];

/** "I Will Always Love You", "You've Got Mail": a pronoun in a run of capitalised words is part of a title. */
const CAPITAL = "\\p{Lu}\\p{Ll}[\\p{Ll}'’]*";
const TITLES = [
  `\\bI ${CAPITAL}(?: (?:(?:of|the|a|an|to|and|in|on|for|with) )?${CAPITAL})+`,
  `(?<=[\\p{Ll},] )(?:You|We|My|Your|Our|Me)(?:['’]\\p{Ll}+)?,?(?: (?:(?:of|the|a|an|to|and|in|on|for|with|&) )?${CAPITAL})+`,
];

/** "My boss told me: I ...": what stands behind the colon is another's. */
const DOCUMENT =
  "(?:e-?mail|message|letter|text|sms|note|review|quote|lyrics|tweet|post|reply|comment|voicemail|card|ad)";
const SPOKEN = [
  "\\b(?:said|says|told|asked|yelled|shouted|whispered|replied|answered|wrote|reads?|texted|e-?mailed|messaged|posted|tweeted|commented|announced)(?: (?:to |back )?\\p{L}+)?(?: this| the following)?",
  "\\bto (?:write|repeat|type)",
  `\\b${DOCUMENT} (?:from|by|(?:that )?(?:i|we|he|she|they|my \\p{L}+|\\p{L}+) (?:got|sent|wrote|received|left|posted))[^:.!?\\n]{0,40}`,
].join("|");
/** "Translate into French: I ...": a sample. */
const SAMPLE = `(?:this|these|the following|(?:my|the) (?:${DOCUMENT}|essay|paragraph|sentence|bio|cv|resume|poem|abstract))`;
const HANDED_OVER = [
  "\\b(?:translate|rewrite|rephrase|reword|paraphrase|proofread|pronounce|spell|repeat|summari[sz]e|(?:reply|respond) to)\\b[^:.!?\\n]{0,60}",
  `\\b(?:correct|fix|improve|edit|polish|shorten|check) (?:${SAMPLE}|(?:my|the|its) (?:\\p{L}+ )?(?:grammar|spelling|wording|style|english|punctuation|typos))[^:.!?\\n]{0,40}`,
  `^(?:(?:so|ok|okay|and),? )?(?:here(?:'s| is| are)|this is|below is) (?:an?|the|my|some|what) (?:\\p{L}+ )?${DOCUMENT}s?[^:.!?\\n]{0,40}`,
].join("|");
const BEHIND_COLON = `(?<=(?:${SPOKEN}|${HANDED_OVER}): )\\S[^\\n]{0,${LONGEST}}?(?=[.!?](?:\\s|$)|\\n|$)`;
const PASTED = new RegExp(
  `(?:${HANDED_OVER}):[ \\t]*(?<below>\\n)?|(?:${SPOKEN}):[ \\t]*(?<text>\\n)|^(?=Subject: |From: [^\\n]{1,80}@)(?<mail>)`,
  "imu",
);

/**
 * The part of a turn that is no word of its speaker's: a text handed over to be translated up to a blank line,
 * a letter below the line that announces it up to the end.
 */
export function pasted(text: string): VerbatimStretch | undefined {
  const match = PASTED.exec(text);
  if (!match) return undefined;
  const start = match.index + match[0].length;
  const { below, text: letter, mail } = match.groups ?? {};
  const blank = text.indexOf("\n\n", start);
  const whole = blank < 0 || (below ?? letter ?? mail) !== undefined;
  return { start, end: whole ? text.length : blank };
}

const VERBATIM = new RegExp([...QUOTATIONS, ...ADDRESSES, ...TITLES].join("|"), "gu");
const HANDED = new RegExp(BEHIND_COLON, "giu");
/** "Fix my grammar: ...", "here's an email I got: ...", and nothing else; who has a bio rewritten tells of themselves. */
const ONLY_HANDS_OVER = new RegExp(
  `^(?!.*\\bmy (?:bio|cv|resume|profile)\\b)(?:please )?(?:${HANDED_OVER}): ?[\\u{E000}-\\u{F8FF}][.!]*$`,
  "iu",
);

/** True for a veiled sentence that only gives another's text to be worked on or read. */
export function onlyHandsOver(veiled: string): boolean {
  return ONLY_HANDS_OVER.test(veiled);
}

/** One character of Unicode's private use area a stretch. */
const FIRST_VEIL = 0xe000;
const VEILS = /[\u{E000}-\u{F8FF}]/gu;

/** The verbatim stretches of a turn, in order, without overlaps; linear in its length. */
export function verbatimStretches(text: string): VerbatimStretch[] {
  const found: VerbatimStretch[] = [];
  const speech = spokenLike(text).map((stretch) => ({ ...stretch, unmarked: true }));
  const all = [...[...text.matchAll(VERBATIM), ...text.matchAll(HANDED)].map(stretchOf), ...speech];
  for (const stretch of all.sort((a, b) => a.start - b.start))
    if (stretch.start >= (found.at(-1)?.end ?? 0)) found.push(stretch);
  return found;
}

function stretchOf({ index, 0: match }: RegExpExecArray): VerbatimStretch {
  return { start: index, end: index + match.length };
}

/** Takes the characters that stand for stretches out of a text, offsets kept. */
export function withoutVeils(text: string): string {
  return text.replace(VEILS, " ");
}

/** Hides the stretches that lie within a sentence. */
export function veil(sentence: Stretch, stretches: readonly VerbatimStretch[]): Veiled {
  const verbatim: string[] = [];
  let text = "";
  let at = sentence.start;
  for (const { start, end, unmarked } of stretches) {
    if (start < at || end > sentence.end) continue;
    text += sentence.text.slice(at - sentence.start, start - sentence.start);
    const stretch = sentence.text.slice(start - sentence.start, end - sentence.start);
    const mark = String.fromCharCode(FIRST_VEIL + verbatim.length);
    // "Pizza🍕and beer" are words of their own.
    text += isEmoji(stretch) ? ` ${mark} ` : mark;
    verbatim.push(unmarked ? `"${stretch}"` : stretch);
    at = end;
  }
  return { text: text + sentence.text.slice(at - sentence.start), verbatim };
}

/** A sentence as it tells something: emoji that show a mood do not. */
export function withoutMoods(text: string, verbatim: readonly string[]): string {
  return text.replace(VEILS, (mark) => (isMood(verbatim[mark.charCodeAt(0) - FIRST_VEIL] ?? "") ? "" : mark));
}

/** Writes the stretches back, with straight quotation marks and single blanks. */
export function unveil(text: string, verbatim: readonly string[]): string {
  if (verbatim.length === 0) return text;
  return text.replace(VEILS, (mark) => straight(verbatim[mark.charCodeAt(0) - FIRST_VEIL] ?? ""));
}

function straight(quoted: string): string {
  return quoted
    .normalize("NFC")
    .replaceAll(/[“”«»]/g, '"')
    .replaceAll(/[‘’]/g, "'")
    .replace(/\s+/g, " ");
}
