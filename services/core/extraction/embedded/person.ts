import type { Token } from "./language.ts";
import { isCompound, isPronoun } from "./pronouns.ts";
import { isModal, needsAgreement, thirdPerson } from "./verbs.ts";

/** Who "I", "you" and "we" are in a turn. */
export interface Persons {
  /** A name, or "the user", "the assistant". */
  readonly speaker: string;
  readonly addressee: string;
  /** Who is meant by "we", e.g. "Maya and their sister". */
  readonly group: string;
}

type Use = "subject" | "object" | "owner" | "owned" | "self";

const FORMS: Readonly<Record<string, readonly [keyof Persons, Use]>> = {
  i: ["speaker", "subject"],
  me: ["speaker", "object"],
  my: ["speaker", "owner"],
  mine: ["speaker", "owned"],
  myself: ["speaker", "self"],
  you: ["addressee", "subject"],
  your: ["addressee", "owner"],
  yours: ["addressee", "owned"],
  yourself: ["addressee", "self"],
  yourselves: ["addressee", "self"],
  we: ["group", "subject"],
  us: ["group", "object"],
  our: ["group", "owner"],
  ours: ["group", "owned"],
  ourselves: ["group", "self"],
};

const ADVERBIAL = new Set(
  "also even just really always never often usually still already even actually only sometimes definitely probably ever recently finally currently now then both all totally absolutely truly honestly literally basically seriously certainly simply mostly mainly generally typically too".split(
    " ",
  ),
);
const NO_AGREEMENT_AFTER = new Set(
  "help helps helped helping let lets letting make makes made making see sees saw seeing watch watched watching hear heard hearing have having had did do does can could will would shall should may might must to".split(
    " ",
  ),
);
const INVERTING = new Set("am are do have were".split(" "));

/** Whom "they", "them" and "their" may stand for, since they were named last. */
export type Focus = "speaker" | "addressee" | "group" | undefined;

export interface Rewritten {
  readonly text: string;
  readonly namesSpeaker: boolean;
  readonly focus: Focus;
}

/**
 * Rewrites first and second person into names, verbs agreeing: "I am proud of you" becomes "Maya is proud
 * of Tom". As object or owner, whoever was named last in the statement is "them", "their".
 * @param focus whom an earlier part of the same statement named last.
 */
export function rewritePersons(tokens: readonly Token[], persons: Persons, focus: Focus): Rewritten {
  const rewriter = new Rewriter(tokens, persons, focus);
  return { text: rewriter.run(), namesSpeaker: rewriter.namesSpeaker, focus: rewriter.focus };
}

class Rewriter {
  focus: Focus;
  namesSpeaker = false;
  readonly #tokens: readonly Token[];
  readonly #out: string[];
  readonly #persons: Persons;
  /** "them" and "their" already mean others here. */
  readonly #othersAreThem: boolean;

  constructor(tokens: readonly Token[], persons: Persons, focus: Focus) {
    this.#tokens = tokens;
    this.#out = tokens.map((token) => token.value);
    this.#persons = persons;
    this.focus = focus;
    this.#othersAreThem = tokens.some((t) => /^(?:they|them|their|theirs)$/.test(t.lower));
  }

