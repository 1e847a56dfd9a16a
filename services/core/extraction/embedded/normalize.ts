import { SEVERAL_YOU } from "./people/several.ts";
import { isParticiple, isPastForm } from "./verbs.ts";

const SLANG: readonly (readonly [RegExp, string])[] = [
  [/\bgonna\b/gi, "going to"],
  [/\bwanna\b/gi, "want to"],
  // "We got to meet them" is no duty.
  [/(?:(?<=\b(?:I|we|you|they))(?: have|['’]ve) (?:gotta|got to)\b)|\bgotta\b/gi, " have to"],
  [/(?<!\w)['’]?cause\b(?! (?:of|a|the|an|any)\b)/gi, "because"],
  [/(?<!\w)['’]?cuz\b/gi, "because"],
  [/(?<!\p{L})ya(?!\p{L})/giu, "you"],
  [/(?<!\p{L})u(?!\p{L})/gu, "you"],
  [/(?<!\p{L})ur(?!\p{L})/gu, "your"],
  [/\bkinda\b/gi, "kind of"],
  [SEVERAL_YOU, "you"],
  [/\blemme\b/gi, "let me"],
  [/\bgimme\b/gi, "give me"],
  [/\bthx\b/gi, "thanks"],
  [/\bwk(?=s?\b)/gi, "week"],
  [/\byr(?=s?\b)/gi, "year"],
  [/\bcannot\b/gi, "can not"],
  [/(?<!\p{L})im(?!\p{L})/gu, "I'm"],
  [/\b(?:ive)\b/gi, "I've"],
  [/\b(?:pls|plz)\b/gi, "please"],
  [/\b(do|does|did|could|would|should|is|are|was|were|have|has|had)nt\b/gi, "$1n't"],
  [/\bcant\b/gi, "can't"],
];

/** `I'd` and `you'd` are "had" before a participle and "would" otherwise. */
const HAD_OR_WOULD =
  /\b(I|you|we)['’]d\b(?<adverbs>(?: (?:never|always|also|just|already|ever|only|not))*)(?: (?<verb>\p{L}+)(?=(?<rest>[^.;!?]*)))?/giu;
/** Base forms as well: "I'd come if I could". */
const COMES = /^(?:come|become|run|find)$/i;
const PUTS = /^(?:put|set|cut|hit|hurt|let|cost|quit|shut|split|spread|bet|read)$/i;
const BEHIND = /\b(?:already|just|ever)\b/i;
/** "... before.", "... by then", "... before she came". */
const EARLIER =
  /\b(?:before(?=\s*(?:,|$))|already|(?:by|until|till) then|(?:before|when|by the time) (?:I|we|you|he|she|it|they|(?:my|our|the|his|her) \p{L}+) (?<then>\p{L}+))/iu;
const SUPPOSED = /\b(?:if|unless|whenever|every|each)\b/i;

function hadOrWould(text: string): string {
  return text.replace(HAD_OR_WOULD, (whole, who: string, adverbs: string, verb = "", rest = "") => {
    const had = verb.toLowerCase() === "better" || isHad(adverbs, verb.toLowerCase(), rest);
    return `${who} ${had ? "had" : "would"}${whole.slice(who.length + 2)}`;
  });
}

function isHad(adverbs: string, verb: string, rest: string): boolean {
  const reads = verb === "read";
  if (!COMES.test(verb) && !PUTS.test(verb)) return isParticiple(verb);
  if (SUPPOSED.test(rest)) return false;
  const then = EARLIER.exec(rest);
  if (then && (then.groups?.then === undefined || isPastForm(then.groups.then.toLowerCase()))) return true;
  if (reads || COMES.test(verb)) return BEHIND.test(adverbs) || (reads && /\bnever\b/i.test(adverbs));
  // "I'd just let it go".
  return /\b(?:already|ever)\b/i.test(adverbs);
}

const CONTRACTIONS: readonly (readonly [RegExp, string])[] = [
  [/\bI['’]m\b/gi, "I am"],
  [/\b(I|you|we|how|what|who|where)['’]ve\b/gi, "$1 have"],
  [/\b(I|you|we)['’]ll\b/gi, "$1 will"],
  [/\b(you|we|how|what|who|where|why)['’]re\b/gi, "$1 are"],
  [/\blet['’]s\b/gi, "let us"],
  // "My dad's a cop", not "my dad's car".
  [
    /(?<=\b(?:[Mm]y|[Oo]ur) (?:\p{Ll}+ )?[\p{L}-]{1,20})['’]s (?=(?:an?|the|not|called|named|from)\b)/gu,
    " is ",
  ],
];

/** Straight quotes, no list marks or mark-up, one blank between words. */
export function tidy(sentence: string): string {
  return (
    sentence
      .normalize("NFC")
      .replaceAll(/[’‘`´]/g, "'")
      .replaceAll(/[“”]/g, '"')
      .replace(/\s+/g, " ")
      .replace(/^\s*(?:[-*•>]+|\d{1,2}[.)]|#{1,6})\s+/, "")
      .replace(/\*\*|__/g, "")
      // "git push --force".
      .replace(/\s*(?:(?<!\s)--|--(?!\p{L})|—)\s*/gu, " - ")
      .replace(/\s+([.,!?;:])/g, "$1")
      .trim()
  );
}

/** Tidy, chat's spellings and the contractions of the first and second person written out. */
export function normalize(sentence: string): string {
  let text = tidy(sentence);
  for (const [pattern, plain] of SLANG) text = text.replace(pattern, plain);
  for (const [pattern, plain] of CONTRACTIONS) text = text.replace(pattern, plain);
  return hadOrWould(text)
    .replace(/\s+/g, " ")
    .replace(/\s+([.,!?;:])/g, "$1")
    .trim();
}
