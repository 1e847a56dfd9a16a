import { changesAmount, changesOften } from "./amounts.ts";
import { changesHour, movesDay, movesTime, movesWedding, takesPlace } from "./changes.ts";
import { type Claim, type Reading, SELF } from "./claim.ts";
import { classOf, isAkin, isKind } from "./classes.ts";
import { breaksDiet, EVERYDAY, isHabitOver } from "./habits.ts";
import { countsAnew, isContraryTo, isFurther, isOneOf, isOtherLevel } from "./kinds.ts";
import { FORMS } from "./lexicon.ts";
import { isOver } from "./modes.ts";
import { lacks, mutual, overlaps, sameSet, share, tellingly, timesDiffer, wordsOf } from "./overlap.ts";
import { endsPartner, isFormerKin, leavesHelper, takesRole } from "./parting.ts";
import { carriesOut, dropsPlan, isThrough, overtakesPlan } from "./plans.ts";
import { conflicts, isTelling } from "./slots.ts";
import { endsThing } from "./things.ts";
import { changesTrade } from "./trades.ts";

/** Without work. */
const IDLE = new Set("unemployed unemploy jobless retired retir".split(" "));

/** By which rule a claim ends a known one; undefined where both may stand. */
export function endsBy(claim: Claim, old: Claim, corrects: boolean): string | undefined {
  if (claim.mode === "unreal" || old.mode === "unreal") return undefined;
  if (isFormerKin(claim, old)) return "former";
  if (takesRole(claim, old) || leavesHelper(claim, old) || movesWedding(claim, old)) return "changed";
  if (!sameSubject(claim, old)) return undefined;
  // What "it" was is another thing each time.
  if (claim.subject === "it") return undefined;
  if (TOLD.has(claim.attribute) || isFeltOnce(claim)) return undefined;
  // "Sold the flat", which was to be sold.
  if (
    claim.attribute === "*" &&
    old.attribute === "*" &&
    old.mode === "planned" &&
    claim.mode === "ended" &&
    mutual(claim, old)
  )
    return "plan_done";
  if (claim.attribute === "*") return endsThing(claim, old);
  if (endsPartner(claim, old)) return "slot:partner";
  if (carriesOut(claim, old) || isThrough(claim, old)) return "plan_done";
  if (dropsPlan(claim, old)) return "negation";
  if (movesTime(claim, old) || movesDay(claim, old)) return "changed";
  const isFavorite = old.narrowed.some((word) => /^favou?rit/.test(word)) && !isOver(old);
  if (claim.attribute === "like" && isOver(claim) && isFavorite && overlaps(claim.value, old.value))
    return "negation";
  if (
    /^(?:works_(?:at|as)|work)$/.test(claim.attribute) &&
    claim.value.length > 0 &&
    claim.mode === "so" &&
    old.mode === "so" &&
    old.attribute === "be" &&
    old.value.some((word) => IDLE.has(word))
  )
    return "changed";
  // "Swims instead of running".
  if (
    claim.mode === "so" &&
    old.mode === "so" &&
    claim.not.includes(old.attribute) &&
    !EVERYDAY.has(old.attribute)
  )
    return "changed";
  // "Is a junior developer", "was promoted to senior developer".
  if (
    claim.attribute === "works_as" &&
    old.attribute === "be" &&
    takesPlace({ ...claim, attribute: "be" }, old)
  )
    return "changed";
  if (takesName(claim, old)) return "slot:name";
  if (movesIn(claim, old)) return "slot:lives_in";
  if (isFurther(claim, old) || countsAnew(claim, old) || isContraryTo(claim, old) || isOtherLevel(claim, old))
    return "changed";
  if (changesTrade(claim, old) || breaksDiet(claim, old) || changesAmount(claim, old)) return "changed";
  if (changesOften(claim, old)) return "changed";
  if (claim.attribute !== old.attribute) return undefined;
  if (
    tellingly(claim.not, new Set([...old.value, ...old.times])) &&
    old.mode !== "ended" &&
    old.mode !== "denied" &&
    !(claim.times.length > 0 && sameSet(claim.times, old.times))
  )
    return "correction";
  if (corrects && claim.mode === old.mode && isOtherTime(claim, old)) return "correction";
  if (isOver(claim)) {
    const isAnother = claim.single && lacks(claim.value, old.value) && lacks(old.value, claim.value);
    const isOfIt = hasNoneOf(claim, old) || (covers(claim, old) && !deniesAnother(claim, old) && !isAnother);
    if (isOver(old) || !isOfIt) return undefined;
    return claim.mode === "former" ? "former" : "negation";
  }
  // "Exercises three times a week now", who did not.
  const isBegun = claim.cue && claim.mode === "so" && !EVERYDAY.has(claim.attribute) && claim.isHabit;
  if (isBegun && old.mode === "denied" && old.value.length === 0) return "negation";
  const isAble = claim.value.length === 0 && claim.cue && claim.mode === "so" && claim.times.length === 0;
  // "Can't swim", "can swim now"; "quit smoking", "smokes again".
  if (isAble && old.mode === "denied" && old.value.length === 0) return "negation";
  if (isAble && old.mode === "ended" && isHabitOver(old, claim)) return "negation";
  if (isOver(old) && (claim.mode !== "so" || old.mode === "former")) return undefined;
  if (isOver(old)) {
    const isOfIt = mutual(claim, old) && tellingly(claim.value, new Set(old.value));
    return isOfIt || isOneOf(claim, old) ? "negation" : undefined;
  }
  if (old.mode === "planned") return overtakesPlan(claim, old);
  if (claim.mode === "planned") return undefined;
  if (!isTelling(claim) || !isTelling(old)) return undefined;
  if (takesPlace(claim, old) || changesHour(claim, old)) return "changed";
  if (claim.subject === "" && !old.single) return undefined;
  // How something was says nothing of how it is.
  if ((claim.isPast || old.isPast) && !claim.cue && !corrects) return undefined;
  return claim.single && conflicts(claim, old, corrects) ? `slot:${claim.attribute}` : undefined;
}

