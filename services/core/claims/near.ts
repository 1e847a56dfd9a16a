import { doesOther, endsAnother } from "./another.ts";
import { type Reading, SELF } from "./claim.ts";
import { classOf, isAkin } from "./classes.ts";
import { DAYS, KIN, LIGHT, MONTHS } from "./lexicon.ts";
import { isTime, overlaps } from "./overlap.ts";

/** A known statement that a new one may be about. */
export interface Near {
  readonly known: Reading;
  readonly cosine: number | undefined;
  readonly mayEnd: (subject: string) => boolean;
}

/**
 * Where no rule knows how two statements stand to each other, a new one that says that something changed ends the one
 * known statement that is plainly about the same.
 *
 * @param teller who tells the new one.
 * @returns the place of the known statement among the candidates.
 */
export function overtaken(
  fresh: Reading,
  candidates: readonly Near[],
  teller: string | undefined,
  tellers: ReadonlySet<string>,
): number | undefined {
  let best: { at: number; score: number } | undefined;
  for (const part of fresh.parts) {
    const tells = part.signs.change > 0 || part.signs.resolves;
    if (!tells || part.signs.adds || part.signs.isUnreal) continue;
    // "Was 3 when they moved": so it was then.
    if (part.signs.change < 2 && fresh.claims.some(({ isPast }) => isPast)) continue;
    for (const [at, near] of candidates.entries()) {
      const score = scoreOf(fresh, part, near, teller, tellers);
      if (score > (best?.score ?? 0)) best = { at, score };
    }
  }
  return best?.at;
}

/** Above 0 where the known statement is about what the sentence says has changed. */
function scoreOf(
  fresh: Reading,
  part: Reading["parts"][number],
  { known, cosine = 0, mayEnd }: Near,
  teller: string | undefined,
  tellers: ReadonlySet<string>,
): number {
  const words = wordsAround(fresh, part);
  if (!mayEnd(SELF) || known.words.size === 0 || !isOfSame(fresh, part, known, teller, tellers)) return 0;
  if (endsAnother(fresh, known) || isOfIt(known)) return 0;
  if (isOfWorkAlone(part.words, known.words) || isOriginStill(fresh, part, known)) return 0;
  if (goesElsewhere(part, known)) return 0;
  const telling = new Set([...words].filter((word) => !LIGHT.has(word) && !tellers.has(word)));
  const covered = coverage(known.words, telling, saysOneThing(known) ? new Set() : whoOf(part));
  const adds = [...words].some((word) => ![...known.words].some((other) => isAkin(word, other)));
  if (!adds && !fresh.isDenied && !part.signs.resolves && !part.signs.isDone) return 0;
  if (!fresh.corrects && differInTimes(known.words, words)) return 0;
  if (known.parts.length > 1 || known.words.size > SHORT || fresh.words.size > LONG) return 0;
  const isStrong =
    part.signs.change === 2 ||
    (part.signs.resolves && known.parts.some(({ signs }) => signs.isTrouble)) ||
    (part.signs.isDone && covered >= 0.25 && known.parts.some(({ signs }) => signs.isGoing));
  const isShort = fresh.words.size <= SHORT && known.words.size <= SHORT;
  const score = covered + WEIGHT * cosine;
  if (isStrong) return covered >= 0.2 && score >= LEAST_STRONG ? score : 0;
  if (doesOther(fresh, known) || isOfOtherHour(known.words, words)) return 0;
  // "Goes running three times a week now": nothing of "goes running" is otherwise.
  if (
    !fresh.isDenied &&
    !fresh.corrects &&
    [...known.words].every((word) => [...words].some((other) => isAkin(word, other)))
  )
    return 0;
  const isSwap = swapsNumber(known.words, words) || isShort;
  return isSwap && covered >= 0.45 && score >= LEAST_WEAK ? score : 0;
}

