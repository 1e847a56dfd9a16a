import { type Claim, type Compared, GONE, type Reading, type Relation } from "./claim.ts";
import { endsBeing, endsBy } from "./ends.ts";
import { FRAMES } from "./lexicon.ts";
import { wordsOf } from "./overlap.ts";
import { repeats, sharedClaim } from "./repeats.ts";

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
      if (rule === "slot:lives_in" && locates(claim, old, fresh)) return { type: "richer", rule: "richer" };
      const isMeant = rule && (!compared.isTalk || /^(?:slot:|correction$|former$)/.test(rule));
      if (isMeant && carries(old, known)) return { type: "ends", rule };
    }
  }
  // "My laptop is fixed" repeats of "my laptop is broken" what it ends.
  if (resolves(fresh) && !resolves(known) && known.parts.some(({ signs }) => signs.isTrouble)) return NONE;
  if (fresh.isDenied !== known.isDenied && !sharedClaim(fresh, known)?.isWhole) return NONE;
  return repeats(fresh, known, compared);
}

/** "Lives in Lisbon, Portugal", where Portugal is known: it is said closer, and not otherwise. */
function locates({ cue, not }: Claim, old: Claim, { words, corrects }: Reading): boolean {
  return !cue && !corrects && not.length === 0 && old.value.every((word) => words.has(word));
}

function resolves({ parts }: Reading): boolean {
  return parts.some(({ signs }) => signs.resolves);
}

/** A statement is not ended for what it says in passing. */
function carries(old: Claim, known: Reading): boolean {
  const own = new Set([...wordsOf(old), ...old.times, ...(FRAMES[old.attribute] ?? [])]);
  const has = [...known.words].filter((word) => own.has(word)).length;
  return known.words.size <= 6 || has >= CARRIES * known.words.size;
}

const CARRIES = 0.34;
