import type { Token } from "../extraction/embedded/language.ts";
import type { Claim } from "./claim.ts";
import { TRADE } from "./lexicon.ts";
import { refines } from "./overlap.ts";
import { placeOf } from "./values.ts";
import { sortWords } from "./words.ts";

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

/** "A nurse at St Mary's": what somebody is, and where. */
export function tradeAt(
  behind: readonly Token[],
): { readonly what: readonly string[]; readonly employer: readonly string[] } | undefined {
  const at = behind.findIndex(({ lower }, i) => /^(?:at|for)$/.test(lower) && behind[i + 1]?.pos === "PROPN");
  if (at <= 0) return undefined;
  const what = sortWords(behind.slice(0, at)).value;
  const employer = placeOf(behind.slice(at), /^(?:at|for)$/).value ?? [];
  const noun = what.at(-1) ?? "";
  return TRADE.test(noun) && noun !== "student" && employer.length > 0 ? { what, employer } : undefined;
}