/** "Chris left Ada a note", "left the band": that Ada dates Chris is as it was. */
function goesElsewhere(part: Reading["parts"][number], known: Reading): boolean {
  if (!["leav", "leave"].some((word) => part.words.has(word))) return false;
  const who = part.subjects.filter((subject) => !subject.includes("/")).flatMap((name) => name.split(" "));
  const isKnown = (word: string) => [...known.words].some((other) => isAkin(word, other));
  const isWho = (word: string) => who.some((name) => isAkin(word, name));
  const others = [...part.words].filter(
    (word) => !isWho(word) && !LIGHT.has(word) && !isTime(word) && !/^leave?$/.test(word),
  );
  const isOfThem = [...part.words].some((word) => isWho(word) && isKnown(word));
  return isOfThem && others.length > 0 && !others.some(isKnown);
}

const AT_HOME = ["home", "hom"];
const AT_WORK = ["office", "offic", "work"];

/** "Work handed Ada a Dell", where a MacBook is used at home. */
function isOfWorkAlone(fresh: ReadonlySet<string>, known: ReadonlySet<string>): boolean {
  return (
    AT_HOME.some((word) => known.has(word)) && AT_WORK.some((word) => fresh.has(word) && !known.has(word))
  );
}

/** Whoever is from Cork still is, wherever they moved. */
function isOriginStill(
  { corrects, admitsMistake }: Reading,
  part: Reading["parts"][number],
  known: Reading,
): boolean {
  const isOrigin = ({ signs }: Reading["parts"][number]) => signs.isOrigin;
  return !corrects && !admitsMistake && !isOrigin(part) && known.parts.every(isOrigin);
}

/** "It takes four weeks": nobody can tell what. */
function isOfIt({ claims }: Reading): boolean {
  return claims.length > 0 && claims.every(({ subject }) => subject === "it");
}

/** Of the sentence that tells of the change; where it names nothing ("He's sold it."), of what stands around it too. */
function wordsAround(fresh: Reading, part: Reading["parts"][number]): ReadonlySet<string> {
  const telling = [...part.words].filter((word) => !LIGHT.has(word));
  return telling.length <= NAMES_NOTHING ? fresh.words : part.words;
}

/** That both tell of the same one, who may do much, does not make it the same matter. */
function whoOf({ subjects }: Reading["parts"][number]): ReadonlySet<string> {
  return new Set(subjects.flatMap((subject) => subject.split(/[/ ]/)));
}

function saysOneThing({ parts, words }: Reading): boolean {
  return parts.length === 1 && [...words].filter((word) => !isTime(word)).length <= FEW;
}

const FEW = 4;
const NAMES_NOTHING = 3;

/** "Moved in 2021", "moved in 2022": it happened twice. */
function differInTimes(known: ReadonlySet<string>, fresh: ReadonlySet<string>): boolean {
  const alone = [...known]
    .filter((word) => !fresh.has(word))
    .concat([...fresh].filter((word) => !known.has(word)));
  return alone.every((word) => /^(?:19|20)\d\d$/.test(word) || MONTHS.has(word) || DAYS.has(word));
}

/** "Drinks wine in the evening", tea in the morning. */
function isOfOtherHour(known: ReadonlySet<string>, fresh: ReadonlySet<string>): boolean {
  const hours = (words: ReadonlySet<string>) => [...words].filter((word) => PARTS_OF_DAY.has(word));
  const others = [...fresh].filter((word) => !known.has(word) && !PARTS_OF_DAY.has(word));
  const isOther = hours(known).length > 0 && hours(fresh).length > 0 && !overlaps(hours(known), hours(fresh));
  return isOther && others.length > 0;
}

const PARTS_OF_DAY = new Set("morn morning even evening afternoon night noon".split(" "));

/** What a cosine weighs beside the share of words that are in common. */
const WEIGHT = 0.5;
/** Found on written cases, and kept from ending what talk between friends repeats. */
const LEAST_STRONG = 0.45;
const LEAST_WEAK = 0.7;

/** Content words of a statement that tells so much that its change may be of something else. */
const LONG = 12;
/** Content words of a statement that says one thing. */
const SHORT = 9;

/** Each has a number, and not the same. */
function swapsNumber(known: ReadonlySet<string>, fresh: ReadonlySet<string>): boolean {
  const numbers = (words: ReadonlySet<string>) =>
    [...words].filter((word) => /^\p{N}/u.test(word) && !/^20\d\d$/.test(word));
  const [old, now] = [numbers(known), numbers(fresh)];
  return old.length > 0 && now.length > 0 && now.some((one) => !old.includes(one));
}

