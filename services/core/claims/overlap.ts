import type { Claim } from "./claim.ts";
import { isAkin } from "./classes.ts";
import { DAYS, LIGHT, MONTHS } from "./lexicon.ts";

/** Words in common that tell something. */
export function tellingly(a: readonly string[], b: ReadonlySet<string>): boolean {
  return a.some((word) => b.has(word) && !LIGHT.has(word));
}

export function wordsOf({ attribute, narrowed, value }: Claim): ReadonlySet<string> {
  return new Set([attribute, ...narrowed, ...value]);
}

export function overlaps(a: readonly string[], b: readonly string[]): boolean {
  return a.some((word) => b.includes(word));
}

export function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word) => b.includes(word));
}

/** All of `b` is in `a`, and there is something in `b`. */
export function refines(a: readonly string[], b: readonly string[]): boolean {
  return b.length > 0 && b.every((word) => a.includes(word));
}

/** Both name times, and neither says the other's closer. */
export function timesDiffer({ times }: Claim, old: Claim): boolean {
  return times.length > 0 && old.times.length > 0 && !refines(times, old.times) && !refines(old.times, times);
}

export function share(of: readonly string[], within: ReadonlySet<string>): number {
  return of.length === 0 ? 0 : of.filter((word) => within.has(word)).length / of.length;
}

/** "Every Sunday", "on Sundays": what was on a single day has its date. */
export function isWeekday(time: string): boolean {
  return DAYS.has(time) && !/^to|yester/.test(time);
}

/** A number, or a name of a day or month. */
export function isTime(word: string): boolean {
  return /^\p{N}/u.test(word) || MONTHS.has(word) || DAYS.has(word);
}

/** One of them has at least half of the other one's value. */
export function mutual(a: Claim, b: Claim): boolean {
  return share(a.value, new Set(b.value)) >= 0.5 || share(b.value, new Set(a.value)) >= 0.5;
}

/** Some of the words, that tell something, have no form among the others. */
export function lacks(some: readonly string[], others: readonly string[]): boolean {
  return some.some((word) => !LIGHT.has(word) && !others.some((other) => isAkin(word, other)));
}
