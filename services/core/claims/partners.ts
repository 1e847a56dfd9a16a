import type { Token } from "../extraction/embedded/language.ts";
import { KIN, PARTNERS, STATUS } from "./lexicon.ts";
import { PEOPLE, THIRD } from "./subjects.ts";

/** "Has a new girlfriend", not "a dance partner", nor "coffee with my girlfriend". */
export function isPartner(behind: readonly Token[]): boolean {
  const at = behind.findIndex(({ lemma, lower }) => PARTNERS.has(lemma) || PARTNERS.has(lower));
  const before = behind.slice(0, Math.max(at, 0));
  // "Got their wife a new phone."
  if (behind[at + 1]?.pos === "DET") return false;
  return at >= 0 && before.every(({ pos }) => !/^(?:NOUN|ADP|VERB|PUNCT)$/.test(pos));
}

/** "Is happily married to Tom", not "single-minded" nor "engaged in a long argument". */
export function hasStatus(behind: readonly Token[]): boolean {
  const at = behind.findIndex(({ lower }) => STATUS.has(lower));
  const next = behind[at + 1];
  const isBusy = behind[at]?.lower === "engaged" && /^(?:in|with)$/.test(next?.lower ?? "");
  return (
    at >= 0 &&
    next?.lower !== "-" &&
    next?.pos !== "NOUN" &&
    (!isBusy || /^\d/u.test(behind[at + 2]?.lower ?? ""))
  );
}

/** "Separated the recycling", "is dating the letters". */
export function isOfThings(lemma: string, behind: readonly Token[]): boolean {
  const [first] = behind;
  const head = behind.find(({ pos }) => pos === "NOUN" || pos === "PROPN");
  const isOwn = first?.pos === "DET" || THIRD.has(first?.lower ?? "");
  return (
    /^(?:separate|engage|date)$/.test(lemma) &&
    isOwn &&
    head?.pos === "NOUN" &&
    !KIN.has(head.lemma) &&
    !PEOPLE.test(head.lemma)
  );
}
