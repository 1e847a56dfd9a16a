import { sentences } from "../language.ts";
import { KIN } from "../names/entity-types.ts";
import { SOMEBODY_ELSE } from "./others.ts";

/** Who "we" are in a stretch of a turn. */
export interface Company {
  readonly start: number;
  readonly end: number;
  readonly group: string;
}

const WE = /\b(?:we|us|ours?|ourselves|let['’]s)\b/i;
const RELATIVE = `(?:(?:best|old|close|whole|little|older|younger|big|new|two|three|four) )?(?:${KIN}|family|friend|team|teammate|colleague|coworker|roommate|neighbou?r|boss|class|classmate|student|group|band|dog|sons|daughters|children)s?\\b(?: \\p{Lu}\\p{Ll}+)?`;
const PARTNER = `[Mm]y (?:${RELATIVE}|[a-z-]+)|\\p{Lu}\\p{Ll}+`;
const PARTNER_BEHIND = new RegExp(`\\b(?:${PARTNER})$`, "u");
/** "..., my sister and I": what stands in front lists them. */
const AND_I = /,? and (?:I|me|myself)\b/g;
const BESIDE = [
  new RegExp(`\\b(?:[Mm]e|I|[Mm]yself) and (${PARTNER})\\b`, "u"),
  new RegExp(`\\b(?:with|took|brought|join(?:ed)?) (my ${RELATIVE})`, "u"),
  /\b(?:[Mm]y|[Oo]ur) (family)\b/,
];
/** A longer list would fill a statement that says "we" more than once. */
const MOST = 8;
const NO_NAMES = /^(?:[Yy]ou|And|But|So|Then|Yes|No|Both|He|She|They|It)$/;
const YOU_AND_I = /\b(?:you and (?:I|me)|(?:I|me) and you|both of us)\b/i;

/** What the two who speak do together: "we should meet", "since we last talked". */
const TOGETHER =
  /\b(?:(?:we|let['’]s|let us) (?:both )?(?:should|could|can|must|have to|need to|will|gotta|ought to)(?: \w+)? (?:meet|catch up|hang out|get together|grab|chat|talk|speak)|(?:let['’]s|let us) (?:\w+ )?(?:meet|catch up|hang out|get together|grab|chat|talk|speak)|when we met|we (?:\w+ )?both|we share (?:an?|the same|this|that|these))\b/i;
/** They last spoke to each other, whoever else was spoken of. */
const LAST_TIME =
  /\b(?:we last (?:met|talked|spoke|chatted|caught up|saw each other)|(?:since|last time) we (?:talked|spoke|chatted|caught up))\b/i;
/** The next sentence goes on with the same people where it opens with them. */
const GOES_ON =
  /^(?:(?:and|but|so|then|now|also|afterwards|later|today|yesterday)[, ]+)*(?:we|our|ours|us|both of us)\b/i;

/** Who is with the speaker, sentence by sentence; others where a sentence does not say. */
export function companyOf(text: string, speaker: string, addressee: string): Company[] {
  if (!WE.test(text)) return [];
  const found: Company[] = [];
  let open: string | undefined;
  let others = false;
  for (const { start, end, text: sentence } of sentences(text)) {
    const plain = sentence.replaceAll("’", "'");
    const named = companion(plain, addressee);
    if (named) open = listed([speaker, ...named.split(", ")]);
    else if (!GOES_ON.test(plain)) open = undefined;
    const both = `${speaker} and ${addressee}`;
    others ||= SOMEBODY_ELSE.test(sentence.replaceAll(addressee, ""));
    const together = LAST_TIME.test(plain) || (TOGETHER.test(plain) && !others);
    const group = open ?? (together ? both : undefined);
    if (group) found.push({ start, end, group });
  }
  return found;
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function companion(sentence: string, addressee: string): string | undefined {
  const named = [listedBefore(sentence), ...BESIDE.map((pattern) => pattern.exec(sentence)?.[1])];
  for (const name of named) {
    if (name && !NO_NAMES.test(name)) return name.replace(/\b(?:my|our) |^(?=family$)/gi, "their ");
  }
  return YOU_AND_I.test(sentence) && /\byou\b/i.test(sentence) ? addressee : undefined;
}

/** "Tom, my sister" of "I met Tom, my sister and I"; one pattern for the whole list would read each name in many ways. */
function listedBefore(sentence: string): string | undefined {
  for (const { index } of sentence.matchAll(AND_I)) {
    const names: string[] = [];
    for (const item of sentence.slice(0, index).split(", ").reverse()) {
      const [name] = PARTNER_BEHIND.exec(item) ?? [];
      if (name) names.unshift(name);
      if (name !== item) break;
    }
    if (names.length > 0 && names.length <= MOST) return names.join(", ");
  }
  return undefined;
}
