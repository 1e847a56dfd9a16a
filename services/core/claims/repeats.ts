import { type Claim, type Compared, type Reading, type Relation, SELF } from "./claim.ts";
import { isAkin } from "./classes.ts";
import { FRAMES, LIGHT } from "./lexicon.ts";
import { sameSet } from "./overlap.ts";

const NONE: Relation = { type: "none" };
/** Two wordings of one thing lie so close, if no number or name tells them apart. */
const REWORDED = 0.85;
/** What adds to something known is about it, and lies near it. */
const RICHER = 0.5;

/**
 * Whether a new statement says the same as a known one, less or more. A change has been ruled out before.
 */
export function repeats(
  fresh: Reading,
  known: Reading,
  { cosine = 0, isOtherMoment, isAnotherTime, mayEnd, isTalk }: Compared,
): Relation {
  if (isAnotherTime || !isAboutSame(fresh, known)) return NONE;
  const frame = framesOf(fresh, known);
  const telling = (words: ReadonlySet<string>) => [...words].filter((word) => !frame.has(word));
  const isKnown = (word: string) => [...known.words].some((other) => isAkin(word, other));
  const isSaid = (word: string) => [...fresh.words].some((other) => isAkin(word, other));
  const less = telling(known.words).filter((word) => !isSaid(word));
  const more = telling(fresh.words).filter((word) => !isKnown(word));
  const common = telling(fresh.words).filter((word) => isKnown(word) && !LIGHT.has(word));
  const same = sharedClaim(fresh, known);
  if (isTalk) {
    const isLong = fresh.words.size > 2 * LONGEST;
    return repeatsInTalk({
      more,
      less,
      common,
      isWhole: same?.isWhole === true,
      mayAdd: mayEnd("") && !isOtherMoment && !isLong,
    });
  }
  const isPlain = fresh.parts.every(({ signs }) => !signs.isUnreal);
  // What happened again happened once more.
  if (fresh.parts.some(({ signs }) => signs.isAgain) && !known.parts.some(({ signs }) => signs.isAgain))
    return NONE;
  const isReformed = less.length === 0 && common.length > 0 && cosine >= REWORDED;
  if (
    more.length === 0 &&
    (same || isReformed || (common.length >= 2 && cosine >= REPEATED && !tellsChange(fresh)))
  )
    return { type: less.length === 0 ? "same" : "poorer", rule: "known" };
  if (isOtherMoment || !isPlain || !mayEnd("")) return NONE;
  const news = more.filter((word) => !LIGHT.has(word));
  if (
    same?.isWhole &&
    news.length <= 2 &&
    news.every((word) => !same.value.includes(word) && !isNumber(word) && !isClaimed(fresh, word))
  ) {
    // What the same words add ("a dog, a whippet called Biscuit") is not lost; what is not so ("so no milk") adds nothing.
    const isTold =
      fresh.claims.length === 1 ||
      fresh.claims.every(
        ({ mode, value, times }) =>
          (mode === "so" || mode === known.claims[0]?.mode) && value.length + times.length > 0,
      );
    const adds = news.length > 0 && less.length === 0 && isTold;
    return adds ? { type: "richer", rule: "richer" } : { type: "same", rule: "known" };
  }
  if (news.length > 0 && describesKnown(fresh, known)) return { type: "richer", rule: "richer" };
  const isWordy = ![...more, ...less].some(isNumber);
  const isNear = cosine >= REWORDED && isWordy && common.length >= 2 && news.length <= 1 && less.length <= 1;
  // "Is in hospital", "came home from hospital": near, and not the same.
  const isSwapped = less.some(isClaimedBy(known)) && news.some(isClaimedBy(fresh));
  // "Severely allergic to nuts" is more than "allergic to nuts".
  const isMore = less.length === 0 && news.length > 0;
  if (isNear && !isMore && !isSwapped && (tellsOfSame(fresh, known) || news.length + less.length === 0))
    return { type: "same", rule: "reworded" };
  // The school of a child is no word that may go.
  const isValue = (word: string) => known.claims.some(({ value }) => value.some((one) => isAkin(one, word)));
  const isKept =
    less.length === 0 ||
    (common.length >= 2 && less.length === 1 && !less.some(isValue) && isWordy && cosine >= 0.7);
  // "Read a book about bees" says nothing more of who keeps bees.
  const isTopic =
    same !== undefined ||
    (common.length >= 2 && tellsOfSame(fresh, known)) ||
    common.some((word) => isOwn(fresh, word));
  if (isKept && isTopic && news.length > 0 && cosine >= RICHER && known.words.size <= LONGEST)
    return { type: "richer", rule: "richer" };
  return NONE;
}

