import type { Claim } from "./claim.ts";
import { sameSet } from "./overlap.ts";

/** "Takes 20 mg of lisinopril every morning", "is down to 1 coffee a day": as often, and another number of the same. */
export function changesAmount(claim: Claim, old: Claim): boolean {
  if (claim.mode !== "so" || old.mode !== "so" || !old.isHabit || !MEASURED.has(old.attribute)) return false;
  if (claim.subject === "" || !sameSet(claim.times, old.times)) return false;
  const isLevel = claim.attribute === "own" && claim.cue && claim.value.some((word) => OFTEN.has(word));
  if (!isLevel && !(claim.isHabit && claim.attribute === old.attribute)) return false;
  const [now, before] = [amountOf(claim), amountOf(old)];
  if (now === undefined || before === undefined || now.number === before.number) return false;
  const isOften = [...now.of, ...claim.times].some((word) => OFTEN.has(word) || DOSES.has(word));
  return isOften && sameSet(now.of, before.of);
}

/** "Goes to the gym every day now", three times a week before. */
export function changesOften(claim: Claim, old: Claim): boolean {
  const isNow = claim.cue && claim.mode === "so" && old.mode === "so" && claim.subject !== "";
  if (!isNow || !claim.isHabit || !old.isHabit || claim.attribute !== old.attribute) return false;
  const [now, before] = [rhythmOf(claim), rhythmOf(old)];
  if (now.often.length === 0 || before.often.length === 0 || sameSet(now.often, before.often)) return false;
  return now.what.length > 0 && sameSet(now.what, before.what) && sameSet(claim.times, old.times);
}

/** Tells how often something is done. */
export function isOften({ value }: Claim): boolean {
  return value.some((word) => OFTEN.has(word));
}

/** What is done, and how often. */
function rhythmOf({ value }: Claim) {
  const isOften = (word: string) => /^\p{N}|^tim(?:e|es)?$/u.test(word) || OFTEN.has(word);
  return { what: value.filter((word) => !isOften(word)), often: value.filter(isOften) };
}

/** The one number of a value, and what there is so much of. */
function amountOf({ value }: Claim): { readonly number: string; readonly of: readonly string[] } | undefined {
  const isNumber = (word: string) => /^\p{N}/u.test(word);
  const [number, ...more] = value.filter(isNumber);
  if (number === undefined || more.length > 0) return undefined;
  return { number, of: value.filter((word) => !isNumber(word)) };
}

/** What is done more or less, as lemmas or stems. */
const MEASURED = new Set(
  "take drink eat smoke run swim walk cycl cycle sleep work read pay earn exercise vape meditat meditate".split(
    " ",
  ),
);
const OFTEN = new Set(
  "day daili daily week month year night morn morning even evening weekend noon".split(" "),
);
const DOSES = new Set("mg mcg ml iu unit pill tablet puff drop capsul capsule".split(" "));
