import type { Claim } from "./claim.ts";
import { TRADE } from "./lexicon.ts";
import { refines } from "./overlap.ts";

/** Content words of what names a trade. */
const FEW = 4;

/** "Is an attorney now", "works as a paralegal". */
export function changesTrade(claim: Claim, old: Claim): boolean {
  const isTrade = ({ attribute, value }: Claim) =>
    attribute === "works_as" || (attribute === "be" && value.length <= FEW && TRADE.test(value.at(-1) ?? ""));
  const isNow = claim.cue && claim.mode === "so" && old.mode === "so";
  return (
    isNow &&
    isTrade(claim) &&
    isTrade(old) &&
    !refines(claim.value, old.value) &&
    !refines(old.value, claim.value)
  );
}
