import { ADVERBIAL, agree, INVERTING, isFiniteBe, matchCase, NO_AGREEMENT_AFTER } from "./agreement.ts";
import type { Token } from "./language.ts";
import { namesOther } from "./others.ts";
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

/** Whom a statement has named so far. */
export interface Focus {
  /** Of those who speak, the one named last. */
  readonly who: keyof Persons | undefined;
  /** Nobody else was: only then "their" can mean no other. */
  readonly alone: boolean;
}

export const NOBODY: Focus = { who: undefined, alone: true };

export interface Rewritten {
  readonly text: string;
  readonly namesSpeaker: boolean;
  /** Who is named first. */
  readonly first: keyof Persons | undefined;
  readonly focus: Focus;
}

/**
 * Rewrites first and second person into names, verbs agreeing: "I am proud of you" becomes "Maya is proud
 * of Tom". An owner is "their" where the statement has named nobody else.
 * @param focus whom earlier parts of the same statement named.
 */
export function rewritePersons(tokens: readonly Token[], persons: Persons, focus: Focus): Rewritten {
  const rewriter = new Rewriter(tokens, persons, focus);
  const text = rewriter.run();
  return { text, namesSpeaker: rewriter.namesSpeaker, first: rewriter.first, focus: rewriter.focus };
}

class Rewriter {
  first: keyof Persons | undefined;
  namesSpeaker = false;
  #last: keyof Persons | undefined;
  #alone: boolean;
  /** Whoever of those who speak was named last can be meant by "themself": not as an owner, nobody after. */
  #acts = false;
  readonly #tokens: readonly Token[];
  readonly #out: string[];
  readonly #persons: Persons;
  /** "them" and "their" already mean others here. */
  readonly #othersAreThem: boolean;

  constructor(tokens: readonly Token[], persons: Persons, focus: Focus) {
    this.#tokens = tokens;
    this.#out = tokens.map((token) => token.value);
    this.#persons = persons;
    this.#last = focus.who;
    this.#alone = focus.alone;
    this.#acts = focus.who !== undefined;
    this.#othersAreThem = tokens.some((t) => /^(?:they|them|their|theirs)$/.test(t.lower));
  }

  get focus(): Focus {
    return { who: this.#last, alone: this.#alone };
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
    if (!form || !isPronoun(this.#tokens, i)) {
      if (namesOther(this.#tokens, i)) this.#noteOther();
      return;
    }
    const [who, use] = form;
    const name = this.#persons[who];
    this.#out[i] = this.#wording(who, use, name, this.#tokens[i]?.value ?? "", i);
    if (this.#last && this.#last !== who && who !== "group") this.#alone = false;
    this.#acts = use === "subject" || use === "object" || (this.#acts && this.#last === who);
    this.#last = who;
    this.first ??= who;
    if (who !== "addressee") this.namesSpeaker = true;
    if (lower === "i" || (lower === "you" && this.#isSubject(i))) agree(this.#tokens, this.#out, i);
  }

  #noteOther(): void {
    this.#alone = false;
    this.#acts = false;
  }

  #wording(who: keyof Persons, use: Use, name: string, value: string, i: number): string {
    const known = this.#last === who && this.#alone && !this.#othersAreThem && !this.#opensClause(i);
    const lower = this.#tokens[i]?.lower;
    if (use === "subject") return name;
    // "Let's do it": the two who speak.
    if (lower === "us" && this.#tokens[i - 1]?.lower === "let")
      return `${this.#persons.speaker} and ${this.#persons.addressee}`;
    // "Them" for one reads as others.
    if (use === "object") return known && who === "group" ? "them" : name;
    if (use === "self" && this.#last === who && this.#acts)
      return who === "group" ? "themselves" : "themself";
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