  run(): string {
    for (let i = 0; i < this.#tokens.length; i += 1) this.#rewrite(i);
    return this.#out
      .map((value, i) => (value === "" ? "" : (this.#tokens[i]?.space ?? "") + value))
      .join("")
      .trim();
  }

  #rewrite(i: number): void {
    const lower = this.#tokens[i]?.lower ?? "";
    const form = FORMS[lower];
    if (!form || !isPronoun(this.#tokens, i)) return;
    const [who, use] = form;
    const name = this.#persons[who];
    this.#out[i] = this.#wording(who, use, name, this.#tokens[i]?.value ?? "", i);
    this.focus = who;
    if (who !== "addressee") this.namesSpeaker = true;
    if (lower === "i" || (lower === "you" && this.#isSubject(i))) this.#agree(i);
  }

  #wording(who: keyof Persons, use: Use, name: string, value: string, i: number): string {
    const known = this.focus === who && !this.#othersAreThem;
    if (use === "subject") return name;
    if (use === "object") return known && !this.#opensClause(i) ? "them" : name;
    if (use === "self" && this.focus === who) return who === "group" ? "themselves" : "themself";
    if (use === "self") return who === "speaker" || this.#hasSubject(who, i) ? name : "oneself";
    // "Our" house is the speaker's as well, and "others" would say nothing.
    const owner = who === "group" && / others$/.test(name) ? this.#persons.speaker : name;
    if (use === "owner") return known ? matchCase("their", value) : possessive(owner);
    return known ? matchCase("theirs", value) : possessive(name);
  }

  /** "Taking care of yourself is vital" is about nobody in particular. */
  #hasSubject(who: keyof Persons, i: number): boolean {
    const forms = who === "addressee" ? ["you", "your"] : who === "group" ? ["we", "our"] : ["i", "my", "me"];
    return this.#tokens.slice(0, i).some((token) => forms.includes(token.lower));
  }

  #opensClause(i: number): boolean {
    const before = this.#tokens[i - 1];
    return !before || before.pos === "PUNCT";
  }

  /** "You" is a subject unless a preposition or verb stands right before it and no finite verb behind. */
  #isSubject(i: number): boolean {
    const before = this.#tokens[i - 1];
    if (!before || before.pos === "PUNCT" || before.pos === "CCONJ" || before.pos === "SCONJ") return true;
    if (INVERTING.has(before.lower)) return true;
    if (NO_AGREEMENT_AFTER.has(before.lower) || before.pos === "ADP") return false;
    const next = this.#tokens[i + 1];
    return next !== undefined && (next.pos === "VERB" || next.pos === "AUX" || ADVERBIAL.has(next.lower));
  }

  /** Makes the finite verb of the subject at `i`, and those joined to it by "and", agree with a name. */
  #agree(i: number): void {
    const before = this.#tokens[i - 1];
    if (before && INVERTING.has(before.lower) && before.pos === "AUX") {
      this.#out[i - 1] = matchCase(thirdPerson(before.lower), before.value);
      return;
    }
    if (before && (NO_AGREEMENT_AFTER.has(before.lower) || isModal(before.lower))) return;
    if (before?.lower === "and" && this.#joinsSubjects(i)) return;
    const verb = this.#skipAdverbs(i + 1);
    const token = this.#tokens[verb];
    if (!token || !needsAgreement(token.lower, token.lemma, token.pos) || isCompound(this.#tokens, verb))
      return;
    if (token.pos === "ADP" && token.lower !== "like") return;
    if (token.lower === "were" && this.#tokens.slice(Math.max(0, i - 2), i).some((t) => t.lower === "if"))
      return;
    this.#out[verb] = thirdPerson(token.lower);
    if (!["am", "are", "were", "'ve", "'re"].includes(token.lower)) this.#agreeJoined(verb + 1);
  }

  /** "My husband and I are": two subjects, a plural verb. */
  #joinsSubjects(i: number): boolean {
    if (this.#tokens[i + 1]?.lower === "are" || this.#tokens[i + 1]?.lower === "were") return true;
    return !this.#tokens.slice(0, i - 1).some((token) => token.pos === "VERB" || token.pos === "AUX");
  }

  #agreeJoined(from: number): void {
    for (let j = from; j < this.#tokens.length; j += 1) {
      const token = this.#tokens[j];
      if (!token) return;
      const opens = /^(?:to|who|which|that|because|when|if|while|so|where|how|what|i|you|we|he|she|they|it)$/;
      if (opens.test(token.lower) || isModal(token.lower) || /^[;:()"]$/.test(token.value)) return;
      if (!/^(?:and|but|or|,)$/.test(token.lower)) continue;
      const verb = this.#skipAdverbs(j + 1);
      const joined = this.#tokens[verb];
      const object = this.#tokens[verb + 1];
      // "Swims and reads": behind a present verb "read" is present as well.
      const finite =
        joined?.lower === "read" || (joined && needsAgreement(joined.lower, joined.lemma, "VERB"));
      if (!joined || !(joined.pos === "VERB" || joined.lower === "have") || !finite) continue;
      if (object && (object.pos === "VERB" || object.pos === "AUX")) continue;
      this.#out[verb] = joined.lower === "read" ? "reads" : thirdPerson(joined.lower);
    }
  }

  #skipAdverbs(i: number): number {
    let at = i;
    while (at < this.#tokens.length) {
      const token = this.#tokens[at];
      if (!token || !(ADVERBIAL.has(token.lower) || (token.pos === "ADV" && /ly$/.test(token.lower)))) break;
      at += 1;
    }
    return at;
  }
}

/** "Maya's", "Chris's", "Maya and others'". */
export function possessive(name: string): string {
  return / others$/.test(name) ? `${name}'` : `${name}'s`;
}

function matchCase(word: string, like: string): string {
  return /^\p{Lu}/u.test(like) ? word.charAt(0).toUpperCase() + word.slice(1) : word;
}
