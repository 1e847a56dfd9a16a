import { changesAmount } from "./amounts.ts";
import { type Claim, type Reading, SELF } from "./claim.ts";
import { classOf, isAkin, isKind } from "./classes.ts";
import { breaksDiet, EVERYDAY, isHabitOver } from "./habits.ts";
import { countsAnew, isContraryTo, isOneOf } from "./kinds.ts";
import { FORMS, LIGHT, PARTNERS } from "./lexicon.ts";
import { isWeekday, overlaps, sameSet, share, tellingly, timesDiffer, wordsOf } from "./overlap.ts";
import { conflicts, isTelling } from "./slots.ts";
import { changesTrade } from "./trades.ts";

/** Without work. */
const IDLE = new Set("unemployed unemploy jobless retired retir".split(" "));

/** By which rule a claim ends a known one; undefined where both may stand. */
export function endsBy(claim: Claim, old: Claim, corrects: boolean): string | undefined {
  if (claim.mode === "unreal" || old.mode === "unreal") return undefined;
  if (isFormerKin(claim, old)) return "former";
  if (!sameSubject(claim, old)) return undefined;
  // What "it" was is another thing each time.
  if (claim.subject === "it") return undefined;
  if (TOLD.has(claim.attribute)) return undefined;
  if (claim.attribute === "*") return endsThing(claim, old);
  if (claim.attribute === "partner" && claim.mode === "ended" && endsPartner(claim, old))
    return "slot:partner";
  if (carriesOut(claim, old) || isThrough(claim, old)) return "plan_done";
  if (movesTime(claim, old) || movesDay(claim, old)) return "changed";
  const isFavorite = old.narrowed.some((word) => /^favou?rit/.test(word)) && !isOver(old);
  if (claim.attribute === "like" && isOver(claim) && isFavorite && overlaps(claim.value, old.value))
    return "negation";
  if (
    /^works_(?:at|as)$/.test(claim.attribute) &&
    claim.mode === "so" &&
    old.mode === "so" &&
    old.attribute === "be" &&
    old.value.some((word) => IDLE.has(word))
  )
    return "changed";
  // "Swims instead of running".
  if (
    claim.mode === "so" &&
    old.mode === "so" &&
    claim.not.includes(old.attribute) &&
    !EVERYDAY.has(old.attribute)
  )
    return "changed";
  // "Is a junior developer", "was promoted to senior developer".
  if (
    claim.attribute === "works_as" &&
    old.attribute === "be" &&
    takesPlace({ ...claim, attribute: "be" }, old)
  )
    return "changed";
  if (takesName(claim, old)) return "slot:name";
  if (countsAnew(claim, old) || isContraryTo(claim, old)) return "changed";
  if (changesTrade(claim, old) || breaksDiet(claim, old) || changesAmount(claim, old)) return "changed";
  if (claim.attribute !== old.attribute) return undefined;
  if (
    tellingly(claim.not, new Set([...old.value, ...old.times])) &&
    old.mode !== "ended" &&
    old.mode !== "denied" &&
    !(claim.times.length > 0 && sameSet(claim.times, old.times))
  )
    return "correction";
  if (corrects && claim.mode === old.mode && isOtherTime(claim, old)) return "correction";
  if (isOver(claim)) {
    const isOfIt = hasNoneOf(claim, old) || (covers(claim, old) && !deniesAnother(claim, old));
    if (isOver(old) || !isOfIt) return undefined;
    return claim.mode === "former" ? "former" : "negation";
  }
  const isAble = claim.value.length === 0 && claim.cue && claim.mode === "so" && claim.times.length === 0;
  // "Can't swim", "can swim now"; "quit smoking", "smokes again".
  if (isAble && old.mode === "denied" && old.value.length === 0) return "negation";
  if (isAble && old.mode === "ended" && isHabitOver(old, claim)) return "negation";
  if (isOver(old) && (claim.mode !== "so" || old.mode === "former")) return undefined;
  if (isOver(old)) {
    const isOfIt = mutual(claim, old) && tellingly(claim.value, new Set(old.value));
    return isOfIt || isOneOf(claim, old) ? "negation" : undefined;
  }
  if (old.mode === "planned") return overtakesPlan(claim, old);
  if (claim.mode === "planned") return undefined;
  if (!isTelling(claim) || !isTelling(old)) return undefined;
  if (takesPlace(claim, old) || changesHour(claim, old)) return "changed";
  if (claim.subject === "" && !old.single) return undefined;
  return claim.single && conflicts(claim, old, corrects) ? `slot:${claim.attribute}` : undefined;
}

