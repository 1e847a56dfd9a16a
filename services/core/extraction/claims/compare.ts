import { type Claim, type Compared, GONE, type Reading, type Relation, SELF } from "./claim.ts";
import { COLORS, FRAMES, LIGHT, PARTNERS } from "./lexicon.ts";
import { repeats } from "./repeats.ts";

const NONE: Relation = { type: "none" };

/**
 * Compares a new statement with a known one. What ends the known one goes before what repeats it, for "no longer"
 * repeats most words of what it ends.
 */
export function compare(fresh: Reading, known: Reading, compared: Compared): Relation {
  const named = (claim: Claim): Claim => ({
    ...claim,
    subject: known.aliases.get(claim.subject) ?? fresh.aliases.get(claim.subject) ?? claim.subject,
  });
  for (const claim of fresh.claims.map(named)) {
    if (!compared.mayEnd(claim.subject)) continue;
    for (const old of known.claims.map(named)) {
      const rule =
        claim.attribute === GONE ? endsBeing(claim, old, known) : endsBy(claim, old, fresh.corrects);
      if (rule && carries(old, known)) return { type: "ends", rule };
    }
  }
  if (fresh.isDenied !== known.isDenied) return NONE;
  return repeats(fresh, known, compared);
}

/** By which rule a claim ends a known one; undefined where both may stand. */
export function endsBy(claim: Claim, old: Claim, corrects: boolean): string | undefined {
  if (claim.mode === "unreal" || old.mode === "unreal" || !sameSubject(claim, old)) return undefined;
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
    return claim.mode === "so" && old.mode !== "former" && claim.value.length > 0 && mutual(claim, old)
      ? "negation"
      : undefined;
  if (old.mode === "planned") return overtakesPlan(claim, old);
  if (claim.mode === "planned") return undefined;
  if (!isTelling(claim) || !isTelling(old)) return undefined;
  return claim.single && conflicts(claim, old, corrects) ? `slot:${claim.attribute}` : undefined;
}

/** What died or was sold is no more, nor is what it did: neither is it had. */
function endsBeing({ subject, value, mode }: Claim, old: Claim, known: Reading): string | undefined {
  if (mode !== "ended" || isOver(old) || /^(?:name|like|gone|age)$/.test(old.attribute)) return undefined;
  if (old.subject === subject) return "gone";
  const isHad = old.subject === SELF && /^(?:own|be|use|walk|home)$/.test(old.attribute);
  return isHad && value.every((word) => known.words.has(word)) ? "gone" : undefined;
}

/** A statement is not ended for what it says in passing. */
function carries(old: Claim, known: Reading): boolean {
  const own = new Set([...wordsOf(old), ...old.times, ...(FRAMES[old.attribute] ?? [])]);
  const has = [...known.words].filter((word) => own.has(word)).length;
  return known.words.size <= 6 || has >= CARRIES * known.words.size;
}

const CARRIES = 0.34;

/** "The colors are amazing" gives nothing a value; what belongs to nobody has one where it is a number, day or name. */
function isTelling({ subject, attribute, value, times }: Claim): boolean {
  if (/^(?:other|mayb|everyth|someth|noth|way|time|day|thing|part)$/.test(attribute)) return false;
  if (times.length > 0 || value.some((word) => /^\p{N}/u.test(word))) return true;
  return value.some((word) => !LIGHT.has(word)) && (subject !== "" || value.length <= 2);
}

/** Words in common that tell something. */
function tellingly(a: readonly string[], b: ReadonlySet<string>): boolean {
  return a.some((word) => b.has(word) && !LIGHT.has(word));
}

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

function conflicts(claim: Claim, old: Claim, corrects: boolean): boolean {
  if (!sameSet(claim.narrowed, old.narrowed) && !isSameButShorter(claim, old)) return false;
  if (claim.attribute === "prefer") return preferencesConflict(claim, old);
  if (claim.value.length === 0 && old.value.length === 0) {
    return (
      claim.times.length > 0 &&
      old.times.length > 0 &&
      !refines(claim.times, old.times) &&
      !refines(old.times, claim.times)
    );
  }
  if (claim.value.length === 0 || old.value.length === 0) return false;
  if (kindOf(claim.value) !== kindOf(old.value)) return false;
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

/** "The anniversary is on the 16th" is that of the wedding; "the party" need not be the birthday party. */
function isSameButShorter(claim: Claim, old: Claim): boolean {
  const [short, long] = claim.narrowed.length < old.narrowed.length ? [claim, old] : [old, claim];
  const tells = (one: Claim) => one.times.length > 0 || kindOf(one.value) === "number";
  return short.narrowed.every((word) => long.narrowed.includes(word)) && tells(claim) && tells(old);
}

function preferencesConflict(claim: Claim, old: Claim): boolean {
  if (overlaps(claim.value, old.not) || overlaps(claim.not, old.value)) return true;
  if (sameSet(claim.value, old.value)) return false;
  const head = claim.value.at(-1);
  return head !== undefined && claim.value.length > 1 && old.value.length > 1 && head === old.value.at(-1);
}

/** Only values of one kind can stand in each other's place. */
function kindOf(value: readonly string[]): string {
  if (value.some((word) => /^\p{N}/u.test(word))) return "number";
  if (value.some((word) => COLORS.has(word))) return "color";
  return "words";
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

function wordsOf({ attribute, narrowed, value }: Claim): ReadonlySet<string> {
  return new Set([attribute, ...narrowed, ...value]);
}

function overlaps(a: readonly string[], b: readonly string[]): boolean {
  return a.some((word) => b.includes(word));
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word) => b.includes(word));
}

/** All of `b` is in `a`, and there is something in `b`. */
function refines(a: readonly string[], b: readonly string[]): boolean {
  return b.length > 0 && b.every((word) => a.includes(word));
}

function share(of: readonly string[], within: ReadonlySet<string>): number {
  return of.length === 0 ? 0 : of.filter((word) => within.has(word)).length / of.length;
}
