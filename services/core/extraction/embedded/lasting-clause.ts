import { holdsHealth } from "../sensitive/health.ts";
import { tellsAttribute } from "./attributes.ts";
import type { ClauseOpening } from "./clause-opening.ts";

const DENIED = "(?:(?:do|does)(?:n't| not) |no longer |never )?";
const STATES: readonly RegExp[] = [
  // What somebody likes, does and can.
  new RegExp(
    `^${DENIED}(?:likes?|loves?|enjoys?|hates?|dislikes?|adores?|teach(?:es)?|stud(?:y|ies)|speaks?|plays?|drives?|collects?|owns?|coach(?:es)?|volunteers?|practi[sc]es?|sings?|supports?|uses?|wears?|runs? (?:an?|the|my|our|his|her|their))\\b`,
    "i",
  ),
  /^(?:can(?:'t| not)|cannot) (?:stand|bear|swim|drive|cook|dance|sing|read|ride|ski|drink|eat|have)\b/i,
  /^can (?:speak|swim|drive|cook|dance|sing|play|ride|ski)\b/i,
  // What somebody is, and is at.
  /^(?:am|is|are|'s|'re) (?:currently )?(?:learning|studying|training|teaching|living|dating)\b/i,
  /^(?:am|is|are|'s|'re) (?:not )?(?:an? (?!bit|little|lot|mess|wreck)|from|left-handed|afraid of|scared of)\b/i,
  /^(?:am|is|are|'s|'re) \d{1,3}(?=$|[.,;!])/i,
  // Where somebody goes.
  /^(?:go|goes) to (?:\w+ )?(?:school|kindergarten|nursery|college|university|church|therapy)\b/i,
  // What somebody has.
  /^(?:have|has) (?:an?|no|two|three|four|five|six|\d+) (?:[\p{L}-]+ ){0,2}?(?:cars?|bikes?|bicycles?|motorbikes?|houses?|flat|apartment|boat|garden|allotment|degree|master's|phd|licen[cs]e)\b/iu,
  /^(?:have|has) (?:got )?an? (?:[\p{L}-]+ ){1,4}(?:called|named) /iu,
  /^(?:have|has) (?:twins|triplets|(?:an?|no|two|three|four|five|six|\d+) (?:[\p{L}-]+ )?(?:kids?|child(?:ren)?|sons?|daughters?|sisters?|brothers?|siblings?|grandchild(?:ren)?))\b/iu,
  // What somebody weighs and measures, and does again and again.
  /^(?:weighs?|measures?) (?:about |around )?\d/i,
  /^(?:lifts?|runs?|swims?|cycles?|jogs?|climbs?|dances?|trains?|sings?|volunteers?|rides?|rows?|cooks?|babysits?)(?: [\p{L}-]+){0,3}? (?:on \p{L}+days?|every \p{L}+|(?:once|twice|three times) a \p{L}+|daily|weekly|at weekends)\b/iu,
  // What somebody began or gave up.
  /^(?:(?:have|has) )?(?:just |recently |finally )?(?:adopted|bought|sold|joined|became|graduated|converted|gave up|(?:quit|stopped) (?:smoking|drinking|eating)|started (?:at|as|with)|got (?:an?|my|our|his|her) (?:[\p{L}-]+ )?(?:dog|cat|puppy|kitten|job|degree))\b/iu,
];

/** What somebody is reached, paid or let in by: often kept out, and what is told beside it is not. */
const NUMBER =
  /\b(?:cards?|visa|mastercard|amex|iban|account|password|passcode|passphrase|pin|cvv|passport|licen[cs]e|social security|ssn|phone|mobile|number|e-?mail|api key|token)(?: (?:number|no|code|address))?(?:'s| is|:) \S/i;

/** True for a clause that tells how things are with somebody for a while, and not what happened once. */
export function lasts(clause: string, opening: ClauseOpening | undefined): boolean {
  if (tellsAttribute(clause, false) || NUMBER.test(clause) || holdsHealth(clause)) return true;
  return STATES.some((state) => state.test(opening?.predicate ?? ""));
}