/** "Has no cat called Tom", "the launch is not on 3 June": the one called Minka is there, and the launch on 12 May. */
function deniesAnother({ mode, attribute, value, times }: Claim, old: Claim): boolean {
  if (mode !== "denied") return false;
  if (old.times.length > 0 && times.some((time) => !old.times.includes(time))) return true;
  return (
    (lacks(value, old.value) && lacks(old.value, value)) || hasOnlyWhatIsNamedByIt(attribute, value, old)
  );
}

/** "Has no dog walker", "owns no car park": where a dog or a car is had. */
function hasOnlyWhatIsNamedByIt(attribute: string, value: readonly string[], old: Claim): boolean {
  const [head = "", modifier = ""] = value.toReversed();
  if (attribute !== "own" || modifier === "" || FORMS.has(head) || isKind(head)) return false;
  return old.value.at(-1) === modifier && lacks([head], old.value);
}

/** "Hated the job on 2 November": that day. */
function isFeltOnce({ attribute, times, cue }: Claim): boolean {
  const isDay =
    times.length > 2 || times.some((time) => /^(?:today|yesterday|tonight|morning|evening)$/.test(time));
  return attribute === "like" && isDay && !cue;
}

/** "Mom moved in with Ada", who lived in Tampa. */
function movesIn({ attribute, mode, cue, subject }: Claim, old: Claim): boolean {
  const isOfOther = subject.startsWith(`${SELF}/`) && old.attribute === "lives_in" && old.mode === "so";
  return isOfOther && attribute === "household" && cue && mode === "so";
}

/** "Is Emma Novak now", "is called Emma Clarke". */
function takesName(claim: Claim, old: Claim): boolean {
  const isNew = claim.attribute === "be" && claim.cue && claim.mode === "so" && claim.value.length > 1;
  return (
    isNew &&
    old.attribute === "name" &&
    old.value.length > 1 &&
    claim.value[0] === old.value[0] &&
    !sameSet(claim.value, old.value)
  );
}

/** "Promoted in 2021", corrected: "promoted in 2022". */
function isOtherTime(claim: Claim, old: Claim): boolean {
  return claim.value.length > 0 && mutual(claim, old) && timesDiffer(claim, old);
}

/** Classes of what one has one of: "Ada's car is a Corolla". */
const HAD = new Set(["vehicle", "phone", "computer", "bike", "pet"]);

/** What died or was sold is no more, nor is what it did: neither is it had. */
export function endsBeing({ subject, value, mode }: Claim, old: Claim, known: Reading): string | undefined {
  if (mode !== "ended" || isOver(old) || /^(?:name|like|gone|age)$/.test(old.attribute)) return undefined;
  if (old.subject === subject) return "gone";
  const isHad =
    old.subject === SELF &&
    (/^(?:own|be|use|walk|home|play|sing|work|works_at|manage|lead|run)$/.test(old.attribute) ||
      HAD.has(classOf(old.attribute) ?? ""));
  const isNamed = (word: string) => [...known.words].some((other) => isAkin(word, other));
  return isHad && value.every(isNamed) ? "gone" : undefined;
}

/** What somebody told another to do is no state that ends. */
const TOLD = new Set("tell say suggest ask remind wish let hop hope".split(" "));

function sameSubject(a: Claim, b: Claim): boolean {
  if (a.subject === b.subject) return true;
  if (a.attribute === "partner" && a.mode === "ended")
    return a.subject === SELF && b.subject.startsWith(`${SELF}/`);
  return (a.subject === "" && b.subject === SELF) || (a.subject === SELF && b.subject === "");
}

/** What is over has at least half of what is known. */
function covers(claim: Claim, old: Claim): boolean {
  if (claim.value.length === 0) return (claim.single && old.single) || isHabitOver(claim, old);
  return (
    share(claim.value, wordsOf(old)) >= 0.5 &&
    (tellingly(claim.value, wordsOf(old)) || sameSet(claim.value, old.value)) &&
    (old.value.length === 0 || overlaps(claim.value, old.value))
  );
}

/** "Has no pets", "no longer has a phone": whatever it was called. */
function hasNoneOf({ attribute, value: [kind = "", ...more] }: Claim, old: Claim): boolean {
  if (attribute !== "own" || more.length > 0 || !WHOLE_KINDS.has(kind)) return false;
  return old.value.some((word) => classOf(word) === classOf(kind));
}

const WHOLE_KINDS = new Set("pet phone computer vehicle".split(" "));