/** "The house that Ada rented is hers now" has the words of "rents a house". */
function tellsChange({ claims, parts }: Reading): boolean {
  return claims.some(({ cue }) => cue) || parts.some(({ signs }) => signs.change === 2);
}

/** "Ada drives a Skoda", of which more is told: "Ada's Skoda is a 2019 Octavia". */
function describesKnown(fresh: Reading, known: Reading): boolean {
  const [old, ...others] = known.claims;
  if (!old || others.length > 0 || old.subject !== SELF || old.mode !== "so") return false;
  if (old.value.length === 0 || old.value.length > FEW || known.words.size > FEW + 1) return false;
  const [had] = old.value;
  const isKin = old.attribute === "own" && old.value.length === 1 && had !== undefined;
  const isState = (claim: Claim) => claim.mode === "so" && (claim.single || STATES.has(claim.attribute));
  if (isKin && fresh.claims.some((claim) => isState(claim) && claim.subject === `${SELF}/${had}`))
    return true;
  const described = fresh.parts.filter(({ signs }) => signs.describes).flatMap(({ words }) => [...words]);
  const isTold = old.value.every((word) => described.some((other) => isAkin(word, other)));
  return (
    isTold &&
    fresh.claims.some(
      (claim) =>
        claim.mode === "so" && (isNamedThing(claim) || (claim.subject === SELF && tellsOf(claim, old))),
    )
  );
}

/** What tells how somebody is, and not what they once did. */
const STATES = new Set(
  "be name age own like diet works_at works_as lives_in live work study speak".split(" "),
);

/** "Ada's cat Whiskers is a shorthair": Whiskers is what is told of. */
function isNamedThing({ subject, attribute }: Claim): boolean {
  return attribute === "be" && subject !== "" && subject !== SELF && !/[/? ]/.test(subject);
}

/** It is the value of a common attribute, of which there is one at a time. */
function isClaimed({ claims }: Reading, word: string): boolean {
  return claims.some(({ single, value }) => single && value.includes(word));
}

/** "Lincoln School", "Kennedy School": not one word for the other. */
function isClaimedBy({ claims }: Reading): (word: string) => boolean {
  return (word) => claims.some(({ value }) => value.includes(word));
}

/** What is owned is what is told of. */
function tellsOf({ attribute, value }: Claim, old: Claim): boolean {
  const head = old.value.some((word) => isAkin(word, attribute));
  const first = value[0];
  return (
    (head && value.length > 0) ||
    (attribute !== old.attribute &&
      value.length > 1 &&
      first !== undefined &&
      old.value.some((word) => isAkin(word, first)))
  );
}

/** Content words of what is told so shortly that more may be told of it. */
const FEW = 3;

interface Differences {
  readonly more: readonly string[];
  readonly less: readonly string[];
  readonly common: readonly string[];
  readonly isWhole: boolean;
  /** Who tells it told the other one, of the same moment, and tells little else. */
  readonly mayAdd: boolean;
}

function repeatsInTalk({ more, less, common, isWhole, mayAdd }: Differences): Relation {
  if (more.length === 0 && (less.length === 0 || (isWhole && common.length >= TOLD))) {
    return { type: less.length === 0 ? "same" : "poorer", rule: "known" };
  }
  return mayAdd && less.length === 0 && common.length >= TOLD ? { type: "richer", rule: "richer" } : NONE;
}

