import { ADVERBIAL, agree, INVERTING, isFiniteBe, matchCase, NO_AGREEMENT_AFTER } from "./agreement.ts";
import type { Token } from "./language.ts";
import { isPronoun } from "./pronouns.ts";

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

const GIVING = /^(?:brings?|bringing|brought|gives?|giving|gave|sends?|sent|shows?|showed|offers?|offered)$/;

/** Whom "they", "them" and "their" may stand for, since they were named last. */
export type Focus = "speaker" | "addressee" | "group" | undefined;

export interface Rewritten {
  readonly text: string;
  readonly namesSpeaker: boolean;
  /** Who is named first. */
  readonly first: Focus;
  readonly focus: Focus;
}

/**
 * Rewrites first and second person into names, verbs agreeing: "I am proud of you" becomes "Maya is proud
 * of Tom". As object or owner, whoever was named last in the statement is "them", "their".
 * @param focus whom an earlier part of the same statement named last.
 */
export function rewritePersons(tokens: readonly Token[], persons: Persons, focus: Focus): Rewritten {
  const rewriter = new Rewriter(tokens, persons, focus);
  const text = rewriter.run();
  return { text, namesSpeaker: rewriter.namesSpeaker, first: rewriter.first, focus: rewriter.focus };
}

class Rewriter {
  focus: Focus;
  first: Focus;
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
    this.first ??= who;
    if (who !== "addressee") this.namesSpeaker = true;
    if (lower === "i" || (lower === "you" && this.#isSubject(i))) agree(this.#tokens, this.#out, i);
  }

  #wording(who: keyof Persons, use: Use, name: string, value: string, i: number): string {
    const known = this.focus === who && !this.#othersAreThem;
    const lower = this.#tokens[i]?.lower;
    if (use === "subject") return name;
    // "Let's do it": the two who speak.
    if (lower === "us" && this.#tokens[i - 1]?.lower === "let")
      return `${this.#persons.speaker} and ${this.#persons.addressee}`;
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
    if (INVERTING.has(before.lower) || isFiniteBe(this.#tokens[i + 1])) return true;
    if (NO_AGREEMENT_AFTER.has(before.lower) || before.pos === "ADP") return false;
    if (before.lower === "n't") return INVERTING.has(this.#tokens[i - 2]?.lower ?? "");
    const next = this.#tokens[i + 1];
    // "Brings you joy".
    if (GIVING.test(before.lower) && next?.pos === "VERB") return false;
    return next !== undefined && (next.pos === "VERB" || next.pos === "AUX" || ADVERBIAL.has(next.lower));
  }
}

/** "Maya's", "Chris's", "Maya and others'", "Maya and their kids'". */
export function possessive(name: string): string {
  return / others$| and their .*s$/.test(name) ? `${name}'` : `${name}'s`;
}
