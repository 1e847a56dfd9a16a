import { isAmbiguous, knownKind } from "./names.ts";

export const KIN =
  "mother-in-law|father-in-law|sister-in-law|brother-in-law|mother|mom|mum|mommy|father|dad|daddy|parents?|sister|brother|siblings?|son|daughter|kids?|child|children|wife|husband|spouse|partner|fianc[eé]e?|girlfriend|boyfriend|grandmother|grandma|granny|grandfather|grandpa|grandparents|aunt|uncle|cousin|niece|nephew|stepmother|stepmom|stepfather|stepdad";
export const COMPANION = `${KIN}|friend|colleague|coworker|boss|manager|teacher|coach|mentor|roommate|flatmate|housemate|classmate|supervisor|tutor|neighbou?r|therapist|doctor|teammate`;
export const PET =
  "dog|puppy|pup|cat|kitten|kitty|pet|hamster|rabbit|bunny|parrot|bird|turtle|tortoise|horse|pony|guinea pig|fish|snake|lizard|ferret";

const BY_NAME = "(?:,| named| called| is named| is called|'s name is)? $";
const PERSON_BEFORE = new RegExp(
  `\\b(?:${COMPANION}|ex|landlord|landlady|man|woman|guy|girl|boy|baby|actor|actress|singer|author|writer|artist|king|queen|aunt|uncle)s?${BY_NAME}|\\b(?:mr|mrs|ms|dr|prof)\\.? $`,
  "i",
);
const ANIMAL_BEFORE = new RegExp(`\\b(?:${PET})s?${BY_NAME}`, "i");
const ANIMAL_BEHIND = new RegExp(
  `^(?:, (?:my|our|his|her|their|the|\\p{Lu}\\p{L}*'s) (?:\\w+ )?|'s paws?\\b| is (?:a|an|my|our|their|\\p{Lu}\\p{L}*'s) (?:\\w+ ){0,2}?)(?:${PET})\\b|^'s (?:paw|tail|fur|leash|vet|whiskers)s?\\b`,
  "iu",
);
const HONORED =
  /^(?:Mr|Mrs|Ms|Dr|Prof|Professor|Aunt|Auntie|Uncle|Grandma|Grandpa|Granny|Grandmother|Grandfather|Sir|President|Pope|Prince|Princess|King|Queen)\b\.? \p{Lu}/u;
const INITIALS = /^(?:\p{Lu}[. ] ?){1,3}\p{Lu}\p{Ll}+$/u;

const ORGANIZATION =
  /\b(?:Inc|Ltd|LLC|GmbH|Corp|Company|University|College|School|Academy|Institute|Hospital|Clinic|Church|Club|Foundation|Association|Bank|Museum|Agency|Studios?|Department|Council|Team|Group|Activists|Union|Society|Airlines?|Motors|Orchestra|Shelter)$|^(?:University|Bank|Museum|Institute|College|Academy|Ministry|Department|Church) of /;
const PLACE =
  /\b(?:City|Park|Beach|Lake|River|Mountains?|Island|Islands|Street|Avenue|Road|Valley|Canyon|Falls|Bay|Forest|County|Coast|Springs|Village|Square|Bridge|Airport|Station|Garden|Gardens|Tower|Castle|Palace|Hall|Theat(?:re|er)|Hotel|Harbou?r|Ocean|Sea|Desert|Northwest|Northeast|Southwest|Southeast|Midwest)$|^(?:Lake|Mount|Cape|Port|Fort|San|Santa|Los|Las) \p{Lu}|^Cliffs? of /u;
const EVENT =
  /\b(?:Festival|Conference|Marathon|Day|Fair|Parade|Cup|Olympics|Tournament|Championship|Finals|Week|Month|Christmas|Halloween|Thanksgiving|Easter|Hackathon|Convention|Con|Games|Pride)$/;

/** "In" and what only a place follows. */
const IN_PLACE =
  /\b(?:in|lives? in|moved to|move to|trip to|flew to|based in|born in|grew up in|tour of|capital of|streets of|visit(?:s|ed|ing)?|outside|inside|across|toward) $/i;
/** Where one who has a person's name is none: Charlotte, Florence. */
const LIVES_BEFORE =
  /(?<!\b(?:believe[sd]?|believing|confide[sd]?|confiding|trust(?:s|ed)?|interest(?:ed)?|faith) )\bin $|\b(?:move[sd]?|moving|flew|fly|flight|trip|drove|capital) (?:to|of) $/i;
