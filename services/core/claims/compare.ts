import { spelledOut } from "./acronyms.ts";
import { type Claim, type Compared, GONE, type Reading, type Relation, SELF } from "./claim.ts";
import { endsBeing, endsBy } from "./ends.ts";
import { relateInstructions } from "./instructions.ts";
import { leavesSome } from "./items.ts";
import { FRAMES } from "./lexicon.ts";
import { tellsOtherwise } from "./otherwise.ts";
import { overlaps, wordsOf } from "./overlap.ts";
import { repeats, sharedClaim } from "./repeats.ts";

const NONE: Relation = { type: "none" };

/**
 * Compares a new statement with a known one. What ends the known one goes before what repeats it, for "no longer"
 * repeats most words of what it ends.
 */
export function compare(said: Reading, before: Reading, compared: Compared): Relation {
  const [fresh, known] = [spelledOut(said, before), spelledOut(before, said)];
  // What is told in a language that no rule reads repeats its very words alone, which is known before.
  if (fresh.unread !== undefined || known.unread !== undefined) return NONE;
  const asked =
    fresh.instruction && known.instruction && relateInstructions(fresh.instruction, known.instruction);
  if (asked && asked !== "apart") return compared.mayEnd(SELF) ? asked : NONE;
  const named = (claim: Claim): Claim => ({
    ...claim,
    subject: known.aliases.get(claim.subject) ?? fresh.aliases.get(claim.subject) ?? claim.subject,
  });
  const isOfYouth = fresh.parts.some(({ signs }) => signs.isOfYouth);
  for (const claim of fresh.claims.map(named)) {
    // "Used to play as a child": nothing is said of since.
    if (!compared.mayEnd(claim.subject) || (claim.mode === "former" && isOfYouth)) continue;
    // "Wait, my son is called Hayden": it is he whom another name was told of.
    const isRenamed = fresh.corrects && claim.attribute === "name";
    const isOther = !isRenamed && isOtherPerson(claim.subject, fresh, known);
    // "Is back from Chicago": where somebody comes from stays so.
    if (isOrigin(known) && !isOrigin(fresh) && !fresh.corrects) continue;
    for (const old of known.claims.map(named)) {
      // "My sister is called Hanna, not Anna" is about her.
      if (isOther && !overlaps(claim.not, old.value)) continue;
      const rule =
        claim.attribute === GONE ? endsBeing(claim, old, known) : endsBy(claim, old, fresh.corrects);
      if (rule === "slot:lives_in" && locates(claim, old, fresh)) return { type: "richer", rule: "richer" };
      if (rule?.startsWith("slot:") && !fresh.corrects && comesOnTop(fresh)) continue;
      const isMeant = rule && (!compared.isTalk || /^(?:slot:|correction$|former$)/.test(rule));
      if (rule && SOME.test(rule) && leavesSome(claim, old)) continue;
      if (isMeant && carries(old, known)) return { type: "ends", rule };
    }
  }
  if (asked === "apart") return NONE;
  // "Is from Chicago" tells nothing more of who lives there.
  if (isOrigin(fresh) !== isOrigin(known)) return NONE;
  // "My laptop is fixed" repeats of "my laptop is broken" what it ends.
  if (resolves(fresh) && !resolves(known) && known.parts.some(({ signs }) => signs.isTrouble)) return NONE;
  if (fresh.isDenied !== known.isDenied && !sharedClaim(fresh, known)?.isWhole) return NONE;
  if (fresh.claims.some(({ subject }) => isOtherPerson(subject, fresh, known))) return NONE;
  if (tellsOtherwise(fresh, known)) return NONE;
  const relation = repeats(fresh, known, compared);
  return relation.type !== "richer" && mayDeny(fresh, known) ? NONE : relation;
}

function isOrigin({ parts }: Reading): boolean {
  return parts.some(({ signs }) => signs.isOrigin);
}

/** What can't be read may still deny: nothing is confirmed by what says the contrary. */
function mayDeny(fresh: Reading, known: Reading): boolean {
  if (fresh.negates === known.negates || (fresh.isDenied && known.isDenied)) return false;
  // "On 3 May, not 5 May": what is denied has been read.
  if ([...fresh.claims, ...known.claims].some(({ not }) => not.length > 0)) return false;
  const isRead = fresh.claims.some(({ subject }) => subject !== "");
  return !isRead || sharedClaim(fresh, known) === undefined;
}

/** "My sister Ida", "my sister Eva": somebody may have two. */
function isOtherPerson(subject: string, fresh: Reading, known: Reading): boolean {
  const namesIn = ({ aliases }: Reading) =>
    [...aliases].flatMap(([name, who]) => (who === subject ? [name] : []));
  // "My wife's mother" is not my wife.
  const tells = ({ claims }: Reading) => claims.some((claim) => claim.subject === subject);
  if (
    !tells(known) &&
    known.claims.some((old) => isKinOf(subject, old.subject) || isKinOf(old.subject, subject))
  )
    return true;
  const [now, before] = [namesIn(fresh), namesIn(known)];
  return now.length > 0 && before.length > 0 && !now.some((name) => before.includes(name));
}

function isKinOf(one: string, other: string): boolean {
  return other.includes("/") && one.startsWith(`${other}/`);
}

/** "Lives in Lisbon, Portugal", where Portugal is known: it is said closer, and not otherwise. */
function locates({ cue, not }: Claim, old: Claim, { words, corrects }: Reading): boolean {
  return !cue && !corrects && not.length === 0 && old.value.every((word) => words.has(word));
}

/** "Also works at a bakery". */
function comesOnTop({ parts }: Reading): boolean {
  return parts.length === 1 && parts.every(({ signs }) => signs.adds && signs.change < 2);
}

function resolves({ parts }: Reading): boolean {
  return parts.some(({ signs }) => signs.resolves);
}

/** A statement is not ended for what it says in passing, nor for the smaller of two things that it tells. */
function carries(old: Claim, known: Reading): boolean {
  const has = wordsIn(known, old, old.times).length;
  const isMost = known.words.size <= 6 || has >= CARRIES * known.words.size;
  return isMost && !known.claims.some((other) => tellsMore(other, old, known));
}

/** "Ada moved to Oslo, where she adopted a beagle called Pixel": who moves on keeps the dog. */
function tellsMore(other: Claim, old: Claim, known: Reading): boolean {
  if (other.attribute === old.attribute || other.mode !== "so") return false;
  // Who leaves a company is no more what they were there.
  if (old.attribute === "works_at" && /^(?:be|works_as)$/.test(other.attribute)) return false;
  const [its, own] = [wordsIn(known, other), wordsIn(known, old)];
  return its.length >= own.length && !its.some((word) => own.includes(word));
}

function wordsIn(known: Reading, claim: Claim, times: readonly string[] = []): string[] {
  const own = new Set([...wordsOf(claim), ...times, ...(FRAMES[claim.attribute] ?? [])]);
  return [...known.words].filter((word) => own.has(word));
}

const CARRIES = 0.34;

/** What may be true of some of what was told side by side. */
const SOME = /^(?:negation|ended|gone|former)$/;
