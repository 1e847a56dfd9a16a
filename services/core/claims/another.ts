import { type Claim, type Reading, SELF } from "./claim.ts";
import { classOf, isAkin } from "./classes.ts";
import { tellsOfSome } from "./items.ts";
import { FORMS, KIN, LIGHT, PARTNERS } from "./lexicon.ts";
import { isTime, isWeekday, overlaps } from "./overlap.ts";

/** "Stopped playing golf", where tennis is known; "the vet appointment was moved", where it is the dentist's. */
export function endsAnother(fresh: Reading, known: Reading): boolean {
  const has = (word: string) => [...known.words].some((other) => isAkin(word, other));
  const isMissed = (words: readonly string[]) => words.length > 0 && !words.some(has);
  const isOther = (word: string) =>
    MANY.has(classOf(word) ?? "") && [...known.words].some((other) => classOf(other) === classOf(word));
  if (isPromoted(fresh, known) || livesOn(fresh, known) || (!fresh.corrects && isWho(fresh, known)))
    return true;
  if (getsForOther(fresh, known) || isOtherKin(fresh, known)) return true;
  if (isBundle(fresh, known) || wasOnce(fresh, known) || tellsOfSome(fresh, known)) return true;
  if (!fresh.corrects && tellsOfPart(fresh, known)) return true;
  return fresh.claims.some(({ mode, value, attribute, narrowed, subject }) => {
    if (mode === "ended" && isMissed(value) && value.some(isOther)) return true;
    // "Stopped playing golf", "plays tennis": the same is done with another.
    const does = (old: Reading["claims"][number]) =>
      old.attribute === attribute && old.subject === subject && old.mode === "so" && old.value.length > 0;
    if (mode === "ended" && isMissed(value) && BESIDE.has(attribute) && known.claims.some(does)) return true;
    // "Miso isn't eating any more": that is what ended, and not that she is there.
    const isDeed = mode === "ended" && !STATES.has(attribute) && !has(attribute);
    if (isDeed && known.claims.length > 0 && isMissed(value)) return true;
    if (isDeed && known.claims.length > 0 && value.length === 0) return true;
    const others = [...known.words].filter((word) => word !== attribute && !LIGHT.has(word) && !isTime(word));
    return has(attribute) && isMissed(narrowed) && others.length > 0;
  });
}

/** "Got their wife a new phone": it is the wife's. */
function getsForOther(fresh: Reading, known: Reading): boolean {
  return fresh.claims.some(
    ({ attribute, mode, value: [first = "", ...more] }) =>
      attribute === "own" && mode === "so" && KIN.has(first) && more.length > 0 && !known.words.has(first),
  );
}

/** "Made up with the sister", where nobody speaks to the brother. */
function isOtherKin(fresh: Reading, known: Reading): boolean {
  const kinIn = ({ claims }: Reading) =>
    claims.flatMap(({ value }) => value.filter((word) => KIN.has(word) && !PARTNERS.has(word)));
  const [now, before] = [kinIn(fresh), kinIn(known)];
  return now.length > 0 && before.length > 0 && !overlaps(now, before);
}

/** What may be told otherwise than it was known, so that the words need not agree. */
const STATES = new Set([
  "*",
  "be",
  "own",
  "gone",
  "lives_in",
  "works_at",
  "works_as",
  "partner",
  "like",
  "prefer",
  "diet",
  "take",
  "use",
  "have",
  "go",
]);

/** Classes of what one does or takes several of. */
const MANY = new Set(["sport", "drink"]);

/** What one does with several at a time. */
const BESIDE = new Set(["play", "speak", "learn", "study", "read", "watch", "eat", "grow", "own"]);

/** "Loves dinosaurs and is allergic to eggs": who changes the one keeps the other. */
function isBundle(fresh: Reading, { claims }: Reading): boolean {
  // "Has a cargo bike and does the shopping with it": with the bike goes all of it.
  const isGone = fresh.claims.some(
    ({ attribute, mode }) => mode === "ended" && /^(?:\*|gone)$/.test(attribute),
  );
  const isWork = claims.some(({ attribute }) => attribute === "works_at");
  const told = claims.filter(
    ({ mode, value, attribute }) =>
      mode === "so" &&
      value.length > 0 &&
      attribute !== "name" &&
      !(isWork && /^(?:be|works_as|works_in)$/.test(attribute)),
  );
  const isApart = (one: Claim, other: Claim) =>
    other.attribute !== one.attribute && !overlaps(one.value, other.value);
  return !isGone && told.some((one) => told.some((other) => isApart(one, other)));
}

/** "The train was cancelled today": who takes it each day takes it tomorrow. */
function wasOnce(fresh: Reading, known: Reading): boolean {
  return (
    fresh.claims.some(({ tells }) => tells === "once") && [...known.words].filter(isTime).every(isWeekday)
  );
}

