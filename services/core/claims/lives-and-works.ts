import type { Token } from "../extraction/embedded/language.ts";
import { type Claim, type Mode, SELF } from "./claim.ts";
import { DWELLINGS } from "./lexicon.ts";
import type { Manner } from "./manner.ts";
import { planIfGoing } from "./modes.ts";
import { isClub, isEmployer, isPlace } from "./places.ts";
import { phraseOf, placeOf, until } from "./values.ts";
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
  if (movesThing(behind)) return [];
  if ((to.value ?? []).length > 0 && !isPlace(phraseOf(behind, /^(?:to|into|in)$/))) return [];
  if ((to.value ?? []).length === 0)
    return [make("lives_in", { value: from, not: [], mode: mode === "so" ? "ended" : mode, cue: true })];
  return [make("lives_in", { ...to, not: from, mode, cue: true })];
}

/** "Moved the couch into the bedroom". */
function movesThing(behind: readonly Token[]): boolean {
  const at = behind.findIndex(({ lower }) => /^(?:to|into|in|from|with)$/.test(lower));
  return behind
    .slice(0, Math.max(at, 0))
    .some(
      ({ pos, lemma, lower }) =>
        /^(?:everything|all|it|them|stuff)$/.test(lower) ||
        ((pos === "NOUN" || pos === "PROPN") && !MOVED.test(lemma) && lower !== "home"),
    );
}

/** What one moves along with oneself, and when. */
const MOVED =
  /^(?:house|home|flat|apartment|city|country|state|town|family|kid|child|life|week|month|year|day|yesterday|today|time|summer|winter|spring|autumn|fall)$/;

/** Whom one lives with: "with their parents", "alone". */
export function householdOf(behind: readonly Token[]): readonly string[] {
  const isAlone = behind.some(({ lower }) => /^(?:alone|myself|themself|themselves)$/.test(lower));
  if (isAlone) return ["alone"];
  const others = placeOf(behind, /^with$/).value ?? [];
  if (others.some((word) => ENDURED.test(word))) return [];
  const isWithSelf = behind.some(
    ({ lower }, i) => lower === "with" && /^(?:us|me|them)$/.test(behind[i + 1]?.lower ?? ""),
  );
  return others.length === 0 && isWithSelf ? [SELF] : others;
}

/** What one lives with that is nobody. */
const ENDURED =
  /^(?:illness|disease|diseas|condition|pain|anxiety|depress|adhd|autism|diabet|asthma|epilepsy|cancer|hiv|migrain|allergy|regret|guilt|consequenc|it|that|fear|stress|uncertainty|decision|choic)/;

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
  const employer = employerOf(behind, lemma, manner);
  const as = placeOf(behind, manner.isPassive ? /^(?:as|to)$/ : /^as$/).value ?? [];
  // Who started there, or was hired, still is; who worked there may be no more.
  const mode = /^(?:start|begin|join|hire|get|land|accept|take|promote|transfer)$/.test(lemma)
    ? manner.mode
    : pastState(manner);
  const claims: Claim[] = [];
  // "Works at the library on Fridays": who works somewhere now and then may work elsewhere too.
  const single = !behind.some(({ lower }) => NOW_AND_THEN.test(lower));
  if (employer.length > 0) claims.push(make("works_at", { value: employer, mode, cue: manner.cue, single }));
  const field = lemma === "work" ? fieldOf(behind) : [];
  if (field.length > 0) claims.push(make("works_in", { value: field, mode, cue: manner.cue, single: false }));
  if (as.length > 0) claims.push(make("works_as", { value: as, mode, cue: manner.cue }));
  return claims;
}

const NOW_AND_THEN =
  /^(?:\p{Ll}+days|weekends|evenings|mornings|afternoons|nights|summers|winters|sometimes|occasionally)$/u;

function employerOf(behind: readonly Token[], lemma: string, { isPassive }: Manner): readonly string[] {
  if (lemma === "join") {
    const phrase = until(behind, /^(?:as|at|on|in|since|for|,)$/);
    const isFor = behind[phrase.length]?.lower === "for";
    return isClub(phrase) || isFor ? [] : sortWords(phrase).value;
  }
  // "Works with Anna", "with kids": they are no employers.
  const by = isPassive ? /^(?:at|for|with|by)$/ : lemma === "work" ? /^(?:at|for)$/ : /^(?:at|for|with)$/;
  const phrase = phraseOf(behind, by);
  return isEmployer(phrase) && !isClub(phrase) ? sortWords(phrase).value : [];
}

/** "Started at Adyen", "accepted a position there"; not "started yoga with Nina", "got a job interview". */
export function beginsWork(lemma: string, behind: readonly Token[]): boolean {
  if (lemma === "join") return behind.some(({ pos, lower }) => pos === "PROPN" || lower === "as");
  const by = behind.findIndex(({ pos, lower }) => pos === "ADP" || lower === "as");
  const what = by < 0 ? behind : behind.slice(0, by);
  const at = what.findLastIndex(({ lower }) => JOB.test(lower));
  const isJob = at >= 0 && what.slice(at + 1).every(({ pos }) => pos !== "NOUN");
  if (/^(?:get|land|accept|take)$/.test(lemma)) return isJob;
  const isBare = what.every(({ pos, lower }) => /^(?:ADV|DET|PRON|ADJ)$/.test(pos) || JOB.test(lower));
  return /^(?:start|begin)$/.test(lemma) && isBare && /^(?:at|with|as)$/.test(behind[by]?.lower ?? "");
}

const JOB =
  /^(?:job|position|role|offer|work|working|career|internship|apprenticeship|residency|traineeship)$/;
