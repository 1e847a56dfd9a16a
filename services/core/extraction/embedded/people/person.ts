import type { Token } from "../language.ts";
import { ADVERBIAL, agree, INVERTING, isFiniteBe, matchCase, NO_AGREEMENT_AFTER } from "./agreement.ts";
import { meansAnyone } from "./generic.ts";
import { namesOther, SOMEBODY_ELSE } from "./others.ts";
import { isSeveral, type Persons, together } from "./persons.ts";
import { FORMS, ONE, type Use, type Who } from "./pronoun-forms.ts";
import { asksToLet, isPronoun } from "./pronouns.ts";

const GIVING = /^(?:brings?|bringing|brought|gives?|giving|gave|sends?|sent|shows?|showed|offers?|offered)$/;

const COUNTS = /^(?:both|all|none|each|either|neither|some|most|two|three|many|any|one)$/;

/** Whom a statement has named so far. */
export interface Focus {
  /** Of those who speak, the one named last. */
  readonly who: Who | undefined;
  /** Nobody else was: only then "their" can mean no other. */
  readonly alone: boolean;
}

export const NOBODY: Focus = { who: undefined, alone: true };

export interface Rewritten {
  readonly text: string;
  readonly namesSpeaker: boolean;
  /** Who is named first. */
  readonly first: Who | undefined;
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
  first: Who | undefined;
  namesSpeaker = false;
  #last: Who | undefined;
  #alone: boolean;
  /** Whoever of those who speak was named last can be meant by "themself": not as an owner, nobody after. */
  #acts = false;
  readonly #tokens: readonly Token[];
  readonly #out: string[];
  readonly #persons: Persons;
  /** "them" and "their" already mean others here. */
  readonly #othersAreThem: boolean;
  readonly #anyone: boolean;

  constructor(tokens: readonly Token[], persons: Persons, focus: Focus) {
    this.#tokens = tokens;
    this.#out = tokens.map((token) => token.value);
    this.#persons = persons;
    this.#anyone = meansAnyone(tokens);
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
    const form = FORMS.get(lower);
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
    if (lower === "i" || (lower === "you" && this.#isSubject(i) && !this.#arePlural(i)))
      agree(this.#tokens, this.#out, i);
  }

  #noteOther(): void {
    this.#alone = false;
    this.#acts = false;
  }

  #wording(who: Who, use: Use, name: string, value: string, i: number): string {
    // What is told of the other has the speaker's name in front.
    const known =
      who !== "addressee" &&
      this.#last === who &&
      this.#alone &&
      !this.#othersAreThem &&
      !this.#opensClause(i);
    const lower = this.#tokens[i]?.lower;
    if (who === "addressee" && this.#anyone) return ONE[use];
    if (this.#arePlural(i) && !isSeveral(name)) return `${name} and others`;
    if (this.#countsAmong(i)) return `${this.#persons.speaker} and the other`;
    if (use === "subject") return name;
    // "Let's do it": the two who speak.
    if (lower === "us" && this.#tokens[i - 1]?.lower === "let" && !asksToLet(this.#tokens, i - 1))
      return together(this.#persons);
    // "Them" for one reads as others.
    if (use === "object") return known && who === "group" ? "them" : name;
    if (use === "self" && this.#last === who && this.#acts)
      return who === "group" || isSeveral(name) ? "themselves" : "themself";
    if (use === "self") return who === "speaker" || this.#hasSubject(who, i) ? name : "oneself";
    // "Our" house is the speaker's as well, and "others" would say nothing; "our kids" may be the others themselves.
    const shared =
      who === "group" && (isSeveral(name) || SOMEBODY_ELSE.test(this.#tokens[i + 1]?.lower ?? ""));
    const owner = shared ? this.#persons.speaker : name;
    if (use === "owner")
      return known && !(shared && name.includes(" and their "))
        ? matchCase("their", value)
        : possessive(owner);
    return known && who === "group" ? "theirs" : possessive(name);
  }

  /** "Both of you", "you both", "you two". */
  #arePlural(i: number): boolean {
    const [count, of, you, behind] = [i - 2, i - 1, i, i + 1].map((at) => this.#tokens[at]?.lower);
    if (you !== "you") return false;
    return (
      isSeveral(this.#persons.addressee) || behind === "both" || (of === "of" && COUNTS.test(count ?? ""))
    );
  }

  /** "Us girls", "for us parents", not "gave us friends". */
  #countsAmong(i: number): boolean {
    const [before, word, next] = [i - 1, i, i + 1].map((at) => this.#tokens[at]);
    if (!/^(?:us|we)$/.test(word?.lower ?? "") || !next || !/^\p{Ll}+s$|men$/u.test(next.lower)) return false;
    const led = !before || /^(?:PUNCT|CCONJ|SCONJ|ADP)$/.test(before.pos);
    return led && next.pos === "NOUN" && SOMEBODY_ELSE.test(next.lower);
  }

  /** "Taking care of yourself is vital" is about nobody in particular. */
  #hasSubject(who: Who, i: number): boolean {
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
  return isSeveral(name) || / and their .*s$/.test(name) ? `${name}'` : `${name}'s`;
}
