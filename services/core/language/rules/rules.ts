import { GERMAN } from "./german.ts";
import { CHINESE, JAPANESE } from "./han.ts";
import { SPANISH } from "./spanish.ts";

export type Unit = "day" | "week" | "month" | "year";

/** How a language names days, months and years. Patterns are without flags: they are joined, and read case apart. */
export interface DateWords {
  /** Months in order, each a pattern; a capital where the language writes one. */
  readonly months: readonly string[];
  /** Dates with a month, by the groups `day`, `month` (a name) or `number`, `year`. The first that fits reads. */
  readonly dates: readonly string[];
  /** "Yesterday": so many units away. */
  readonly relative: readonly (readonly [pattern: string, unit: Unit, away: number])[];
  /** "Three days ago", by the groups `count` and `unit`. */
  readonly ago: readonly string[];
  readonly units: Readonly<Record<string, Unit>>;
  readonly numbers: Readonly<Record<string, number>>;
}

/** How a language asks to forget something. */
export interface ForgetRules {
  /** A sentence that asks, from its beginning; what is to be forgotten is the group `rest`. */
  readonly asks: RegExp;
  /** Asks for the contrary: "don't forget". */
  readonly denied: RegExp;
  /** Can mean nothing but memory: "delete the last line" may be about a text. */
  readonly isSure: RegExp;
  /** Of the rest: a statement, in the group `said`. */
  readonly that: RegExp;
  /** Of the rest: all about something, in the group `about`. */
  readonly topic: RegExp;
  /** Of the rest: what was said just before. */
  readonly last: RegExp;
  /** "My", of whatever is named behind it. */
  readonly own: RegExp;
  /** A sentence that its teller tells of themselves. */
  readonly ofSelf: RegExp;
}

/** What is known of a language besides its words' order: rules for what people say, none of them needed. */
export interface LanguageRules {
  /** A sentence that asks though no mark says so. */
  readonly asks: RegExp;
  /** A query for a time: when, how long. */
  readonly asksForTime: RegExp;
  /** An expression of time that is no date: "for three years", "on Monday". */
  readonly time: RegExp;
  /** Who asks speaks of themselves. */
  readonly firstPerson: RegExp;
  /** A sentence that tells of who says it, and needs none before it. */
  readonly ofOneself: RegExp;
  /** What an assistant said is asked for. */
  readonly assistantSaid: RegExp;
  /** Endings that a name may have: "Annas". */
  readonly nameEnding: string;
  /** Greetings, thanks and reactions: a sentence of nothing but these tells nothing. Lower case. */
  readonly smallTalk: ReadonlySet<string>;
  /** What an assistant without a name is called. */
  readonly assistant: string;
  /** Small words that tell the language of a text that nobody named. */
  readonly marks: ReadonlySet<string>;
  readonly dates: DateWords;
  /** Undefined: a request is no different from anything else that is said. */
  readonly forget?: ForgetRules;
}

const RULES: Readonly<Record<string, LanguageRules>> = {
  de: GERMAN,
  es: SPANISH,
  ja: JAPANESE,
  zh: CHINESE,
};

/** Undefined where there are none: nothing is guessed of such a language. English has rules of its own. */
export function rulesOf(tag: string): LanguageRules | undefined {
  return RULES[tag];
}

/** Languages that there are rules for. */
export const RULED: readonly string[] = Object.keys(RULES);