/** "Has no cat called Tom", "the launch is not on 3 June": the one called Minka is there, and the launch on 12 May. */
function deniesAnother({ mode, attribute, value, times }: Claim, old: Claim): boolean {
  if (mode !== "denied") return false;
  if (old.times.length > 0 && times.some((time) => !old.times.includes(time))) return true;
  return (
    (lacks(value, old.value) && lacks(old.value, value)) || hasOnlyWhatIsNamedByIt(attribute, value, old)
  );
}

/** "Has no dog walker", "owns no car park": where a dog or a car is had. */
function hasOnlyWhatIsNamedByIt(attribute: string, value: readonly string[], old: Claim): boolean {
  const [head = "", modifier = ""] = value.toReversed();
  if (attribute !== "own" || modifier === "" || FORMS.has(head) || isKind(head)) return false;
  return old.value.at(-1) === modifier && lacks([head], old.value);
}

function lacks(some: readonly string[], others: readonly string[]): boolean {
  return some.some((word) => !LIGHT.has(word) && !others.some((other) => isAkin(word, other)));
}

/** "Omar used to be Ada's best friend", "Ada's best friend is Omar". */
function isFormerKin(claim: Claim, { subject, attribute, value }: Claim): boolean {
  const isOfKin =
    attribute === "name" && claim.attribute.length > 3 && subject.startsWith(`${SELF}/${claim.attribute}`);
  return isOfKin && isOver(claim) && overlaps(claim.value, value);
}

/** "Is Emma Novak now", "is called Emma Clarke". */
function takesName(claim: Claim, old: Claim): boolean {
  const isNew = claim.attribute === "be" && claim.cue && claim.mode === "so" && claim.value.length > 1;
  return (
    isNew &&
    old.attribute === "name" &&
    old.value.length > 1 &&
    claim.value[0] === old.value[0] &&
    !sameSet(claim.value, old.value)
  );
}

/** "Goes to Monet since Monday", "is on the search team now": of what one has one at a time, another one. */
function takesPlace(claim: Claim, old: Claim): boolean {
  if (!claim.cue || claim.mode !== "so" || old.mode !== "so" || claim.value.length === 0) return false;
  const shared = claim.value.filter((word) => old.value.includes(word));
  const differ = claim.value.length > shared.length && old.value.length > shared.length;
  // Of one kind, told apart: "the search team", "the checkout team".
  if (claim.attribute === "be")
    return (
      differ && claim.value.length <= 3 && (claim.value.at(-1) === old.value.at(-1) || isNextYear(claim, old))
    );
  return (
    BELONGS.has(claim.attribute) && shared.length === 0 && claim.subject !== "" && claim.value.length <= FEW
  );
}

/** "Is in year 4 now", in year 3 before. */
function isNextYear({ value: [what, number = ""] }: Claim, { value: [other, before = ""] }: Claim): boolean {
  return what === other && /^\p{N}+$/u.test(number) && /^\p{N}+$/u.test(before);
}

/** "Gets up at 7 these days", at 6 before. */
function changesHour(claim: Claim, old: Claim): boolean {
  const isHours = ({ times }: Claim) =>
    times.length > 0 && times.every((time) => /^\d{1,2}(?::\d\d)?(?:am|pm)?$/.test(time));
  const isNow = claim.cue && claim.mode === "so" && old.mode === "so";
  return (
    isNow &&
    claim.subject !== "" &&
    sameSet(claim.value, old.value) &&
    isHours(claim) &&
    isHours(old) &&
    timesDiffer(claim, old)
  );
}

/** Content words of what says one thing. */
const FEW = 4;

/** "The bakery is open", where it was planned to open it. */
function carriesOut({ attribute, value, mode }: Claim, old: Claim): boolean {
  if (mode !== "so" || old.mode !== "planned" || !old.value.includes(attribute)) return false;
  const reached = REACHED[old.attribute] ?? [];
  return value.some((word) => word === old.attribute || reached.includes(word));
}

/** "Ran the Berlin marathon yesterday", which was trained for; "passed the bar exam", which was studied for. */
function isThrough({ attribute, value, mode, times }: Claim, old: Claim): boolean {
  if (mode !== "so" || isOver(old) || !PREPARES.has(old.attribute) || old.value.length === 0) return false;
  if (!(ENDS_WELL.has(attribute) || (DOES.has(attribute) && times.length > 0))) return false;
  return tellingly(old.value, new Set(value)) && !lacks(old.value, value);
}

