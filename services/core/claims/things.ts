import { type Claim, SELF } from "./claim.ts";
import { classOf, isKind } from "./classes.ts";
import { BELONGS } from "./habits.ts";
import { FORMS, LIGHT } from "./lexicon.ts";
import { isOver } from "./modes.ts";
import { isWeekday, overlaps, share, tellingly, wordsOf } from "./overlap.ts";

/** "Sold the car", "switched from Chrome": ends what has the thing in it. */
export function endsThing(claim: Claim, old: Claim): string | undefined {
  if (STAYS.has(old.attribute) || isOver(old)) return undefined;
  // "The train was cancelled today": who takes it each day takes it tomorrow.
  if (claim.tells === "once" && old.mode === "so" && old.times.every(isWeekday)) return undefined;
  const words = wordsOf(old);
  if (switchesTo(claim, old) || switchesProduct(claim, old)) return "changed";
  if (!tellingly([...claim.value, ...claim.not], words)) return undefined;
  if (claim.mode === "ended") {
    // "The library membership", where it is the gym's.
    const [thing = "", ...more] = claim.value;
    const rest = more.filter((word) => !LIGHT.has(word));
    // "The dog's cough", where it is one's own.
    if (rest.some((word) => classOf(word) === "pet" && !words.has(word))) return undefined;
    if (FORMS.has(thing) && rest.length > 0 && !tellingly(rest, words)) return undefined;
    return claim.value.length > 0 &&
      share(claim.value, words) >= 0.5 &&
      isItself(claim.value[0] as string, old)
      ? "ended"
      : undefined;
  }
  if (claim.mode !== "so") return undefined;
  if (claim.not.length > 0 && share(claim.not, words) >= 0.5) return "changed";
  const all = [...claim.value, ...claim.not];
  return old.mode === "planned" && claim.times.length > 0 && share(all, words) >= 0.5 ? "changed" : undefined;
}

/** Who sold the dog crate has the dog, and who lost a phone its number. */
function isItself(thing: string, { attribute, value, narrowed }: Claim): boolean {
  return attribute === thing || value.includes(thing) || (narrowed.includes(thing) && value.length === 0);
}

/** "Lea switched to St. Mary's": where somebody else belonged, and they belong to one at a time. */
function switchesTo({ subject, mode, value, not, times }: Claim, old: Claim): boolean {
  const isBare = mode === "so" && value.length > 0 && not.length === 0 && times.length === 0;
  return (
    isBare &&
    subject !== SELF &&
    subject !== "" &&
    BELONGS.has(old.attribute) &&
    old.mode === "so" &&
    !overlaps(value, old.value)
  );
}

/** "Switched to Firefox", where Chrome is used. */
function switchesProduct({ subject, mode, value, times }: Claim, old: Claim): boolean {
  const [to, ...more] = value;
  if (subject !== SELF || mode !== "so" || to === undefined || more.length > 0 || times.length > 0)
    return false;
  if (
    !/^(?:use|own|have|manager|vault|app|browser|editor|phone|system)$/.test(old.attribute) ||
    old.mode !== "so" ||
    old.value.includes(to)
  )
    return false;
  const kind = classOf(to);
  const isOfKind = (word: string) => classOf(word) === kind && !isKind(word);
  return kind !== undefined && PRODUCTS.has(kind) && !isKind(to) && old.value.filter(isOfKind).length === 1;
}

/** Of what one uses one at a time. */
const PRODUCTS = new Set(["phone", "system", "editor", "browser", "music", "vault", "notes", "carrier"]);

/** What of somebody's stays so though the thing is gone: that they liked it, or once got it as a gift. */
export const STAYS = new Set([
  "like",
  "hate",
  "*",
  "name",
  "lives_in",
  "diet",
  "prefer",
  "age",
  "say",
  "tell",
  "remember",
  "rememb",
]);
