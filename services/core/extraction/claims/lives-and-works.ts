import type { Token } from "../embedded/language.ts";
import { type Claim, type Mode, SELF } from "./claim.ts";
import { DWELLINGS } from "./lexicon.ts";
import type { Manner } from "./manner.ts";
import { planIfGoing } from "./modes.ts";
import { placeOf, until } from "./values.ts";
import { sortWords } from "./words.ts";

/** A claim of who the clause is about. */
export type Make = (attribute: string, part?: Partial<Claim>) => Claim;

/** "Lived in Rome" tells of the past where it does not say until now. */
export function pastState({ mode, isPast, isPassive, rest }: Manner): Mode {
  if (mode !== "so") return mode;
  if (isPassive) return isPast ? "former" : mode;
  const verb = rest[0]?.lower ?? "";
  // Who settled somewhere is there.
  if (verb === "settled") return mode;
  return isPast || (/ed$/.test(verb) && rest.every(({ lower }) => lower !== "since")) ? "former" : mode;
}

function isOwnPlace(behind: readonly Token[]): boolean {
  return / (?:my|our|their|his|her) own (?:place|flat|apartment|house|home|studio)\b/.test(
    behind.map(({ lower }) => ` ${lower}`).join(""),
  );
}

export function moved(make: Make, manner: Manner, behind: readonly Token[]): Claim[] {
  if (/^(?:in|into)$/.test(behind[0]?.lower ?? "")) {
    const household = behind[1]?.lower === "with" ? householdOf(behind) : isOwnPlace(behind) ? ["alone"] : [];
    if (household.length > 0)
      return [make("household", { value: household, mode: planIfGoing(manner), cue: true })];
  }
  if (behind[0]?.lower === "out") {
    const from = placeOf(behind, /^(?:of|from)$/);
    return [make("lives_in", { ...from, mode: manner.mode === "so" ? "ended" : manner.mode, cue: true })];
  }
  const to = placeOf(behind, /^(?:to|into|in)$/);
  const from = placeOf(behind, /^from$/).value ?? [];
  const mode = planIfGoing(manner);
  if ((to.value ?? []).some((word) => DWELLINGS.has(word))) {
    const place = placeOf(
      behind.slice(behind.findIndex(({ lower }) => /^(?:to|into)$/.test(lower)) + 1),
      /^in$/,
    );
    const home = make("home", { ...to, not: from, mode, cue: true });
    return (place.value ?? []).length > 0
      ? [home, make("lives_in", { ...place, not: from, mode, cue: true })]
      : [home];
  }
  if ((to.value ?? []).length === 0 && from.length === 0) return [];
  if ((to.value ?? []).length === 0)
    return [make("lives_in", { value: from, not: [], mode: mode === "so" ? "ended" : mode, cue: true })];
  return [make("lives_in", { ...to, not: from, mode, cue: true })];
}

/** Whom one lives with: "with their parents", "alone". */
export function householdOf(behind: readonly Token[]): readonly string[] {
  const isAlone = behind.some(({ lower }) => /^(?:alone|myself|themself|themselves)$/.test(lower));
  if (isAlone) return ["alone"];
  const others = placeOf(behind, /^with$/).value ?? [];
  const isWithSelf = behind.some(
    ({ lower }, i) => lower === "with" && /^(?:us|me|them)$/.test(behind[i + 1]?.lower ?? ""),
  );
  return others.length === 0 && isWithSelf ? [SELF] : others;
}

/** By what one gets to work, to school: "takes the bus to work", "bikes to the office". */
export function commuteOf(lemma: string, behind: readonly Token[]): readonly string[] | undefined {
  const at = behind.findIndex(
    ({ lower }, i) =>
      lower === "to" && behind.slice(i + 1, i + 3).some((token) => WHERE_TO.test(token.lower)),
  );
  if (at < 0 || !/^(?:take|ride|drive|bike|cycle|walk|run|commute|go|get|use|catch)$/.test(lemma))
    return undefined;
  const means = sortWords(behind.slice(0, at)).value;
  const by = sortWords(behind.filter((_, i) => behind[i - 1]?.lower === "by")).value;
  return means.length > 0
    ? means
    : by.length > 0
      ? by
      : /^(?:go|get|commute|take|use)$/.test(lemma)
        ? undefined
        : [lemma];
}

const WHERE_TO = /^(?:work|school|university|uni|college|office)$/;

/** "Works in marketing", and not in a city. */
function fieldOf(behind: readonly Token[]): readonly string[] {
  const at = behind.findIndex(({ lower }) => lower === "in");
  const next = behind[at + 1];
  return at >= 0 && next?.pos === "NOUN" ? (placeOf(behind.slice(at), /^in$/).value ?? []) : [];
}

export function works(make: Make, manner: Manner, behind: readonly Token[], lemma: string): Claim[] {
  const at =
    lemma === "join"
      ? { value: sortWords(until(behind, /^(?:as|on|in|since)$/)).value }
      : placeOf(behind, /^(?:at|for|with|by)$/);
  const as = placeOf(behind, manner.isPassive ? /^(?:as|to)$/ : /^as$/).value ?? [];
  // Who started there, or was hired, still is; who worked there may be no more.
  const mode = /^(?:start|begin|join|hire|get|land|accept|take|promote|transfer)$/.test(lemma)
    ? manner.mode
    : pastState(manner);
  const claims: Claim[] = [];
  if ((at.value ?? []).length > 0) claims.push(make("works_at", { ...at, mode, cue: manner.cue }));
  const field = lemma === "work" ? fieldOf(behind) : [];
  if (field.length > 0) claims.push(make("works_in", { value: field, mode, cue: manner.cue, single: false }));
  if (as.length > 0) claims.push(make("works_as", { value: as, mode, cue: manner.cue }));
  return claims;
}
