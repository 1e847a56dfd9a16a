import { containsWord } from "../../../language/contains-word.ts";
import type { EntityMention } from "../../../memory/memory.ts";
import { MONTHS } from "../../../search/time-words.ts";
import { isPersons, typeOf } from "./entity-types.ts";
import { isAmbiguous, isPastVerb, isSmallWord, isWord, knownKind } from "./names.ts";

export const CALENDAR = new Set([
  ...MONTHS,
  ..."monday tuesday wednesday thursday friday saturday sunday spring summer autumn fall winter".split(" "),
]);
const NOT_NAMES = new Set(
  "i yes no the a an it he she they we you his her their its this that these those there here what when where why how who and but or so if my our your in on at for to from of with by as image photo ok okay every each some many all last next both since now does did is are was were have has had can could would will may might let even still just while because during after before than everyone someone nothing something yo oof awww kudos glad maybe sometimes god tv dm pm am diy asap lol btw congrats congratulations".split(
    " ",
  ),
);

const GENERIC =
  /^(?:Day|Eve|Night|Fair|Cup|Park|Square|Hospital|College|School|Church|Market|Restaurant|Bar|Cafe|Café)\b/;
const QUOTED = /"([\p{Lu}\d][^"]{1,60})"/gu;
const CAPITALIZED =
  /(?<![\p{L}\p{N}])\p{Lu}[\p{L}\p{N}&'’.-]*(?: (?:(?:of|the|de|la|von|van) ){0,2}\p{Lu}[\p{L}\p{N}&'’.-]*)*/gu;

/**
 * Names in a statement, with a type guessed from their neighbours; participants are persons.
 * @param known names that some text writes with a capital inside a sentence, lower-cased: only those count
 *   where they open one, since every word is capitalised there.
 */
export function entitiesOf(
  text: string,
  participants: readonly string[],
  known: ReadonlySet<string>,
): EntityMention[] {
  const found = new Map<string, EntityMention>();
  const add = (name: string, type: string) => {
    const key = name.toLowerCase();
    const earlier = found.get(key);
    if (!earlier || (earlier.type === "other" && type !== "other")) found.set(key, { name, type });
  };
  for (const name of participants) if (!STAND_INS.has(name) && containsWord(text, name)) add(name, "person");
  for (const match of text.matchAll(QUOTED)) {
    const title = (match[1] ?? "").replace(/(?<![.,!?])[.,!?]+$/, "");
    if (isTitle(title, text.slice(0, match.index)) && title.split(" ").length <= 8) add(title, "work");
  }
  const own = new Set(participants.flatMap((name) => name.toLowerCase().split(" ")));
  for (const { name, before, behind } of capitalized(text, own)) {
    if (insideQuotes(before)) continue;
    if (opensSentence(before) && !isNameInside(name, known) && !isNameAnyway(name, behind)) continue;
    const type = typeOf(name, before.slice(-BEFORE), behind);
    if (type !== "other" || !isPastVerb(name.toLowerCase())) add(name, type);
  }
  return [...found.values()];
}

/** Nobody's names: "the tool said". */
const STAND_INS = new Set(["the other person", "the assistant", "the tool"]);

function isNameInside(name: string, known: ReadonlySet<string>): boolean {
  const lower = name.toLowerCase();
  return known.has(lower) && !isWord(lower);
}

/** Any word may open a sentence with a capital; "Mike owes" and "Paris is" name somebody or something. */
function isNameAnyway(name: string, behind: string): boolean {
  if (name.includes(" ")) return true;
  const lower = name.toLowerCase();
  const kind = knownKind(lower);
  if (isPersons(behind)) return kind === "person" || !isWord(lower);
  return kind !== undefined && kind !== "demonym" && !isAmbiguous(lower);
}

