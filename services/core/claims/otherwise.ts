import { type Claim, type Reading, SELF } from "./claim.ts";
import { sameSet, timesDiffer } from "./overlap.ts";

/**
 * Whether two statements of the same words tell of two things: who did it to whom is turned round, which way it went, or on
 * which day it was. Neither repeats the other.
 */
export function tellsOtherwise(fresh: Reading, known: Reading): boolean {
  const pairs = fresh.claims.flatMap((claim) =>
    known.claims.filter((old) => old.attribute === claim.attribute).map((old) => [claim, old] as const),
  );
  if (pairs.length === 0) return false;
  const isWay = [fresh, known].every(({ parts }) => parts.some(({ signs }) => signs.isDirected));
  const whoOf = ({ subject }: Claim) => known.aliases.get(subject) ?? fresh.aliases.get(subject) ?? subject;
  const isOfOne = ([claim, old]: readonly [Claim, Claim]) => whoOf(claim) === whoOf(old);
  if (!pairs.some(isOfOne) && pairs.some(([claim, old]) => isTurnedRound(claim, old, fresh, known)))
    return true;
  return pairs
    .filter(isOfOne)
    .some(([claim, old]) => timesDiffer(claim, old) || (isWay && isOtherWay(claim.value, old.value)));
}

/** "Ben lent Ada 20 euros", "Ada lent Ben 20 euros". */
function isTurnedRound(claim: Claim, old: Claim, fresh: Reading, known: Reading): boolean {
  if (MUTUAL.has(claim.attribute) || claim.subject === "" || old.subject === "") return false;
  const isObject = (subject: string, { words, parts }: Reading) =>
    subject === SELF ? parts.some(({ subjects }) => subjects.includes(SELF)) : words.has(subject);
  return isObject(claim.subject, known) && isObject(old.subject, fresh);
}

/** What two do together: whoever is named first. */
const MUTUAL = new Set(
  "meet met marry married partner date dat talk chat speak argue know live work dance skype hug kiss sing".split(
    " ",
  ),
);

/** "From Rome to Oslo", "from Oslo to Rome". */
function isOtherWay(value: readonly string[], old: readonly string[]): boolean {
  return value.length > 1 && sameSet(value, old) && value.some((word, i) => word !== old[i]);
}