/** Words in common that tell something, of two statements that tell the same among people. */
const TOLD = 3;

/** The same deed or attribute of the same, whatever else is told of it. */
function tellsOfSame(fresh: Reading, known: Reading): boolean {
  return fresh.claims.some((claim) =>
    known.claims.some((old) => claim.attribute === old.attribute && claim.subject === old.subject),
  );
}

/** "Ada's dog is a collie" is about the dog, "Ada runs on Sundays" about running. */
function isOwn(fresh: Reading, word: string): boolean {
  return fresh.claims.some(
    ({ subject, attribute, narrowed, times }) =>
      subject === SELF && times.length === 0 && [attribute, ...narrowed].some((other) => isAkin(word, other)),
  );
}

function isNumber(word: string): boolean {
  return /^\p{N}/u.test(word);
}

/** Fewer words than known, all of them known: so near it must lie to say nothing else. */
const REPEATED = 0.6;
/** Content words of what is replaced by its richer wording: more say several things. */
const LONGEST = 8;

function framesOf(fresh: Reading, known: Reading): ReadonlySet<string> {
  const told = new Set(fresh.claims.map(nameOf));
  const shared = new Set(known.claims.map(nameOf).filter((name) => told.has(name)));
  const attributes = [...fresh.claims, ...known.claims]
    .filter((claim) => shared.has(nameOf(claim)))
    .map(({ attribute }) => attribute);
  return new Set([...attributes.flatMap((attribute) => [...(FRAMES[attribute] ?? []), attribute]), ...IDLE]);
}

const IDLE = "call nam name own remember know sure forget btw own other user".split(" ");

/** Somebody in common, or nobody else's in either. */
function isAboutSame(fresh: Reading, known: Reading): boolean {
  const resolved = ({ subject }: Claim) =>
    known.aliases.get(subject) ?? fresh.aliases.get(subject) ?? subject;
  const subjects = fresh.claims.map(resolved).filter((subject) => subject !== "");
  const others = known.claims.map(resolved).filter((subject) => subject !== "");
  return (
    subjects.length === 0 ||
    others.length === 0 ||
    subjects.some((subject) => others.includes(subject)) ||
    fresh.claims.some(({ subject }) => known.words.has(kinOrName(subject))) ||
    known.claims.some(({ subject }) => fresh.words.has(kinOrName(subject)))
  );
}

/** "brother" of `self/brother`. */
function kinOrName(subject: string): string {
  return subject.split("/").at(-1) ?? subject;
}

/** What both claim; `isWhole`: neither says it closer than the other. */
export function sharedClaim(
  fresh: Reading,
  known: Reading,
): { value: readonly string[]; isWhole: boolean } | undefined {
  for (const claim of fresh.claims) {
    const old = known.claims.find(
      (one) => claim.mode === one.mode && claim.subject === one.subject && sameThing(claim, one),
    );
    if (old) return { value: claim.value, isWhole: claim.value.length === old.value.length };
  }
  return undefined;
}

/** "Is a nurse" and "works as a nurse" say the same. */
function nameOf({ attribute }: Claim): string {
  return attribute === "works_as" ? "be" : attribute;
}

/** The same attribute with the same value, or one that says it closer. */
function sameThing(a: Claim, b: Claim): boolean {
  if (nameOf(a) !== nameOf(b) || a.narrowed.some((word) => !b.narrowed.includes(word))) return false;
  const [small, big] = a.value.length < b.value.length ? [a, b] : [b, a];
  // "At 3 pm", "at 3 pm in room 4".
  if (small.value.length === 0)
    return small.times.length > 0 && small.times.every((time) => big.times.includes(time));
  return (
    small.value.every((word) => big.value.includes(word)) &&
    (small.value.some((word) => !LIGHT.has(word)) || sameSet(small.value, big.value))
  );
}