/** What somebody said stands in quotation marks as well, and so does the sentence that leads an answer in. */
function isTitle(quoted: string, before: string): boolean {
  if (SAYS_BEFORE.test(before) || isSmallWord(quoted.toLowerCase())) return false;
  const words = quoted.split(" ");
  const capitalised = words.filter((word) => /^[\p{Lu}\d]/u.test(word)).length;
  return !/\b(?:you|me|my|your|we|us)\b|\bI(?: (?!\p{Lu})|')/u.test(quoted) || capitalised > words.length / 2;
}

const SAYS_BEFORE =
  /(?:\b(?:said|say|says|saying|told (?:\S+ ){0,2}\S+|tells (?:\S+ ){0,2}\S+|asked(?: about [^"]*)?|asks|yelled|shouted|whispered|replied|answered|wrote|replying to|was like|goes)[,:]?) $/i;

const NONE: ReadonlySet<string> = new Set();

/** Names that texts write with a capital inside a sentence, lower-cased. */
export function namesInside(texts: readonly string[]): Set<string> {
  const names = new Set<string>();
  for (const text of texts)
    for (const { name, before } of capitalized(text, NONE))
      if (!opensSentence(before)) names.add(name.toLowerCase());
  return names;
}

function opensSentence(before: string): boolean {
  // Only its end counts; reading all of it for every name would take quadratic time.
  const end = before.length > OPENING ? `x${before.slice(-OPENING)}` : before;
  return /(?:^|[.!?:"\n][ "]*)$/.test(end);
}

/** In UTF-16 code units. */
const OPENING = 20;
/** So much of what stands before and behind a name tells its type, in UTF-16 code units. */
const BEFORE = 120;
const BEHIND = 40;

interface Run {
  readonly name: string;
  readonly before: string;
  readonly behind: string;
}

/** Runs of capitalised words, cut at months, small words, participants, possessives and ends of sentences. */
function capitalized(text: string, skipped: ReadonlySet<string>): Run[] {
  const runs: Run[] = [];
  for (const match of text.matchAll(CAPITALIZED)) {
    const words = match[0].split(" ");
    let open: string[] = [];
    let at = match.index;
    let start = at;
    const close = () => {
      while (/^(?:of|the|de|la|von|van)$/.test(open.at(-1) ?? "")) open.pop();
      const name = open.join(" ").replace(/(?<![.,'’&-])[.,'’&-]+$/, "");
      if (name.length > 1 && /^\p{Lu}/u.test(name) && !isNoName(name)) {
        const end = start + name.length;
        const [front, back] = restOfCode(text, start, end);
        runs.push({
          name: front + name + back,
          before: text.slice(0, start - front.length),
          behind: text.slice(end + back.length, end + back.length + BEHIND),
        });
      }
      open = [];
    };
    for (const [i, word] of words.entries()) {
      const plain = word.replace(/(?<![.,])[.,]+$/, "").replace(/['’]s$/, "");
      const lower = plain.toLowerCase();
      const first = open.length === 0;
      const opens = first && i + 1 < words.length && opensSentence(text.slice(0, at));
      const empty = (first && NOT_NAMES.has(lower.replace(/['’]\w+$/, ""))) || (opens && isSmallWord(lower));
      const skip = CALENDAR.has(lower) || skipped.has(lower) || empty;
      if (skip) close();
      if (open.length === 0) start = at;
      // "Valentine's Day" is one name, "Maya's Braga" are two.
      const owns = /['’]s$/.test(word);
      const goesOn = owns && GENERIC.test(words[i + 1] ?? "");
      const abbreviated = /^(?:\p{Lu}\.)+$|^(?:Dr|Mr|Mrs|Ms|St|Prof)\.$/u.test(word);
      if (!skip) open.push(goesOn || abbreviated ? word : plain);
      const ends = /[.]$/.test(word) && !abbreviated;
      if ((owns && !goesOn) || ends) close();
      at += word.length + 1;
    }
    close();
  }
  return runs;
}

/** In UTF-16 code units. */
const CODE = 40;
const DIGITS = /^[-/_]\d+[\p{L}\p{N}]*(?:[-/_][\p{L}\p{N}]+)*/u;
const LETTERS_OR_DIGITS = /^(?:[-/_][\p{Lu}\p{N}]+(?!\p{Ll}))+/u;

/** "88341-" in front of "ZK", "/1017-B" behind "AM-2026": a code is one name, no part of it is. */
function restOfCode(text: string, start: number, end: number): [front: string, back: string] {
  const front = /(?<![\p{L}\p{N}])(?:[\p{L}\p{N}]+[-/_])*\d+[-/_]$/u.exec(
    text.slice(Math.max(0, start - CODE), start),
  );
  const goesOn = /[-_]\d/.test(text.slice(start, end)) ? LETTERS_OR_DIGITS : DIGITS;
  const back = goesOn.exec(text.slice(end, end + CODE));
  return [front?.[0] ?? "", back?.[0] ?? ""];
}

/** "Congrats" is none, nor is what is shouted: "so INTENSE". */
function isNoName(name: string): boolean {
  if (name.includes(" ")) return false;
  const lower = name.toLowerCase();
  return isSmallWord(lower) || (/^\p{Lu}{4,}$/u.test(name) && isWord(lower));
}

function insideQuotes(before: string): boolean {
  return (before.match(/"/g)?.length ?? 0) % 2 === 1;
}