/** Someone gives to a person and flies to a place. */
const GOING =
  /\b(?:go|goes|going|gone|went|move[sd]?|moving|fl(?:y|ies|ew|ying|ight|ights)|dr(?:ive|ove|iving)|travel\w*|trips?|tours?|back|return\w*|head(?:ed|ing|s)?|c(?:ome|ame|oming)|roads?|trains?|bus|way|visits?|vacation|holiday|ride|rode|been|sail\w*|relocat\w*|hik\w+|commut\w+|transferr\w+|emigrat\w+|immigrat\w+|journey|miles|hours?) (?:\w+ ){0,2}?(?:to|from|through|around|near|for) $/i;
const WORK_AT_BEFORE =
  /\b(?:works?|worked|working|job|intern(?:s|ed|ing|ship)?|employed|hired|career|position|studie[sd]|study|studying|degree|enrolled|graduated) (?:\w+ ){0,2}?(?:at|for|by|from) $|\b(?:joined|company|companies|startup|brand|brands|sponsored by|sponsorship with|deal with|contract with) (?:called |named |like )?$/i;
const WORK_BEFORE =
  /\b(?:books?|novels?|movies?|films?|songs?|albums?|series|shows?|podcasts?|read(?:ing)?|re-?read|watch(?:ed|ing)?|(?:video |board |computer )?games?|play(?:ed|ing)?) (?:called |named |titled )?$/i;

/** Verbs that only persons have. */
const ACTS =
  "(?:said|says|told|tells|asked|asks|thinks|wants|wanted|loves|hates|owes|owed|married|divorced|texted|emailed|phoned|knows|knew|believes|promised|apologi[sz]ed|borrowed|lent|paid|cooked|invited|taught|teaches|lives|works|quit|retired|died|cried|laughed|smiled|sang|stole|reports to)";
const ACTS_BEHIND = new RegExp(
  `^,? (?:(?:also|never|always|just|still|already|really|often|once|finally) )?${ACTS}\\b|^,? (?:is|was),? (?:my|our|his|her|their|\\p{Lu}\\p{L}*'s) (?:\\w+ )?(?:${COMPANION})\\b|^,? (?:and|or) (?:his|her) `,
  "u",
);
const RELATED = new RegExp(
  `^'s (?:(?:new|old|older|younger|little|big|late|best|twin|ex-?) )?(?:${COMPANION}|birthday|wedding|house|flat|apartment|place|job|car|bike|phone|ex|surgery|funeral|party|desk|salary)\\b`,
);
const MEETS =
  /\b(?:met|told|tells?|asked|texted|invited|married|dated|dating|hugged|thanked|kissed|forgave|owes?|owed|lent|friends with|married to|engaged to|spoke (?:to|with)|reports? to|named after) $|(?<!\bin )\btalk(?:s|ed|ing)? (?:to|with) $/i;

/** The type of a name, guessed from itself and what stands around it. */
export function typeOf(name: string, before: string, behind: string): string {
  if (ANIMAL_BEFORE.test(before) || ANIMAL_BEHIND.test(behind)) return "animal";
  if (PERSON_BEFORE.test(before) || HONORED.test(name)) return "person";
  if (ORGANIZATION.test(name)) return "organization";
  if (EVENT.test(name)) return "event";
  if (PLACE.test(name)) return "place";
  const lower = name.toLowerCase();
  const known = knownKind(lower);
  const first = knownKind(lower.split(/[ -]/)[0] ?? "");
  const owns = behind.startsWith("'s");
  if (known === "demonym") return "other";
  if (known === "organization") return known;
  if (isPersons(behind)) return "person";
  if (known === "product") return known;
  if (known === "person" && !isAmbiguous(lower)) return LIVES_BEFORE.test(before) && !owns ? "place" : known;
  if (known === "place" && !MEETS.test(before)) return "place";
  if (WORK_AT_BEFORE.test(before) && known !== "person") return "organization";
  if (WORK_BEFORE.test(before) && known !== "person") return "work";
  if (IN_PLACE.test(before) && !isAcronym(name) && !owns) return "place";
  if (known === "person" || (name.includes(" ") && first === "person") || INITIALS.test(name))
    return "person";
  if (GOING.test(before) && !isAcronym(name)) return "place";
  if (MEETS.test(before)) return "person";
  return "other";
}

/** What stands behind the name only persons do, or only theirs is. */
export function isPersons(behind: string): boolean {
  return ACTS_BEHIND.test(behind) || RELATED.test(behind);
}

/** "LOTR", "HP": letters that stand for anything. */
function isAcronym(name: string): boolean {
  return /^\p{Lu}{2,}$/u.test(name);
}
