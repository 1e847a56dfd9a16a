import { type Stretch, tokenize } from "./language.ts";

const BASE = String.raw`[\p{Extended_Pictographic}--[©®™]][\u{FE0E}\u{FE0F}\p{Emoji_Modifier}]*`;
/** One, or several in a row, blanks between them: with skin tones, joined, flags, keycaps; "<3" as well. */
const ONE = String.raw`(?:\p{RGI_Emoji}|\p{RI}\p{RI}|${BASE}(?:\u{200D}${BASE})*|(?<!\S)<3(?!\S))\u{FE0F}?`;
const RUN = new RegExp(`${ONE}(?:[ \\t]*${ONE})*`, "gv");
const WHOLE = new RegExp(`^${ONE}(?:[ \\t]*${ONE})*$`, "v");
/** Faces, gestures, hearts, sparkles: what stands for a feeling, no thing that was named. */
const MOODS =
  /^(?:[\u{1F600}-\u{1F64F}\u{1F910}-\u{1F917}\u{1F920}-\u{1F92F}\u{1F970}-\u{1F97A}\u{1F440}-\u{1F450}\u{1F493}-\u{1F49F}\u{1F389}\u{1F38A}\u{1F525}\u{1F4AA}\u{1F4AF}❤♥✨☺☹✌✊✋\p{Emoji_Modifier}\u{FE0E}\u{FE0F}\u{200D}♀♂]|<3|\s)+$/v;

const EMOTICON = /(?<!\S)(?:[:;=]['-]?[)(DPp/|*]+|xD|XD|:'\()(?=\s|$|[.!?])/g;
/** A capital alone opens no sentence behind an emoji: "I ❤️ Graz". */
const OPENS_SENTENCE =
  /^\s+(?:(?:I|We|You|He|She|It|They|My|Our|Your|His|Her|Their|The|This|That|These|There|Is|Are|Was|Were|Do|Does|Did|Have|Has|Can|Could|Will|Would|What|When|Where|Who|Why|How|And|But|So|Then|Now|Also|Yesterday|Today|Tomorrow|Last|Next)\b)/;
const ENDS_BEFORE = /(?:^|[.!?…\n]|[.!?…]["')])\s*$/;
const ENDS_BEHIND = /^\s*(?:[.!?…]|$|\n)/;

/** True for emoji alone. */
export function isEmoji(text: string): boolean {
  return WHOLE.test(text);
}

/** True for emoji alone that tell no more than a mood. */
export function isMood(text: string): boolean {
  return MOODS.test(text);
}

type Place = Pick<Stretch, "start" | "end">;

/** A turn's text without decoration, every offset kept, and which emoji in it stand for words. */
export interface Undecorated {
  readonly text: string;
  readonly words: readonly Place[];
}

/**
 * Takes emoticons out, and emoji in front of a sentence or behind it; they end a sentence that another follows.
 * "I ❤️ pizza", "a 🚲 in Graz", "I want a 🐶." keep theirs.
 * @param whole stretches to leave alone, in order.
 */
export function undecorated(text: string, whole: readonly Place[]): Undecorated {
  const words: Place[] = [];
  const found = [...text.matchAll(RUN), ...text.matchAll(EMOTICON)].sort((a, b) => a.index - b.index);
  let out = "";
  let at = 0;
  let next = 0;
  for (const { 0: run, index: start } of found) {
    const end = start + run.length;
    while ((whole[next]?.end ?? end) <= start) next += 1;
    if (start < at || (whole[next]?.start ?? end) < end) continue;
    out += text.slice(at, start);
    at = end;
    const before = out.slice(-REACH);
    const behind = text.slice(end, end + REACH);
    if (WHOLE.test(run) && isWord(before, run, behind)) {
      words.push({ start, end });
      out += run;
    } else out += blankFor(run, before, behind);
  }
  return { text: out + text.slice(at), words };
}

/** So much of what stands around an emoji is read, in UTF-16 code units. */
const REACH = 120;

function isWord(before: string, run: string, behind: string): boolean {
  if (ENDS_BEFORE.test(before)) return !ENDS_BEHIND.test(behind) && !isMood(run) && isPredicate(behind);
  if (ENDS_BEHIND.test(behind) || (isMood(run) && OPENS_SENTENCE.test(behind) && !lacksObject(before)))
    return lacksObject(before);
  return true;
}

/** "🍕 is my favourite food." */
function isPredicate(behind: string): boolean {
  return /^(?:VERB|AUX|CCONJ)$/.test(tokenize(behind)[0]?.pos ?? "");
}

/** "I want a", "my new", "we moved to", "I love" go on; "so happy", "I adopted a puppy", "I love it" are whole. */
function lacksObject(before: string): boolean {
  const sentence = /[^.!?…\n]*$/.exec(before)?.[0] ?? "";
  const tokens = tokenize(sentence);
  const last = tokens.at(-1);
  if (!last || /^(?:me|you|it|him|them|us|this|that|these|those)$/.test(last.lower)) return false;
  if (/^(?:DET|ADP|AUX|PART|PRON|CCONJ|SCONJ|NUM)$/.test(last.pos)) return true;
  if (/^(?:my|your|his|her|its|our|their)$/.test(last.lower)) return true;
  if (
    /^(?:love|loves|like|likes|hate|hates|want|wants|need|needs|have|had|got|eat|ate|bought|adopted)$/.test(
      last.lower,
    )
  )
    return true;
  const owned = tokens
    .slice(-3, -1)
    .some((t) => t.pos === "DET" || /^(?:my|your|his|her|its|our|their)$/.test(t.lower));
  return last.pos === "ADJ" && owned;
}

function blankFor(run: string, before: string, behind: string): string {
  const opens = WHOLE.test(run) ? OPENS_SENTENCE.test(behind) : /^\s+["']?\p{Lu}/u.test(behind);
  return (opens && !ENDS_BEFORE.test(before) ? "." : " ").padEnd(run.length);
}
