import { type Claim, type Reading, SELF } from "./claim.ts";
import { PARTNERS } from "./lexicon.ts";
import { overlaps, refines, sameSet, share, tellingly, wordsOf } from "./overlap.ts";
import { conflicts, isTelling } from "./slots.ts";

/** By which rule a claim ends a known one; undefined where both may stand. */
export function endsBy(claim: Claim, old: Claim, corrects: boolean): string | undefined {
  if (claim.mode === "unreal" || old.mode === "unreal" || !sameSubject(claim, old)) return undefined;
  if (TOLD.has(claim.attribute)) return undefined;
  if (claim.attribute === "*") return endsThing(claim, old);
  if (claim.attribute === "partner" && claim.mode === "ended" && endsPartner(claim, old))
    return "slot:partner";
  if (claim.attribute !== old.attribute) return undefined;
  if (
    tellingly(claim.not, new Set([...old.value, ...old.times])) &&
    old.mode !== "ended" &&
    old.mode !== "denied"
  )
    return "correction";
  if (isOver(claim))
    return isOver(old) || !covers(claim, old) ? undefined : claim.mode === "former" ? "former" : "negation";
  if (isOver(old))
    return claim.mode === "so" &&
      old.mode !== "former" &&
      mutual(claim, old) &&
      tellingly(claim.value, new Set(old.value))
      ? "negation"
      : undefined;
  if (old.mode === "planned") return overtakesPlan(claim, old);
  if (claim.mode === "planned") return undefined;
  if (!isTelling(claim) || !isTelling(old)) return undefined;
  return claim.single && conflicts(claim, old, corrects) ? `slot:${claim.attribute}` : undefined;
}

/** What died or was sold is no more, nor is what it did: neither is it had. */
export function endsBeing({ subject, value, mode }: Claim, old: Claim, known: Reading): string | undefined {
  if (mode !== "ended" || isOver(old) || /^(?:name|like|gone|age)$/.test(old.attribute)) return undefined;
  if (old.subject === subject) return "gone";
  const isHad = old.subject === SELF && /^(?:own|be|use|walk|home)$/.test(old.attribute);
  return isHad && value.every((word) => known.words.has(word)) ? "gone" : undefined;
}

/** What somebody told another to do is no state that ends. */
const TOLD = new Set("tell say suggest ask remind wish let hop hope".split(" "));

function isOver({ mode }: Claim): boolean {
  return mode === "ended" || mode === "denied" || mode === "former";
}

function sameSubject(a: Claim, b: Claim): boolean {
  if (a.subject === b.subject) return true;
  if (a.attribute === "partner" && a.mode === "ended")
    return a.subject === SELF && b.subject.startsWith(`${SELF}/`);
  return (a.subject === "" && b.subject === SELF) || (a.subject === SELF && b.subject === "");
}

function endsPartner(claim: Claim, old: Claim): boolean {
  if (old.attribute === "partner")
    return (
      !isOver(old) && (claim.value.length === 0 || old.value.length === 0 || overlaps(claim.value, old.value))
    );
  const [, kin] = old.subject.split("/");
  return kin !== undefined && PARTNERS.has(kin) && old.subject === `${SELF}/${kin}`;
}

/** What of somebody's stays so though the thing is gone: that they liked it, or once got it as a gift. */
const STAYS = new Set([
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

/** "Sold the car", "switched from Chrome": ends what has the thing in it. */
function endsThing(claim: Claim, old: Claim): string | undefined {
  if (STAYS.has(old.attribute) || isOver(old)) return undefined;
  const words = wordsOf(old);
  if (!tellingly([...claim.value, ...claim.not], words)) return undefined;
  if (claim.mode === "ended") {
    return claim.value.length > 0 && share(claim.value, words) >= 0.5 && words.has(claim.value[0] as string)
      ? "ended"
      : undefined;
  }
  if (claim.mode !== "so") return undefined;
  if (claim.not.length > 0 && share(claim.not, words) >= 0.5) return "changed";
  const all = [...claim.value, ...claim.not];
  return old.mode === "planned" && claim.times.length > 0 && share(all, words) >= 0.5 ? "changed" : undefined;
}

/** A plan that was carried out, or is planned otherwise. */
function overtakesPlan(claim: Claim, old: Claim): string | undefined {
  if (claim.value.length === 0 || !mutual(claim, old)) return undefined;
  if (!tellingly(claim.value, new Set(old.value))) return undefined;
  if (claim.mode === "so") return yearsDiffer(claim, old) ? undefined : "plan_done";
  const moved = claim.times.length > 0 && old.times.length > 0 && !sameSet(claim.times, old.times);
  return moved && sameSet(claim.value, old.value) && !refines(claim.times, old.times)
    ? "plan_moved"
    : undefined;
}

function yearsDiffer(a: Claim, b: Claim): boolean {
  const years = ({ times }: Claim) => times.filter((time) => /^\d{4}$/.test(time));
  return years(a).length > 0 && years(b).length > 0 && !overlaps(years(a), years(b));
}

/** What is over has at least half of what is known. */
function covers(claim: Claim, old: Claim): boolean {
  if (claim.value.length === 0) return claim.single && old.single;
  return (
    share(claim.value, wordsOf(old)) >= 0.5 &&
    tellingly(claim.value, wordsOf(old)) &&
    (old.value.length === 0 || overlaps(claim.value, old.value))
  );
}

function mutual(a: Claim, b: Claim): boolean {
  return share(a.value, new Set(b.value)) >= 0.5 || share(b.value, new Set(a.value)) >= 0.5;
}
