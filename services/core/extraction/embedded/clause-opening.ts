import { holdsHealth } from "../sensitive/health.ts";
import { type Token, tokenize } from "./language.ts";
import { isModal, isParticiple, isPastForm } from "./verbs.ts";

/** Whom a clause is about and how its verb begins: what the next one may share. */
export interface ClauseOpening {
  /** With the time in front of it: "I", "My sister Anna", "Last week we". */
  readonly subject: string;
  /** From the verb on. */
  readonly predicate: string;
  /** "am", "have been", which "living in Oslo and working at Equinor" share. Empty where there is none. */
  readonly auxiliary: string;
  /** Its verb ends with an "s". */
  readonly isThird: boolean;
  /** A bare verb behind it may hang on "will", "want to", "don't". */
  readonly takesBare: boolean;
}

const CALENDAR =
  "(?:\\d{4}|(?:january|february|march|april|may|june|july|august|september|october|november|december|spring|summer|autumn|winter|easter|christmas)(?: \\d{4})?|(?:mon|tues|wednes|thurs|fri|satur|sun)day)";
const TIME = `(?:yesterday|today|nowadays|these days|(?:an?|one|two|three|\\d+|some) \\p{L}+ ago|(?:last|this) \\p{L}+|(?:in|on|since|from) (?:(?:early|late|last|this) )?${CALENDAR})`;
/** "By the way, I live in Oslo." */
const ASIDE = "(?:also|actually|well|so|oh|anyway|honestly|by the way|btw|fyi|currently|right now)";
const FRONT = new RegExp(`^(?:(?<time>${TIME}),? |${ASIDE},? )(?=\\S)`, "iu");

const PRONOUN = /^(?:I|we|he|she|they)$/i;
const NAME = "\\p{Lu}[\\p{L}-]+(?: \\p{Lu}[\\p{L}-]+)?";
const OWNED =
  "(?:[Mm]y|[Oo]ur|[Hh]is|[Hh]er|[Tt]heir|[Tt]he)(?: (?!(?:and|or|of|with|to|in|at|for|from)\\b)[\\p{L}'-]+){1,4}";