const PREPARES = new Set("exercise train prepar prepare practic practice study stud revis revise".split(" "));
const ENDS_WELL = new Set(
  "pass finish complet complete survive surviv qualifi qualify graduat graduate".split(" "),
);
const DOES = new Set("run do sit take swim cycl cycle race walk climb row".split(" "));

/** What something is once it was done. */
const REACHED: Readonly<Record<string, readonly string[]>> = {
  launch: ["live", "onlin", "online"],
  releas: ["live", "availabl", "available"],
  publish: ["live", "onlin", "online", "availabl", "available"],
  ship: ["live"],
  start: ["live", "open"],
  finish: ["don", "done", "ready", "complet", "complete"],
  complet: ["don", "done", "ready", "finish"],
  build: ["don", "done", "ready", "finish"],
};

/** "Ada's vacation moved a week: August 11 to 22", where Ada is on vacation from August 4. */
function movesTime(claim: Claim, old: Claim): boolean {
  const isDenied = claim.not.some((time) => old.times.includes(time) && !claim.times.includes(time));
  if (!(claim.cue || isDenied) || claim.mode !== "so" || isOver(old) || STAYS.has(old.attribute))
    return false;
  if (claim.attribute === old.attribute || !old.value.includes(claim.attribute) || old.value.length > 2)
    return false;
  const isTimed = claim.times.length > 1 && old.times.length > 1;
  return isTimed && timesDiffer(claim, old);
}

/** "Yoga's on Wednesdays now", which is done on Mondays. */
function movesDay(claim: Claim, old: Claim): boolean {
  const daysOf = ({ value, times }: Claim) => [...value, ...times].filter((word) => isWeekday(dayOf(word)));
  if (!claim.cue || claim.mode !== "so" || old.mode !== "so") return false;
  if (claim.attribute !== old.attribute && !old.value.includes(claim.attribute)) return false;
  const [now, before] = [daysOf(claim), daysOf(old)];
  return (
    now.length > 0 &&
    before.length > 0 &&
    claim.value.length <= FEW &&
    !overlaps(now.map(dayOf), before.map(dayOf))
  );
}

/** "Mondays" and "Mon" are one day. */
function dayOf(word: string): string {
  return /^\p{Ll}{3,6}day$/u.test(word) ? word.slice(0, 3) : word;
}

/** What died or was sold is no more, nor is what it did: neither is it had. */
export function endsBeing({ subject, value, mode }: Claim, old: Claim, known: Reading): string | undefined {
  if (mode !== "ended" || isOver(old) || /^(?:name|like|gone|age)$/.test(old.attribute)) return undefined;
  if (old.subject === subject) return "gone";
  const isHad =
    old.subject === SELF &&
    /^(?:own|be|use|walk|home|play|sing|work|works_at|manage|lead|run)$/.test(old.attribute);
  return isHad && value.every((word) => known.words.has(word)) ? "gone" : undefined;
}

/** What somebody told another to do is no state that ends. */
const TOLD = new Set("tell say suggest ask remind wish let hop hope".split(" "));

function isOver({ mode }: Claim): boolean {
  return mode === "ended" || mode === "denied" || mode === "former";
}

function sameSubject(a: Claim, b: Claim): boolean {
  if (a.subject === b.subject) return true;
  if (a.attribute === "partner" && a.mode === "ended")
    return a.subject === SELF && b.subject.startsWith(`${SELF}/`);
  return (a.subject === "" && b.subject === SELF) || (a.subject === SELF && b.subject === "");
}

function endsPartner(claim: Claim, old: Claim): boolean {
  if (old.attribute === "partner")
    return (
      !isOver(old) && (claim.value.length === 0 || old.value.length === 0 || overlaps(claim.value, old.value))
    );
  const [, kin] = old.subject.split("/");
  return kin !== undefined && PARTNERS.has(kin) && old.subject === `${SELF}/${kin}`;
}

/** What of somebody's stays so though the thing is gone: that they liked it, or once got it as a gift. */
const STAYS = new Set([
  "like",
  "hate",
  "*",
  "name",
  "lives_in",
  "diet",
  "prefer",
  "age",
  "say",
  "tell",
  "remember",
  "rememb",
]);

