import { isOften } from "./amounts.ts";
import type { Claim } from "./claim.ts";
import { BELONGS } from "./habits.ts";
import { isOver } from "./modes.ts";
import { isWeekday, overlaps, sameSet, timesDiffer } from "./overlap.ts";
import { STAYS } from "./things.ts";

/** "Goes to Monet since Monday", "is on the search team now": of what one has one at a time, another one. */
export function takesPlace(claim: Claim, old: Claim): boolean {
  if (!claim.cue || claim.mode !== "so" || old.mode !== "so" || claim.value.length === 0) return false;
  const shared = claim.value.filter((word) => old.value.includes(word));
  const differ = claim.value.length > shared.length && old.value.length > shared.length;
  // Of one kind, told apart: "the search team", "the checkout team".
  if (claim.attribute === "be")
    return (
      differ && claim.value.length <= 3 && (claim.value.at(-1) === old.value.at(-1) || isNextYear(claim, old))
    );
  // "Goes to the library every day", and to the gym.
  if (isOften(claim) || isOften(old)) return false;
  return (
    BELONGS.has(claim.attribute) && shared.length === 0 && claim.subject !== "" && claim.value.length <= FEW
  );
}

/** "Is in year 4 now", in year 3 before. */
function isNextYear({ value: [what, number = ""] }: Claim, { value: [other, before = ""] }: Claim): boolean {
  return what === other && /^\p{N}+$/u.test(number) && /^\p{N}+$/u.test(before);
}

const HOUR = /^\d{1,2}(?::\d\d)?(?:am|pm)?$/;
const PART_OF_DAY = /^(?:morning|afternoon|evening|night|noon)$/;

/** "Gets up at 7 these days", at 6 before. */
export function changesHour(claim: Claim, old: Claim): boolean {
  const isHours = ({ times }: Claim) =>
    times.some((time) => HOUR.test(time)) && times.every((time) => HOUR.test(time) || PART_OF_DAY.test(time));
  const isNow = claim.cue && claim.mode === "so" && old.mode === "so";
  return (
    isNow &&
    claim.subject !== "" &&
    sameSet(claim.value, old.value) &&
    isHours(claim) &&
    isHours(old) &&
    timesDiffer(claim, old)
  );
}

/** "Ada's vacation moved a week: August 11 to 22", where Ada is on vacation from August 4. */
export function movesTime(claim: Claim, old: Claim): boolean {
  const isDenied = claim.not.some((time) => old.times.includes(time) && !claim.times.includes(time));
  if (!(claim.cue || isDenied) || claim.mode !== "so" || isOver(old) || STAYS.has(old.attribute))
    return false;
  if (claim.attribute === old.attribute || !old.value.includes(claim.attribute) || old.value.length > 3)
    return false;
  const isTimed = claim.times.length > 1 && old.times.length > 1;
  return isTimed && timesDiffer(claim, old);
}

/** "The wedding got pushed to September", where a brother marries in June. */
export function movesWedding(claim: Claim, old: Claim): boolean {
  const { subject, attribute, cue, times } = claim;
  const isOfIt = attribute === "marry" && (subject === "" || subject === old.subject) && cue;
  return (
    isOfIt &&
    old.attribute === "partner" &&
    !isOver(old) &&
    timesDiffer({ ...claim, times: monthsOf(times) }, { ...old, times: monthsOf(old.times) })
  );
}

/** Without the year, which both may name. */
function monthsOf(times: readonly string[]): readonly string[] {
  return times.filter((time) => !/^\d{4}$/.test(time));
}

/** "Yoga's on Wednesdays now", which is done on Mondays. */
export function movesDay(claim: Claim, old: Claim): boolean {
  const daysOf = ({ value, times }: Claim) => [...value, ...times].filter((word) => isWeekday(dayOf(word)));
  if (!claim.cue || claim.mode !== "so" || old.mode !== "so") return false;
  if (claim.attribute !== old.attribute && !old.value.includes(claim.attribute)) return false;
  const [now, before] = [daysOf(claim), daysOf(old)];
  const whatOf = ({ value }: Claim) =>
    value.filter((word) => !isWeekday(dayOf(word)) && word !== claim.attribute);
  if (whatOf(claim).length > 0 && whatOf(old).length > 0 && !overlaps(whatOf(claim), whatOf(old)))
    return false;
  return (
    now.length > 0 &&
    before.length > 0 &&
    claim.value.length <= FEW &&
    !overlaps(now.map(dayOf), before.map(dayOf))
  );
}

/** "Mondays" and "Mon" are one day. */
function dayOf(word: string): string {
  return /^\p{Ll}{3,6}day$/u.test(word) ? word.slice(0, 3) : word;
}

/** Content words of what says one thing. */
const FEW = 4;
