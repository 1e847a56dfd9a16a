import type { Instruction } from "./instructions.ts";
import type { Signs } from "./signs.ts";

/** The person whose memory it is, whatever they are called. */
export const SELF = "self";

/** The attribute of who or what died, was sold or the like: nothing of it goes on. */
export const GONE = "gone";

/**
 * How a claim is meant. `so`: it is so, or happened. `denied`: it is not so. `ended`: it was so and is no more.
 * `former`: it was so once. `planned`: it is to come. `unreal`: a wish, a guess, a condition: nothing follows from it.
 */
export type Mode = "so" | "denied" | "ended" | "former" | "planned" | "unreal";

/** What a clause of a statement claims, in a form that can be compared. Words are lemmas in small letters. */
export interface Claim {
  /** SELF, `self/sister`, a name, or empty for what belongs to nobody ("the deadline"). */
  readonly subject: string;
  /** What of it: one of the common attributes (`lives_in`), a noun ("rent") or what is done ("play"). */
  readonly attribute: string;
  /** What narrows the attribute: "favorite" colour, the deadline "of the report". */
  readonly narrowed: readonly string[];
  /** It has one value at a time, so that another one ends the first. */
  readonly single: boolean;
  /** Whether the value of a noun tells how or where it is, or that it was off for once; undefined of what it is. */
  readonly tells?: "how" | "where" | "once" | undefined;
  /** Content words of the value, in their order. */
  readonly value: readonly string[];
  /** What the value names side by side ("French and Spanish"), each by its words; none where it names one. */
  readonly items?: readonly (readonly string[])[];
  /** Numbers and names of days, months and years that stand beside the value. */
  readonly times: readonly string[];
  /** What it says is not the value: "not Berlin", "from Berlin", "instead of Berlin". */
  readonly not: readonly string[];
  readonly mode: Mode;
  /** Tells how it was at some time before: "was", not "is" nor "was moved to". */
  readonly isPast?: boolean | undefined;
  /** What is done as a habit: "takes", not "took" nor "is taking". */
  readonly isHabit?: boolean | undefined;
  /** Says that something changed or was wrong: now, actually, switched, correction. */
  readonly cue: boolean;
}

/** One sentence of a statement. */
export interface Part {
  readonly words: ReadonlySet<string>;
  readonly subjects: readonly string[];
  readonly signs: Signs;
}

/** What a statement says, for comparing it with another. */
export interface Reading {
  /** Who tells it, where it says so ("Bo said: ..."); in small letters, SELF of the person. */
  readonly speaker: string | undefined;
  readonly claims: readonly Claim[];
  readonly parts: readonly Part[];
  /** Whom or what a proper name stands for: "cian" for `self/son`. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Words that name the person whose memory it is. */
  readonly names: ReadonlySet<string>;
  /** All content words, numbers and times, as turns of phrase are put plainly. */
  readonly words: ReadonlySet<string>;
  /** With them those that were said: a request to forget names either, "my salary" or "what I make". */
  readonly wordsSaid: () => ReadonlySet<string>;
  readonly isDenied: boolean;
  /** Has a word that denies, whatever it denies. */
  readonly negates: boolean;
  /** Corrects something that was said before. */
  readonly corrects: boolean;
  /** Says that what was said before was a mistake: it was never so. */
  readonly admitsMistake: boolean;
  /** What it asks for from now on, if it asks for anything. */
  readonly instruction?: Instruction | undefined;
  /** The language that it is told in, where no rule reads what that claims: it has no claims then, and no parts. */
  readonly unread?: string | undefined;
}

/** What a new statement does to a known one, and by which rule. */
export type Relation =
  | { readonly type: "same" | "poorer" | "richer" | "ends"; readonly rule: string }
  | { readonly type: "none" };

/** What is known of two statements beside what they say. */
export interface Compared {
  /** Of their vectors; undefined where nobody has looked. */
  readonly cosine: number | undefined;
  /** Whether who tells the new one may end what is known of a subject. */
  readonly mayEnd: (subject: string) => boolean;
  /** Both are about a moment, and not of one. */
  readonly isOtherMoment: boolean;
  /** What the new one tells happens again and again, and has: the same words tell of another time. */
  readonly isAnotherTime: boolean;
  /**
   * Several people talk with each other: most of what they say is to each other, so that only what is told of a common
   * attribute, or nearly word for word, is taken for a change or a repetition.
   */
  readonly isTalk: boolean;
}
