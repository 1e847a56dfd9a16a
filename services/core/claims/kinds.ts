import type { Claim } from "./claim.ts";
import { classOf, isKind } from "./classes.ts";
import { overlaps, sameSet, timesDiffer } from "./overlap.ts";
import { stem } from "./words.ts";

/** "Has a son", where it was said that there are no children. */
export function isOneOf({ attribute, value }: Claim, old: Claim): boolean {
  const [kind, ...more] = old.value;
  if (attribute !== "own" || old.mode !== "denied" || kind === undefined || more.length > 0) return false;
  const isOfKind = (word: string) => stem(classOf(word) ?? "") === kind || classOf(word) === classOf(kind);
  return value.some((word) => FAMILY[kind]?.has(word) || (isKind(kind) && isOfKind(word)));
}

const FAMILY: Readonly<Record<string, ReadonlySet<string>>> = Object.fromEntries(
  [
    ["sibling", "brother sister"],
    ["sibl", "brother sister"],
    ["child", "son daughter baby twin"],
    ["kid", "son daughter baby twin"],
  ].map(([kind = "", members = ""]) => [kind, new Set(members.split(" "))]),
);

/** "Has now three cats", "is a family of five now", "standup is at ten from Monday". */
export function countsAnew(claim: Claim, old: Claim): boolean {
  const isSame = claim.attribute === old.attribute && /^(?:own|be)$/.test(claim.attribute);
  if (!isSame || !claim.cue || claim.mode !== "so" || old.mode !== "so") return false;
  const things = ({ value }: Claim) => value.filter((word) => !/^\p{N}/u.test(word));
  if (claim.value.length === 0)
    return old.value.length === 0 && claim.subject !== "" && timesDiffer(claim, old);
  return things(claim).length > 0 && sameSet(things(claim), things(old)) && !sameSet(claim.value, old.value);
}

/** "Is on page 250 of Ulysses", on page 100 before. */
export function isFurther(claim: Claim, old: Claim): boolean {
  const isState = ({ attribute, mode }: Claim) => attribute === "be" && mode === "so";
  if (!isState(claim) || !isState(old)) return false;
  const markOf = ({ value }: Claim) => value.find((word) => MARKS.has(word));
  const numberOf = ({ value }: Claim) => value.find((word) => /^\p{N}+$/u.test(word));
  const whatOf = ({ value }: Claim) => value.filter((word) => !MARKS.has(word) && !/^\p{N}/u.test(word));
  if (markOf(claim) === undefined || markOf(claim) !== markOf(old)) return false;
  if (whatOf(claim).length > 0 && whatOf(old).length > 0 && !overlaps(whatOf(claim), whatOf(old)))
    return false;
  const [now, before] = [numberOf(claim), numberOf(old)];
  return now !== undefined && before !== undefined && now !== before;
}

/** How far somebody has come in something. */
const MARKS = new Set("page pag level chapter season episode episod step round".split(" "));

/** "Is right-handed", "is left-handed": whoever is one is not the other. */
export function isContraryTo(claim: Claim, old: Claim): boolean {
  // "Prefers tabs over spaces", "has come around to spaces".
  const isFavorite = old.narrowed.some((word) => /^favou?rit/.test(word)) && old.mode === "so";
  // "Is more into Radiohead than Muse."
  if (claim.attribute === "prefer" && isFavorite && claim.mode === "so")
    return claim.cue && overlaps(claim.not, old.value);
  if (claim.attribute === "like" && old.attribute === "prefer" && claim.mode === "so")
    return claim.cue && overlaps(claim.value, old.not);
  if (
    claim.attribute === "work" &&
    old.attribute === "work" &&
    claim.cue &&
    claim.mode === "so" &&
    old.mode === "so"
  )
    return isOtherPlaceOfWork(claim.value, old.value);
  // "Takes her coffee with milk now", black before.
  if (claim.attribute === "like" && old.attribute === "like" && claim.mode === "so" && old.mode === "so")
    return (
      claim.cue &&
      claim.value.length === 2 &&
      old.value.length === 2 &&
      DRINKS.has(claim.value[0] ?? "") &&
      claim.value[0] === old.value[0] &&
      claim.value[1] !== old.value[1]
    );
  if (claim.attribute === "be" && old.attribute === "be" && claim.mode === "so" && old.mode === "denied")
    return claim.cue && old.value[0] === RELIGIOUS && claim.value.some((word) => classOf(word) === "faith");
  if (claim.attribute !== "be" || old.attribute !== "be" || claim.mode !== "so" || old.mode !== "so")
    return false;
  if (claim.cue && isOfOtherFaith(claim.value, old.value)) return true;
  return CONTRARY.some(
    ([one, other]) =>
      (overlaps(claim.value, one) && overlaps(old.value, other)) ||
      (overlaps(claim.value, other) && overlaps(old.value, one)),
  );
}

function isOtherPlaceOfWork(now: readonly string[], before: readonly string[]): boolean {
  const placeOf = (value: readonly string[]) => value.filter((word) => WHERE_FROM.has(word));
  return placeOf(now).length > 0 && placeOf(before).length > 0 && !overlaps(placeOf(now), placeOf(before));
}

const WHERE_FROM = new Set(["remotely", "remot", "onsite", "onsit", "hybrid"]);

const RELIGIOUS = stem("religious");
const DRINKS = new Set(["coffe", "coffee", "tea"]);

/** "Is an atheist now", a Catholic before. */
function isOfOtherFaith(now: readonly string[], before: readonly string[]): boolean {
  const faithOf = (value: readonly string[]) => value.filter((word) => classOf(word) === "faith");
  return faithOf(now).length > 0 && faithOf(before).length > 0 && !overlaps(faithOf(now), faithOf(before));
}

const CONTRARY = [
  ["lefthanded lefty", "righthanded righty"],
  ["introvert introverted", "extrovert extroverted"],
  ["optimist optimistic", "pessimist pessimistic"],
  ["employed", "unemployed unemploy jobless"],
  ["tenant", "homeowner landlord"],
].map((pair) => pair.map((words) => words.split(" ")) as [string[], string[]]);

/** "Is in first grade now", in kindergarten before. */
export function isOtherLevel(claim: Claim, old: Claim): boolean {
  const levelOf = ({ attribute, value }: Claim) =>
    attribute === "be" && value.length <= 2 && value.some((word) => LEVELS.has(word))
      ? value.join(" ")
      : undefined;
  const [now, before] = [levelOf(claim), levelOf(old)];
  const isNow = claim.cue && claim.mode === "so" && old.mode === "so" && claim.subject !== "";
  return isNow && now !== undefined && before !== undefined && now !== before;
}

/** Of school, as lemmas or stems. */
const LEVELS = new Set("kindergarten preschool nursery nurseri recept grade grad year form".split(" "));
