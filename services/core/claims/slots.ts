import type { Claim } from "./claim.ts";
import { isCountry } from "./countries.ts";
import { COLORS, FRAMES, LIGHT, PARTNERS } from "./lexicon.ts";
import { overlaps, refines, sameSet, timesDiffer } from "./overlap.ts";

/** "The colors are amazing" gives nothing a value; what belongs to nobody has one where it is a number, day or name. */
export function isTelling({ subject, attribute, value, times }: Claim): boolean {
  if (/^(?:other|mayb|everyth|someth|noth|way|time|day|thing|part)$/.test(attribute)) return false;
  if (/^(?:lives_in|works_at|name)$/.test(attribute)) return value.length > 0;
  if (times.length > 0 || value.some((word) => /^\p{N}/u.test(word))) return true;
  if (subject === "it") return false;
  return value.some((word) => !LIGHT.has(word)) && (subject !== "" || value.length <= 2);
}

export function conflicts(claim: Claim, old: Claim, corrects: boolean): boolean {
  if (!sameSet(claim.narrowed, old.narrowed) && !isSameButShorter(claim, old)) return false;
  if (claim.attribute === "partner" && !isOtherPartner(claim, old)) return false;
  if (claim.value.length > 0 && old.value.length > 0 && claim.tells !== old.tells && !corrects) return false;
  // Nobody grows younger.
  if (claim.attribute === "age" && !corrects && Number(claim.value[0]) < Number(old.value[0])) return false;
  if (claim.attribute === "prefer") return preferencesConflict(claim, old);
  // Madrid may lie in Spain: only who says that something changed has moved.
  if (claim.attribute === "lives_in" && isCountry(claim.value) !== isCountry(old.value))
    return claim.cue || corrects;
  if (sameSet(claim.value, old.value) && claim.times.length > 0 && old.times.length > 0)
    return timesDiffer(claim, old);
  if (claim.value.length === 0 || old.value.length === 0) return false;
  if (!/^(?:commute|household|partner)$/.test(claim.attribute) && kindOf(claim.value) !== kindOf(old.value))
    return false;
  if (refines(claim.value, old.value) || refines(old.value, claim.value)) {
    return (
      (claim.cue || corrects) &&
      !sameSet(claim.value, old.value) &&
      claim.value.length >= old.value.length &&
      /^works_as$/.test(claim.attribute)
    );
  }
  return true;
}

function namesOf({ value }: Claim): string[] {
  return value.filter((word) => !FRAMES.partner?.has(word) && !PARTNERS.has(word));
}

/** Who is alone has nobody, and who has somebody named has nobody else; "has a girlfriend" may be of whom is known. */
function isOtherPartner(claim: Claim, old: Claim): boolean {
  const isAlone = ({ value }: Claim) => value.some((word) => ALONE.has(word));
  if (isAlone(claim) !== isAlone(old)) return true;
  return (
    (namesOf(claim).length > 0 && namesOf(old).length > 0) ||
    (stageOf(old) > 0 && stageOf(claim) > stageOf(old))
  );
}

/** How far a couple has come; 0 where nothing is said of it. */
function stageOf({ value }: Claim): number {
  const stage = STAGES.findLastIndex((words) => words.some((word) => value.includes(word)));
  return stage + 1;
}

const STAGES = [
  ["date", "dat"],
  ["engage", "engag"],
  ["marry", "married"],
];

const ALONE = new Set(
  "single singl divorced divorc divorce separated separat separate widowed widow".split(" "),
);

/** "The anniversary is on the 16th" is that of the wedding; "the party" need not be the birthday party. */
function isSameButShorter(claim: Claim, old: Claim): boolean {
  const [short, long] = claim.narrowed.length < old.narrowed.length ? [claim, old] : [old, claim];
  if (long.narrowed.some((word) => APART.has(word) && !short.narrowed.includes(word))) return false;
  const tells = (one: Claim) => one.times.length > 0 || kindOf(one.value) === "number";
  return short.narrowed.every((word) => long.narrowed.includes(word)) && tells(claim) && tells(old);
}

/** Tells one of two apart: "the return flight". */
const APART = new Set(
  "goal target ideal dream birth start maximum minimum max min averag average return outbound inbound connect second other spare next former old work offic home".split(
    " ",
  ),
);

function preferencesConflict(claim: Claim, old: Claim): boolean {
  if (overlaps(claim.value, old.not) || overlaps(claim.not, old.value)) return true;
  if (sameSet(claim.value, old.value)) return false;
  if (areContrary(claim.value, old.value)) return true;
  const head = claim.value.at(-1);
  return head !== undefined && claim.value.length > 1 && old.value.length > 1 && head === old.value.at(-1);
}

/** Of each pair one holds at a time, of the same thing. */
const CONTRARY = [
  ["dark", "light"],
  ["metric", "imperial"],
  ["celsius", "fahrenheit"],
  ["aisle", "window"],
  ["morn", "even"],
  ["morning", "evening"],
  ["short", "long"],
  ["brief", "detailed"],
  ["brief", "detail"],
  ["short", "detail"],
  ["short", "detailed"],
  ["formal", "informal"],
  ["tab", "spac"],
  ["manual", "automatic"],
  ["hot", "cold"],
  ["sweet", "savory"],
  ["still", "sparkl"],
] as const;

/** "Light mode" and "dark mode in all tools": one has the one, the other its contrary, of something in common. */
export function areContrary(a: readonly string[], b: readonly string[]): boolean {
  return CONTRARY.some((pair) =>
    pair.some((one, i) => {
      const other = pair[1 - i] as string;
      if (!a.includes(one) || a.includes(other) || !b.includes(other) || b.includes(one)) return false;
      const rest = a.filter((word) => word !== one);
      return rest.length === 0 || b.length === 1 || overlaps(rest, b);
    }),
  );
}

/** Only values of one kind can stand in each other's place. */
function kindOf(value: readonly string[]): string {
  if (value.some((word) => /^\p{N}/u.test(word))) return "number";
  if (COLORS.has(value.at(-1) ?? "")) return "color";
  return "words";
}
