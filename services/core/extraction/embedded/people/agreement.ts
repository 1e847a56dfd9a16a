import { ORDERS } from "../fragment-words.ts";
import type { Token } from "../language.ts";
import { isModal, needsAgreement, thirdPerson } from "../verbs.ts";
import { isCompound } from "./pronouns.ts";

export const ADVERBIAL = new Set(
  "also even just really always never often usually still already even actually only sometimes definitely probably ever recently finally currently now then both all totally absolutely truly honestly literally basically seriously certainly simply mostly mainly generally typically too".split(
    " ",
  ),
);
export const NO_AGREEMENT_AFTER = new Set(
  "help helps helped helping let lets letting make makes made making see sees saw seeing watch watched watching hear heard hearing have having had did do does can could will would shall should may might must to".split(
    " ",
  ),
);
export const INVERTING = new Set("am are do have were".split(" "));

/** Makes the finite verb of the subject at `i`, and those joined to it by "and", agree with a name. */
export function agree(tokens: readonly Token[], out: string[], i: number): void {
  const before = tokens[i - 1];
  // "Don't you like it?"
  const at = before?.lower === "n't" ? i - 2 : i - 1;
  const inverted = tokens[at];
  if (inverted && INVERTING.has(inverted.lower) && inverted.pos === "AUX") {
    out[at] = matchCase(thirdPerson(inverted.lower), inverted.value);
    return;
  }
  const finite = isFiniteBe(tokens[i + 1]);
  if (before && (NO_AGREEMENT_AFTER.has(before.lower) || isModal(before.lower)) && !finite) return;
  if (before?.lower === "and" && joinsSubjects(tokens, i)) return;
  const verb = skipAdverbs(tokens, i + 1);
  const token = tokens[verb];
  if (!token || !needsAgreement(token.lower, token.lemma, token.pos) || isCompound(tokens, verb)) return;
  if (token.pos === "ADP" && token.lower !== "like") return;
  if (token.lower === "were" && tokens.slice(Math.max(0, i - 2), i).some((t) => t.lower === "if")) return;
  out[verb] = thirdPerson(token.lower);
  agreeJoined(tokens, out, verb + 1, BE.has(token.lower));
}

const BE = new Set(["am", "are", "were", "'ve", "'re"]);

/** "I hear you are moving": no infinitive, whatever stands before. */
export function isFiniteBe(token: Token | undefined): boolean {
  return /^(?:am|are|were)$/.test(token?.lower ?? "");
}

/** "My husband and I are": two subjects, a plural verb; not "I met my husband and I are". */
function joinsSubjects(tokens: readonly Token[], i: number): boolean {
  const next = tokens[i + 1]?.lower;
  if (next === "are" || next === "were") return true;
  let at = i - 2;
  while (
    /^(?:NOUN|PROPN|ADJ|NUM|DET|PART)$/.test(tokens[at]?.pos ?? "") ||
    OWNER.test(tokens[at]?.lower ?? "")
  )
    at -= 1;
  const noun = /^(?:NOUN|PROPN)$/.test(tokens[i - 2]?.pos ?? "") && next !== "am";
  if (noun && (at < 0 || /^(?:PUNCT|CCONJ|SCONJ)$/.test(tokens[at]?.pos ?? ""))) return true;
  return !tokens.slice(0, i - 1).some((token) => token.pos === "VERB" || token.pos === "AUX");
}

const OWNER = /^(?:my|your|our|his|her|their|'s)$/;

/** @param behindBe "I am married and have a son", not "I am afraid my kids swim and run". */
function agreeJoined(tokens: readonly Token[], out: string[], from: number, behindBe: boolean): void {
  for (let j = from; j < tokens.length; j += 1) {
    const token = tokens[j];
    if (!token) return;
    const opens = /^(?:to|who|which|that|because|when|if|while|so|where|how|what|i|you|we|he|she|they|it)$/;
    if (opens.test(token.lower) || isModal(token.lower) || /^[;:()"]$/.test(token.value)) return;
    if (behindBe && token.pos === "VERB" && token.lower === token.lemma) return;
    if (!/^(?:and|but|or|,)$/.test(token.lower) || (behindBe && token.lower === ",")) continue;
    const verb = skipAdverbs(tokens, j + 1);
    const joined = tokens[verb];
    const object = tokens[verb + 1];
    // "Swims and reads": behind a present verb "read" is present as well.
    const finite = joined?.lower === "read" || (joined && needsAgreement(joined.lower, joined.lemma, "VERB"));
    if (!joined || !(joined.pos === "VERB" || joined.lower === "have") || !finite) continue;
    if (object && (object.pos === "VERB" || object.pos === "AUX")) continue;
    if (token.value === "," && asksListener(tokens, verb)) continue;
    // "You are doing great, and keep it up!"
    if (behindBe && ORDERS.has(joined.lower)) return;
    out[verb] = joined.lower === "read" ? "reads" : thirdPerson(joined.lower);
    if (behindBe) return;
  }
}

const ASKED =
  /^(?:(?:write|note|jot|take|mark) (?:it|that|this|them|these|those) down|(?:keep|bear) (?:it|that|this|them|these|those) in mind|(?:remember|note|save|trust|believe|check) (?:it|that|this|them|these|those|me|us)|take note|make a note(?: of (?:it|that|this|them))?|look it up|check it out|let (?:me|us) know(?: .*)?|(?:tell|ask|remind) (?:me|us)(?: .*)?)(?: (?:please|ok|okay|thanks|though|for me))?$/;
/** In tokens. */
const ASKED_LONGEST = 12;

/** "My code is 1234, write it down": what the listener is to do, nothing that the speaker does. */
function asksListener(tokens: readonly Token[], verb: number): boolean {
  const rest = tokens.slice(verb, verb + ASKED_LONGEST);
  const end = rest.findIndex((token) => token.pos === "PUNCT");
  const clause = end < 0 ? rest : rest.slice(0, end);
  return ASKED.test(clause.map((token) => token.lower).join(" "));
}

function skipAdverbs(tokens: readonly Token[], i: number): number {
  let at = i;
  while (at < tokens.length) {
    const token = tokens[at];
    if (token?.lower === "no" && tokens[at + 1]?.lower === "longer") {
      at += 2;
      continue;
    }
    if (!token || !(ADVERBIAL.has(token.lower) || (token.pos === "ADV" && /ly$/.test(token.lower)))) break;
    at += 1;
  }
  return at;
}

/** As a word is written: "Do" gives "Does". */
export function matchCase(word: string, like: string): string {
  return /^\p{Lu}/u.test(like) ? word.charAt(0).toUpperCase() + word.slice(1) : word;
}