const NOUN_PHRASE = new RegExp(`^(?:${NAME}(?:'s \\p{Ll}+)?|${OWNED})$`, "u");
const COUPLE = new RegExp(`^(?:${NAME}|${OWNED}) and (?:I|${NAME}|${OWNED})$`, "u");
const PLURAL = /(?:[^s']s|\bchildren|\bpeople)$/;
/** In tokens. */
const LONGEST_SUBJECT = 7;
const LONGEST_CLAUSE = 40;

const BETWEEN =
  /^(?:also|always|already|currently|finally|just|never|now|often|only|originally|really|recently|still|usually|both|absolutely|actually|mostly|mainly|then)$/;

/** Reads how a clause opens; undefined where that is not with a person, or with no verb behind. */
export function openingOf(clause: string): ClauseOpening | undefined {
  const front = FRONT.exec(clause);
  const tokens = tokenize(clause.slice(front?.[0].length ?? 0)).slice(0, LONGEST_CLAUSE);
  const verb = tokens.findIndex((token, i) => i > 0 && opensVerb(token));
  if (verb <= 0 || verb > LONGEST_SUBJECT) return undefined;
  const who = written(tokens.slice(0, verb).filter(({ lower }) => !BETWEEN.test(lower)));
  const several = COUPLE.test(who);
  if (!several && !PRONOUN.test(who) && !NOUN_PHRASE.test(who)) return undefined;
  const behind = tokens.slice(verb);
  return {
    subject: front?.groups?.time ? `${front[0]}${who}` : who,
    predicate: written(behind),
    auxiliary: auxiliaryOf(behind),
    isThird: !several && !/^(?:I|we|they)$/i.test(who) && !PLURAL.test(who),
    takesBare: behind.some((token, i) => takesBare(token, behind[i + 1])),
  };
}

/** The tagger takes some of them for nouns. */
const STATING =
  /^(?:lives|works|moves|loves|likes|hates|drives|plays|owns|runs|rides|speaks|studies|teaches|uses)$/;
const BARE_BEHIND = /^(?:do|does|did|let|help|helps|make|makes|made)$/;

function opensVerb({ pos, lower }: Token): boolean {
  return pos === "VERB" || pos === "AUX" || STATING.test(lower);
}

function takesBare({ lower }: Token, next: Token | undefined): boolean {
  return isModal(lower) || BARE_BEHIND.test(lower) || (lower === "to" && next?.pos === "VERB");
}

const BE = /^(?:am|is|are|'m|'s|'re)$/;
const HAVE = /^(?:have|has|'ve)$/;
const DENIES = /^(?:not|n't)$/;

/** "Is", "has been", "have" of "have moved"; none where it is denied. */
function auxiliaryOf(behind: readonly Token[]): string {
  const [first, second, third] = behind.filter(({ lower }) => !BETWEEN.test(lower));
  if (!first || !second) return "";
  if (BE.test(first.lower)) return DENIES.test(second.lower) ? "" : first.value;
  if (!HAVE.test(first.lower)) return "";
  if (second.lower === "been" && !DENIES.test(third?.lower ?? "")) return written([first, second]);
  return isParticiple(second.lower) ? first.value : "";
}

/** "I'm vegan and allergic to nuts." */
const STATE =
  /^(?:allergic|intolerant|based|born|called|divorced|engaged|married|pregnant|retired|single|vegan|vegetarian|widowed)$/;
/** "I used to live in Oslo but now live in Bergen." */
const NOW = /^(?:now|nowadays|currently)\b/i;
const THIRD = new RegExp(`^(?:is|'s|was|has|does)$|${STATING.source}`);
const OTHERS = /^(?:am|are|'m|'re|was|were|have)$/;
/** "I have a dog called Rex and a cat called Minka." */
const NAMED = /^an? (?:[\p{L}-]+ ){1,4}(?:called|named) \p{Lu}/u;
const HAS_NAMED =
  /^(?<has>have|has|(?:have|has|'ve) got|adopted|bought|got) an? (?:[\p{L}-]+ ){1,4}(?:called|named) /iu;

/**
 * What a clause without a subject of its own shares with the one before: "I", "My sister has been". Undefined where it
 * does not go on with a verb that agrees, or may hang on another verb of that clause ("want to live in Oslo and work").
 */
export function sharedBy(opening: ClauseOpening, behind: string): string | undefined {
  const { subject, auxiliary, isThird, takesBare } = opening;
  const has = NAMED.test(behind) ? HAS_NAMED.exec(opening.predicate)?.groups?.has : undefined;
  if (has) return `${subject} ${has}`;
  const ails = hasBesideHealth(opening, behind);
  if (ails) return ails;
  const tokens = tokenize(`${subject} ${behind}`).slice(tokenize(subject).length);
  const verb = tokens.find(({ lower }) => !BETWEEN.test(lower));
  if (!verb) return undefined;
  const { lower, lemma, pos } = verb;
  if (HAVE.test(auxiliary) && isParticiple(lower)) return `${subject} ${auxiliary}`;
  if (isPastForm(lower) || isModal(lower) || (isThird ? THIRD : OTHERS).test(lower)) return subject;
  if (WORKING.test(lower) && auxiliary === "") return `${subject} ${beOf(opening)}`;
  const goesOn = /.ing$/.test(lower) ? !HAVE.test(auxiliary) : BE.test(auxiliary) && STATE.test(lower);
  if (auxiliary !== "" && goesOn) return `${subject} ${auxiliary}`;
  if (pos !== "VERB" || THIRD.test(lower) || OTHERS.test(lower) || /.ing$/.test(lower)) return undefined;
  const hangs = takesBare && !NOW.test(behind);
  return (isThird ? /[^s]s$/.test(lower) : !hangs && lower === lemma) ? subject : undefined;
}

/** "I live in Leeds, working as a plumber." */
const WORKING = /^(?:working|studying|training|teaching|interning)$/;

function beOf({ subject, isThird }: ClauseOpening): string {
  if (/\bI$/.test(subject)) return "am";
  return isThird ? "is" : "are";
}

const HAS = /^(?:have|has)(?: got)?(?= )/i;
const ONE_OF = /^(?:an?|one|two|three|four|no) /i;
/** In words. */
const LONGEST_AILMENT = 4;

/** "I have a dog called Bo and epilepsy", "I have epilepsy and a dog": of the two one alone is of somebody's health. */
function hasBesideHealth({ subject, predicate }: ClauseOpening, behind: string): string | undefined {
  const has = HAS.exec(predicate)?.[0];
  if (!has) return undefined;
  const shared = `${subject} ${has}`;
  const ailment = behind.split(" ").length <= LONGEST_AILMENT && holdsHealth(`${shared} ${behind}`);
  const ailed = holdsHealth(`${subject} ${predicate}`);
  return ailed !== ailment && (ailment || ONE_OF.test(behind)) ? shared : undefined;
}

function written(tokens: readonly Token[]): string {
  return tokens
    .map(({ space, value }) => space + value)
    .join("")
    .trim();
}
