import { languageOf } from "../../language/languages.ts";
import { type ForgetRules, rulesOf } from "../../language/rules/rules.ts";

/** What is asked to be forgotten in a language whose claims no rule reads. */
export type ForgetElsewhere =
  | { readonly what: "last" }
  /** `topic`: all that tells of it; `statement`: what says it, in whatever order of words. */
  | { readonly what: "topic" | "statement"; readonly about: string };

/**
 * Reads a request to forget.
 *
 * @param said in the words of the message.
 * @param tag a language without rules for it asks nothing.
 */
export function forgetElsewhere(said: string, tag: string): ForgetElsewhere | undefined {
  const rules = rulesOf(tag)?.forget;
  const match = rules?.asks.exec(said.trim());
  if (!rules || !match) return undefined;
  const rest = plainRest(match.groups?.rest ?? "");
  if (rules.denied.test(rest)) return undefined;
  if (rules.last.test(rest)) return { what: "last" };
  const that = rules.that.exec(rest)?.groups?.said;
  if (that) return { what: "statement", about: that };
  const about = rules.topic.exec(rest)?.groups?.about;
  const isMemory = about !== undefined || rules.own.test(rest) || rules.isSure.test(match[0]);
  return isMemory ? { what: "topic", about: about ?? rest } : undefined;
}

/** Without "please", the verb that German has last, and what closes the sentence. */
function plainRest(rest: string): string {
  return rest
    .replace(/[.!?。]+\s*$/u, "")
    .replace(/(?<!\p{L})(?:bitte|por favor)(?!\p{L}),?/giu, "")
    .replace(/[, ]+(?:vergessen|löschen|streichen|entfernen)$/iu, "")
    .replace(/[, ]+(?:vergisst|löschst|streichst|entfernst)$/iu, "")
    .replace(/^(?:[, ]*(?:mal|doch|einfach|eben|schnell|jetzt|wieder))+(?!\p{L})|[, ]+wieder$/giu, "")
    .replace(/\s+/gu, " ")
    .replace(/^[, ]+|[, ]+$/gu, "");
}

/**
 * Whether a memory is what a request names: what is deleted is gone for good, so every word of the request stands in
 * one sentence of it, forms included, of what it says in one clause, and what it denies is denied there too. Of a thing of one's own ("my dog") the
 * sentence tells of oneself, and of nobody else's.
 *
 * @param text of the memory, which may begin with the name of its teller.
 */
export function isAskedForElsewhere(request: ForgetElsewhere, text: string, tag: string): boolean {
  const rules = rulesOf(tag)?.forget;
  if (!rules || request.what === "last") return false;
  return sentencesOf(text, tag).some((sentence) =>
    request.what === "statement"
      ? saysIt(request.about, sentence, rules, tag)
      : tellsOf(request.about, sentence, rules, tag),
  );
}

function saysIt(about: string, sentence: string, rules: ForgetRules, tag: string): boolean {
  const inSentence = new Set(wordsOf(sentence, tag));
  const asked = wordsOf(about, tag);
  if (asked.length < 2 || !asked.every((word) => inSentence.has(word))) return false;
  // Who it is of need not be said again: "ich wohne in Köln und habe einen Hund".
  const named = asked.filter((word) => !SELF.test(word));
  return clausesOf(sentence, about).some((clause) => {
    const known = new Set(wordsOf(clause, tag));
    const isAll = named.length > 0 && named.every((word) => known.has(word));
    // Where no verb says who, it is who speaks.
    if (!languageOf(tag).isSpaced && rules.ofSelf.test(about) && !rules.ofSelf.test(clause)) return false;
    return isAll && DENIES.test(about) === DENIES.test(clause) && asked.length >= MOST * known.size;
  });
}

/** What is joined by "and" and "but", and what stands between commas; a request that joins itself is of the whole. */
function clausesOf(sentence: string, about: string): string[] {
  if (JOINS.test(about)) return [sentence];
  return [...sentence.split(JOINS), ...sentence.split(JOINS).flatMap((part) => part.split(","))];
}

const JOINS = /(?:\s(?:und|aber|sondern|y|e|pero|sino)\s|;)/iu;
const SELF = /^(?:ich|wir|yo|nosotr[oa]s|私|僕|俺)$/u;
/** Of a clause's words, as many at least are named: "I have a dog" is not "I have a dog in mind for Ben's birthday". */
const MOST = 0.5;
const DENIES =
  /(?<!\p{L})(?:nicht|kein\p{L}*|nie|niemals|no|nunca|jamás|tampoco)(?!\p{L})|ない|ません|なかった/iu;

function tellsOf(about: string, sentence: string, rules: ForgetRules, tag: string): boolean {
  const { stopWords } = languageOf(tag);
  const asked = wordsOf(about, tag).filter((word) => !stopWords.has(word) && !SELF.test(word));
  const known = wordsOf(sentence, tag);
  if (asked.length === 0 || !asked.every((word) => known.includes(word))) return false;
  if (!rules.own.test(about)) return true;
  const owned = known.filter((_, i) => rules.own.test(`${known[i - 1] ?? ""} `));
  return owned.length > 0 ? owned.every((word) => asked.includes(word)) : rules.ofSelf.test(sentence);
}

const MEANS = /[\p{Script=Han}\p{Script=Katakana}\p{Script=Latin}\p{N}]/u;

function sentencesOf(text: string, tag: string): string[] {
  const segmenter = new Intl.Segmenter(tag, { granularity: "sentence" });
  const plain = text.replace(/^\p{Lu}[^:.!?]{0,60}: /u, "");
  return [...segmenter.segment(plain)].map(({ segment }) => segment.trim());
}

/** Of a language without blanks those that carry a meaning by their script: 犬 and 飼, not を and います. */
function wordsOf(text: string, tag: string): string[] {
  if (!languageOf(tag).isSpaced) {
    const segmenter = new Intl.Segmenter(tag, { granularity: "word" });
    return [...segmenter.segment(text.normalize("NFKC").toLowerCase())]
      .filter(({ segment, isWordLike }) => isWordLike && MEANS.test(segment))
      .map(({ segment }) => segment);
  }
  return (
    text
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  );
}
