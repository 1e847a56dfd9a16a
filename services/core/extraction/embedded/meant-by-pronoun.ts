const LIVING =
  "(?:wife|husband|partner|spouse|mother|mum|mom|mam|dad|father|nan|nana|gran|granny|grandma|grandmother|grandad|granddad|grandpa|grandfather|sister|brother|son|daughter|aunt|uncle|cousin|niece|nephew|godson|goddaughter|stepson|stepdaughter|friend|flatmate|roommate|housemate|girlfriend|boyfriend|fiancée?|ex|boss|manager|colleague|coworker|neighbou?r|landlord|landlady|doctor|dentist|therapist|trainer|coach|teacher|tutor|boy|girl|baby|dog|cat|puppy|kitten|horse|pony|rabbit|parrot|hamster|tortoise)";
/** "My nan", "our dog Rex". */
const OWN = new RegExp(
  `\\b(?<own>(?:my|our) (?:\\p{Ll}+ )?${LIVING})(?: (?<name>\\p{Lu}[\\p{L}-]+))?(?!['’\\p{L}])`,
  "gu",
);
/** "A cat called Miso". */
const CALLED = /\b(?:called|named) (?<name>\p{Lu}[\p{L}-]+)(?!['’\p{L}])/gu;
/** A name that may be somebody's: towns stand behind such a word. */
const NAMES = /(?<!\b(?:in|at|near|from|to|for|of|on|around|outside) (?:the )?)(?<=\s)\p{Lu}[\p{L}-]+/gu;
const PRONOUN = /^(?<who>she|he|who)(?<is>['’]s)? (?=\p{L})/iu;
const HAS = /^(?:got|been|had|always)\b/iu;

/** Whom a clause is about that begins with a pronoun, and how long that is. */
export interface Meant {
  /** In the words of the clause before: "my nan", "Miso is". */
  readonly subject: string;
  /** Characters that stand for it, the space behind them included. */
  readonly length: number;
}

/**
 * Whom "she", "he" or "who" at the beginning of a clause stands for, where the clause before names one living being alone:
 * "I live with my nan in Derby" - "she has dementia". Of several nobody knows.
 */
export function meantByPronoun(before: string, behind: string): Meant | undefined {
  const begin = PRONOUN.exec(behind);
  if (!begin) return undefined;
  const found = [...before.matchAll(OWN), ...before.matchAll(CALLED)];
  const [one] = found;
  if (!one?.groups || found.length > 1) return undefined;
  const { own, name } = one.groups;
  const others = [...before.matchAll(NAMES)].filter(([other]) => other !== name && other !== "I");
  const end = before.replace(/[.!]$/, "").length;
  const isNext = (one.index ?? 0) + one[0].length === end;
  // "My husband, who has diabetes, in Graz": what goes on behind is the clause's before.
  const isRelative = /^who/iu.test(behind);
  if (others.length > 0 || (isRelative && (!isNext || behind.includes(",")))) return undefined;
  const who = own ?? name ?? "";
  const verb = HAS.test(behind.slice(begin[0].length)) ? "has" : "is";
  return { subject: begin.groups?.is ? `${who} ${verb}` : who, length: begin[0].length };
}