/** "Leo is Ada's son": whatever he does, he is. */
function isWho(fresh: Reading, { claims }: Reading): boolean {
  const isKin = (word: string) => word === "besti" || (KIN.has(word) && !PARTNERS.has(word));
  const isIt = ({ attribute, subject, value, mode }: Reading["claims"][number]) =>
    mode === "so" &&
    (isKin(attribute) ||
      (attribute === "name" && subject !== SELF) ||
      (attribute === "be" && subject === SELF && value.some(isKin)) ||
      (attribute === "own" && value.some(isKin) && !value.some((word) => FORMS.has(word))));
  // "Fritz moved out, the new neighbour is called Karl."
  const isNamed = fresh.claims.some(
    ({ attribute, subject, value }) =>
      (KIN.has(attribute) && value.length > 0) ||
      (attribute === "name" && claims.some((old) => old.subject === subject)),
  );
  return claims.length > 0 && !isNamed && claims.every(isIt);
}

/** "Was promoted at Stripe": who works there still does. */
function isPromoted(fresh: Reading, known: Reading): boolean {
  const stays = ({ attribute, mode, value }: Reading["claims"][number]) =>
    attribute === "works_at" && mode === "so" && value.every((word) => fresh.words.has(word));
  const isRaised = fresh.claims.some(({ attribute, mode }) => attribute === "works_as" && mode === "so");
  return isRaised && known.claims.length > 0 && known.claims.every(stays);
}

/** "Is back from Berlin": who lives there was elsewhere for a while; "lives in sweatpants": nobody does. */
function livesOn(fresh: Reading, known: Reading): boolean {
  const isNoMove = fresh.claims.some(
    ({ attribute, value }) => attribute === "live" || (attribute === "be" && value[0] === "back"),
  );
  return isNoMove && known.claims.some(({ attribute, mode }) => attribute === "lives_in" && mode === "so");
}

/** Who lost a phone still has its number. */
function isOnlyNarrowed(thing: string, { claims }: Reading): boolean {
  return (
    claims.length > 0 &&
    claims.every(
      ({ narrowed, value }) => narrowed.includes(thing) && value.length > 0 && !value.includes(thing),
    )
  );
}

/** "Sold the dog crate", "the law exam was moved", "the chimney stopped smoking": none of it is the dog, the law, or hers. */
function tellsOfPart(fresh: Reading, known: Reading): boolean {
  const all = [...known.words];
  const has = (word: string) =>
    all.some(
      (other) => isAkin(word, other) || (classOf(word) !== undefined && classOf(word) === classOf(other)),
    );
  return fresh.claims.some(({ subject, attribute, narrowed, value, mode }) => {
    const [head, ...more] = attribute === "*" ? value : [attribute, ...narrowed];
    const rest = more.filter((word) => !/^(?:new|old)$/.test(word));
    const isOver = mode === "ended";
    if (subject === "" && isOver && attribute !== "*") return value.length > 0 && !value.some(has);
    if (attribute === "*" && isOver && head !== undefined && isOnlyNarrowed(head, known)) return true;
    if (head !== undefined && FORMS.has(head) && isOver && rest.length > 0 && !rest.some(has)) return true;
    const isNoun = attribute === "*" ? isOver : narrowed.length > 0;
    return isNoun && head !== undefined && !FORMS.has(head) && !has(head) && rest.some(has);
  });
}

/** "Bought a new guitar": who plays the guitar plays on. */
export function doesOther(fresh: Reading, known: Reading): boolean {
  const isDeed = ({ attribute, subject, mode, value }: Reading["claims"][number]) =>
    subject === SELF && mode === "so" && value.length > 0 && DEEDS.has(attribute);
  if (getsPart(fresh, known)) return true;
  return (
    ![...fresh.words].some(isTime) &&
    known.claims.length > 0 &&
    known.claims.every((old) => isDeed(old) && ![...fresh.words].some((word) => isAkin(word, old.attribute)))
  );
}

/** "Installed a new VS Code theme". */
function getsPart(fresh: Reading, known: Reading): boolean {
  const has = (word: string) => [...known.words].some((other) => isAkin(word, other));
  return fresh.claims.some(({ attribute, mode, value }) => {
    const last = value.at(-1);
    return (
      GETS.has(attribute) &&
      mode === "so" &&
      last !== undefined &&
      !isTime(last) &&
      !has(last) &&
      value.some(has)
    );
  });
}

const GETS = new Set(["own", "get", "buy", "install", "instal", "order"]);

/** What is done with a thing, whichever it is. */
const DEEDS = new Set([
  "play",
  "study",
  "learn",
  "teach",
  "collect",
  "sing",
  "paint",
  "bake",
  "cook",
  "speak",
]);