/** "Sold the car", "switched from Chrome": ends what has the thing in it. */
function endsThing(claim: Claim, old: Claim): string | undefined {
  if (STAYS.has(old.attribute) || isOver(old)) return undefined;
  // "The train was cancelled today": who takes it each day takes it tomorrow.
  if (claim.tells === "once" && old.mode === "so" && old.times.every(isWeekday)) return undefined;
  const words = wordsOf(old);
  if (switchesTo(claim, old) || switchesProduct(claim, old)) return "changed";
  if (!tellingly([...claim.value, ...claim.not], words)) return undefined;
  if (claim.mode === "ended") {
    // "The library membership", where it is the gym's.
    const [thing = "", ...more] = claim.value;
    const rest = more.filter((word) => !LIGHT.has(word));
    if (FORMS.has(thing) && rest.length > 0 && !tellingly(rest, words)) return undefined;
    return claim.value.length > 0 &&
      share(claim.value, words) >= 0.5 &&
      isItself(claim.value[0] as string, old)
      ? "ended"
      : undefined;
  }
  if (claim.mode !== "so") return undefined;
  if (claim.not.length > 0 && share(claim.not, words) >= 0.5) return "changed";
  const all = [...claim.value, ...claim.not];
  return old.mode === "planned" && claim.times.length > 0 && share(all, words) >= 0.5 ? "changed" : undefined;
}

/** Who sold the dog crate has the dog, and who lost a phone its number. */
function isItself(thing: string, { attribute, value, narrowed }: Claim): boolean {
  return attribute === thing || value.includes(thing) || (narrowed.includes(thing) && value.length === 0);
}

/** "Lea switched to St. Mary's": where somebody else belonged, and they belong to one at a time. */
function switchesTo({ subject, mode, value, not, times }: Claim, old: Claim): boolean {
  const isBare = mode === "so" && value.length > 0 && not.length === 0 && times.length === 0;
  return (
    isBare &&
    subject !== SELF &&
    subject !== "" &&
    BELONGS.has(old.attribute) &&
    old.mode === "so" &&
    !overlaps(value, old.value)
  );
}

/** "Switched to Firefox", where Chrome is used. */
function switchesProduct({ subject, mode, value, times }: Claim, old: Claim): boolean {
  const [to, ...more] = value;
  if (subject !== SELF || mode !== "so" || to === undefined || more.length > 0 || times.length > 0)
    return false;
  if (
    !/^(?:use|own|have|manager|app|browser|editor|phone|system)$/.test(old.attribute) ||
    old.mode !== "so" ||
    old.value.includes(to)
  )
    return false;
  const kind = classOf(to);
  const isOfKind = (word: string) => classOf(word) === kind && !isKind(word);
  return kind !== undefined && PRODUCTS.has(kind) && !isKind(to) && old.value.filter(isOfKind).length === 1;
}

/** Of what one uses one at a time. */
const PRODUCTS = new Set(["phone", "system", "editor", "browser", "music", "vault", "notes"]);

const BELONGS = new Set(["go", "play", "take", "study", "works_at"]);

/** A plan that was carried out, or is planned otherwise. */
function overtakesPlan(claim: Claim, old: Claim): string | undefined {
  if (claim.value.length === 0 || !mutual(claim, old)) return undefined;
  if (!tellingly(claim.value, new Set(old.value))) return undefined;
  if (claim.mode === "so") return yearsDiffer(claim, old) ? undefined : "plan_done";
  return sameSet(claim.value, old.value) && timesDiffer(claim, old) ? "plan_moved" : undefined;
}

/** "Promoted in 2021", corrected: "promoted in 2022". */
function isOtherTime(claim: Claim, old: Claim): boolean {
  return claim.value.length > 0 && mutual(claim, old) && timesDiffer(claim, old);
}

function yearsDiffer(a: Claim, b: Claim): boolean {
  const years = ({ times }: Claim) => times.filter((time) => /^\d{4}$/.test(time));
  return years(a).length > 0 && years(b).length > 0 && !overlaps(years(a), years(b));
}

/** What is over has at least half of what is known. */
function covers(claim: Claim, old: Claim): boolean {
  if (claim.value.length === 0) return (claim.single && old.single) || isHabitOver(claim, old);
  return (
    share(claim.value, wordsOf(old)) >= 0.5 &&
    (tellingly(claim.value, wordsOf(old)) || sameSet(claim.value, old.value)) &&
    (old.value.length === 0 || overlaps(claim.value, old.value))
  );
}

/** "Has no pets", "no longer has a phone": whatever it was called. */
function hasNoneOf({ attribute, value: [kind = "", ...more] }: Claim, old: Claim): boolean {
  if (attribute !== "own" || more.length > 0 || !WHOLE_KINDS.has(kind)) return false;
  return old.value.some((word) => classOf(word) === classOf(kind));
}

const WHOLE_KINDS = new Set("pet phone computer vehicle".split(" "));

function mutual(a: Claim, b: Claim): boolean {
  return share(a.value, new Set(b.value)) >= 0.5 || share(b.value, new Set(a.value)) >= 0.5;
}