/**
 * The share of the words of a known statement that a new one has, in whatever form; one of the same class counts half.
 *
 * @param who names whom both are about.
 */
function coverage(known: ReadonlySet<string>, fresh: ReadonlySet<string>, who: ReadonlySet<string>): number {
  const others = [...fresh];
  const classes = new Set(others.flatMap((word) => classOf(word) ?? []));
  const hasNumber = others.some(isTime);
  let sum = 0;
  let all = 0;
  let isTold = false;
  for (const word of known) {
    const isNumber = isTime(word);
    all += LIGHT.has(word) || isNumber ? 0.5 : 1;
    if (LIGHT.has(word)) continue;
    if (isNumber) {
      if (hasNumber) sum += 0.25;
      continue;
    }
    const weight = others.some((other) => isAkin(word, other))
      ? 1
      : classes.has(classOf(word) ?? "")
        ? 0.5
        : 0;
    isTold ||= weight > 0 && !who.has(word);
    sum += weight;
  }
  // Two that have no more in common than that both name a day are about nothing of the same.
  return isTold ? sum / all : 0;
}

/** Who decides about what is somebody else's. */
const ACTS_FOR = /^self\/(?:client|landlord|manager|doctor|dentist|therapist|teacher|coach|company|team)$/;

/** What is told of others ends nothing of one's own, nor the other way round. */
function isOfSame(
  fresh: Reading,
  part: Reading["parts"][number],
  known: Reading,
  teller: string | undefined,
  tellers: ReadonlySet<string>,
): boolean {
  const resolved = (subject: string) =>
    known.aliases.get(subject) ?? fresh.aliases.get(subject) ?? (subject === teller ? SELF : subject);
  const subjects = part.subjects.map(resolved);
  const knownSubjects = known.claims.map(({ subject }) => resolved(subject));
  if (subjects.some((subject) => subject !== SELF && subject !== "" && knownSubjects.includes(subject)))
    return true;
  const isKin = (subject: string) => subject.includes("/") || subject === "?" || KIN.has(subject);
  // "Jo's sister" is told of where her sister is, not where Jo is.
  const isNamed = (subject: string, within: ReadonlySet<string>) =>
    (subject.split("/").at(-1) ?? "")
      .split(" ")
      .some((name) => name !== SELF && [...within].some((word) => isAkin(word, name)));
  const isTalk = (all: readonly string[]) =>
    all.length > 0 && all.every((subject) => subject !== SELF && tellers.has(subject));
  if (isTalk(subjects) || isTalk(knownSubjects)) return false;
  const kin = subjects.filter(isKin);
  // "Nestle laid off a hundred people" is no news of who works there.
  const employers = known.claims.flatMap(({ attribute, value }) => (attribute === "works_at" ? value : []));
  const isEmployer = (subject: string) => employers.some((word) => isAkin(word, subject));
  if (subjects.length > 0 && subjects.every(isEmployer)) return false;
  // "Anna quit Siemens", "Julia's dog died", "my dad quit smoking": what happens to others is theirs.
  const isOther = (subject: string) =>
    subject !== SELF &&
    !/^\??$/.test(subject) &&
    !ACTS_FOR.test(subject) &&
    (subject.startsWith("?/") || !isNamed(subject, known.words));
  const isTheirs = subjects.some(isOther) && !subjects.includes(SELF);
  if (isTheirs && fresh.claims.some(({ mode, subject }) => mode === "ended" && isOther(resolved(subject))))
    return false;
  // "The client pushed the deadline": whoever did it, it is the deadline that has changed.
  const isThing = ({ subject, attribute }: Reading["claims"][number]) =>
    (subject === "" || subject === SELF) && [...part.words].some((word) => isAkin(word, attribute));
  if (part.signs.change === 2 && known.claims.some(isThing)) return true;
  if (isTheirs && !subjects.some(isKin)) return false;
  if (kin.length > 0 && !subjects.includes(SELF)) return kin.some((subject) => isNamed(subject, known.words));
  const isAllKin = knownSubjects.length > 0 && knownSubjects.every(isKin);
  return !isAllKin || knownSubjects.some((subject) => isNamed(subject, fresh.words));
}
