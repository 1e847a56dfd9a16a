import { tokenize } from "../extraction/embedded/language.ts";
import type { Relation } from "./claim.ts";
import { isAkin } from "./classes.ts";
import { areContrary } from "./slots.ts";
import { wordOf } from "./words.ts";

/** How somebody is to be answered or helped, from now on. */
export interface Instruction {
  /** It is to be done; false where it is not, or no longer. */
  readonly isWanted: boolean;
  /** Content words of what is to be done, or not. */
  readonly what: readonly string[];
  /** Content words of for what, when or where alone. */
  readonly within: readonly string[];
}

/** In characters; a longer text tells more than what is to be done. */
const LONGEST = 300;
const TOLD =
  /^[^":]{1,60}? (?:told|asked|reminded|instructed|wants?) the assistant (?<not>not )?to (?<what>.+)$/iu;
const SAID =
  /^(?:[^":]{1,60}? said: )?(?:the assistant|you) (?<may>can|may|(?:doesn't|don't|does not|do not) (?:have|need) to|needn't|should not|shouldn't|must not|mustn't) (?<what>.+)$/iu;
const NO_MORE = /^(?:[^":]{1,60}? said: )?no more (?<what>[^,;]+)$/iu;
/** "Longer answers are fine." */
const WELCOME =
  /^(?:[^":]{1,60}? said: )?(?:actually,? )?(?<how>long|short|more detailed|detailed|brief)(?:er)? (?<what>answers|replies|responses|explanations) (?:are|is) (?:fine|ok|okay|good|better|great|welcome)\b/iu;
const REMIND = /^(?<what>remind .+)$/iu;
const MANNER = /^(?:(?:please|always|just|only|ever|instead|also|from now on)[, ]+)+/iu;
const DENIES = /^(?:never|not|stop|quit|avoid|refrain from|no longer|cease) /iu;
const TAIL =
  /[,.!\s]*(?:\b(?:any ?more|any longer|from now on|in (?:the )?future|please|again|instead|so|too)\b[,.!\s]*)*$/iu;
/** What follows says for what alone. */
const WITHIN = / (?:for|when|while|if|unless|in|during|on|at|before|after|with|except) /iu;

/** The instruction that a statement gives; undefined where it gives none. */
export function instructionIn(text: string): Instruction | undefined {
  if (text.length > LONGEST) return undefined;
  const plain = text.trim().replace(TAIL, "");
  const told = TOLD.exec(plain)?.groups;
  const said = told ? undefined : SAID.exec(plain)?.groups;
  const welcome = WELCOME.exec(plain)?.groups;
  if (welcome) return split(`${welcome.how} ${welcome.what}`, true);
  const what =
    told?.what ?? said?.what ?? NO_MORE.exec(plain)?.groups?.what ?? REMIND.exec(plain)?.groups?.what;
  if (what === undefined || /^(?:remember|forget|note|keep in mind|store|save|delete)\b/iu.test(what))
    return undefined;
  const isMeant = told
    ? told.not === undefined
    : said
      ? /^(?:can|may)$/iu.test(said.may ?? "")
      : !NO_MORE.test(plain);
  return split(what, isMeant);
}

function split(said: string, isMeant: boolean): Instruction | undefined {
  let what = said.replace(MANNER, "");
  const denies = DENIES.test(what);
  if (denies) what = what.replace(DENIES, "");
  what = what.replace(MANNER, "").replace(/ (?:any ?more|any longer)\b/giu, "");
  // "Not to use tabs, use spaces" says what instead.
  const [first = "", ...rest] = what.split(/[,;] /u);
  const at = WITHIN.exec(first);
  const words = wordsIn(at ? first.slice(0, at.index) : first);
  const within = wordsIn(at ? first.slice(at.index) : "");
  // "Reply in French": what it is replied in is what is told.
  const isOfTongue = within.some((word) => TONGUES.has(word));
  const [core, scope] = words.length > 1 && !isOfTongue ? [words, within] : [[...words, ...within], []];
  return core.length === 0 || rest.length > 1
    ? undefined
    : { isWanted: isMeant !== denies, what: core, within: scope };
}

function wordsIn(text: string): readonly string[] {
  return tokenize(text)
    .flatMap((token) => wordOf(token) ?? [])
    .filter((word) => !/^(?:assistant|user)$/.test(word));
}

/**
 * How a new instruction stands to a known one: it takes back what that says, or says otherwise; `apart`: it neither
 * repeats it nor says it closer; undefined where what they say must be compared as any statements are.
 */
export function relateInstructions(fresh: Instruction, known: Instruction): Relation | "apart" | undefined {
  const has = (words: readonly string[], word: string) => words.some((other) => isAkin(word, other));
  const more = fresh.what.filter((word) => !has(known.what, word));
  const less = known.what.filter((word) => !has(fresh.what, word));
  const isSame = more.length === 0 || (less.length === 0 && fresh.what.length > 0);
  if (fresh.isWanted !== known.isWanted) {
    // "Don't use metric units for cooking" excepts it from what is asked for all.
    const isWhole = fresh.within.every((word) => has(known.within, word)) && more.length === 0;
    return isSame && isWhole ? { type: "ends", rule: "negation" } : "apart";
  }
  if (more.length === 0 || less.length === 0) return undefined;
  return areContrary(fresh.what, known.what) || isOtherTongue(more, less)
    ? { type: "ends", rule: "changed" }
    : "apart";
}

const TONGUES = new Set(
  "english french german spanish italian portuguese dutch polish russian ukrainian turkish arabic hebrew hindi chinese mandarin japanese korean swedish danish norwegian finnish greek czech hungarian romanian".split(
    " ",
  ),
);

/** "Reply in German", "reply in English". */
function isOtherTongue(more: readonly string[], less: readonly string[]): boolean {
  const isTongue = (words: readonly string[]) =>
    words.length === 1 && words.every((word) => TONGUES.has(word));
  return isTongue(more) && isTongue(less);
}
