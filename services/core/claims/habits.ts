import type { Claim } from "./claim.ts";

/** What is done with this and that. */
export const EVERYDAY = new Set("own be go use take have make do get".split(" "));

/** What is done at one place, or in one, at a time. */
export const BELONGS = new Set("go play take study works_at".split(" "));

/** "Doesn't smoke any more", whatever was smoked. */
export function isHabitOver({ mode, attribute }: Claim, old: Claim): boolean {
  // "Quit running", where a bakery is run.
  if (
    attribute === "run" &&
    old.value.length > 0 &&
    !old.value.some((word) => /^(?:\p{N}|morn|marathon|k$|km|mile)/u.test(word))
  )
    return false;
  if (mode === "denied" && old.mode !== "so") return false;
  // "Can't swim", "can swim".
  const isBare = old.value.length === 0 && !EVERYDAY.has(attribute);
  return (mode === "denied" || mode === "ended") && (HABITS.has(attribute) || isBare);
}

/** What one does, or does not. */
const HABITS = new Set(
  "smoke vape gamble swim run climb row dance sing cycle ski surf commute freelance".split(" "),
);

/** "Eats cheese again", "is vegan". */
export function breaksDiet({ attribute, mode, cue, value }: Claim, old: Claim): boolean {
  if (attribute !== "eat" || mode !== "so" || !cue || old.attribute !== "diet" || old.mode !== "so")
    return false;
  return old.value.some((diet) => value.some((food) => WITHOUT[diet]?.has(food)));
}

const MEAT = "meat beef pork chicken steak bacon lamb ham turkey sausag burger";
const FISH = "fish seafood salmon tuna shrimp";
const DAIRY = "chees cheese egg dairy milk butter yogurt yoghurt";
const WITHOUT: Readonly<Record<string, ReadonlySet<string>>> = {
  vegan: new Set(`${MEAT} ${FISH} ${DAIRY}`.split(" ")),
  vegetarian: new Set(`${MEAT} ${FISH}`.split(" ")),
  pescatarian: new Set(MEAT.split(" ")),
};
