import type { EntityMention } from "../../memory/memory.ts";
import { MONTHS } from "../../search/time-words.ts";
import { isCommonWord } from "./fragments.ts";
import { tokenize } from "./language.ts";

const CALENDAR = new Set([
  ...MONTHS,
  ..."monday tuesday wednesday thursday friday saturday sunday spring summer autumn fall winter".split(" "),
]);
const NOT_NAMES = new Set(
  "i yes no the a an it he she they we you his her their its this that these those there here what when where why how who and but or so if my our your in on at for to from of with by as image photo ok okay every each some many all last next both god tv dm pm am diy asap lol btw".split(
    " ",
  ),
);

export const KIN =
  "mother|mom|mum|mommy|father|dad|daddy|parents?|sister|brother|siblings?|son|daughter|kids?|child|children|wife|husband|spouse|partner|fianc[eé]e?|girlfriend|boyfriend|grandmother|grandma|granny|grandfather|grandpa|grandparents|aunt|uncle|cousin|niece|nephew|stepmother|stepmom|stepfather|stepdad|mother-in-law|father-in-law|sister-in-law|brother-in-law";
const COMPANION = `${KIN}|friend|colleague|coworker|boss|manager|teacher|coach|mentor|roommate|neighbou?r|therapist|doctor|teammate`;
export const PET =
  "dog|puppy|pup|cat|kitten|kitty|pet|hamster|rabbit|bunny|parrot|bird|turtle|tortoise|horse|pony|guinea pig|fish|snake|lizard|ferret";

const PERSON_BEFORE = new RegExp(
  `\\b(?:${COMPANION})s?(?:,| named| called)? $|\\b(?:mr|mrs|ms|dr|prof)\\.? $`,
  "i",
);
const ANIMAL_BEFORE = new RegExp(`\\b(?:${PET})s?(?:,| named| called)? $`, "i");
const ORGANIZATION =
  /\b(?:Inc|Ltd|LLC|Corp|Company|University|College|School|Academy|Institute|Hospital|Clinic|Church|Club|Foundation|Association|Bank|Museum|Agency|Studios?|Department|Council|Team)$/;
const PLACE =
  /\b(?:City|Park|Beach|Lake|River|Mountains?|Island|Islands|Street|Avenue|Road|Valley|Canyon|Falls|Bay|Forest|County|Coast|Springs|Village|Square|Bridge|Airport|Station)$/;
const EVENT =
  /\b(?:Festival|Conference|Marathon|Day|Fair|Parade|Cup|Olympics|Tournament|Championship|Week|Christmas|Halloween|Thanksgiving|Easter|Hackathon|Convention)$/;
const PLACE_BEFORE =
  /\b(?:in|to|from|near|visit(?:s|ed|ing)?|around|across|through|toward|outside|lives? in|moved to|trip to|flew to|based in) $/i;
const WORK_AT_BEFORE =
  /\b(?:works?|worked|working|job|intern(?:s|ed|ing|ship)?|employed|hired|career|position) (?:at|for|by|with) $/i;
const WORK_BEFORE =
  /\b(?:books?|novels?|movies?|films?|songs?|albums?|series|shows?|games?|podcasts?|read(?:ing)?|watch(?:ed|ing)?|play(?:ed|ing)?) (?:called |named |titled )?$/i;

const GENERIC =
  /^(?:Day|Eve|Night|Fair|Cup|Park|Square|Hospital|College|School|Church|Market|Restaurant|Bar|Cafe|Café)\b/;
const QUOTED = /"([\p{Lu}\d][^"]{1,60})"/gu;
const CAPITALIZED =
  /\p{Lu}[\p{L}\p{N}&'’.-]*(?: (?:(?:of|the|de|la|von|van) (?=\p{Lu}))?\p{Lu}[\p{L}\p{N}&'’.-]*)*/gu;

/** Names in a statement, with a type guessed from their neighbours; participants are persons. */
export function entitiesOf(text: string, participants: readonly string[]): EntityMention[] {
  const found = new Map<string, EntityMention>();
  const add = (name: string, type: string) => {
    const key = name.toLowerCase();
    const known = found.get(key);
    if (!known || (known.type === "other" && type !== "other")) found.set(key, { name, type });
  };
  for (const name of participants) if (containsWord(text, name)) add(name, "person");
  for (const match of text.matchAll(QUOTED)) {
    const title = (match[1] ?? "").replace(/[.,!?]+$/, "");
    // A question that leads an answer in stands in quotes as well.
    if (!/[?]"$/.test(match[0]) && title.split(" ").length <= 8) add(title, "work");
  }
  for (const match of text.matchAll(CAPITALIZED)) {
    const before = text.slice(0, match.index);
    const opens = /(?:^|[.!?:"] ?)"?$/.test(before);
    for (const name of trim(match[0], opens && !isNameInPlace(text.slice(match.index)))) {
      if (participants.some((p) => p.toLowerCase() === name.toLowerCase())) continue;
      if (insideQuotes(before)) continue;
      add(name, typeOf(name, before));
    }
  }
  return [...found.values()];
}

/** What the tagger thinks of the word that opens a sentence. */
function isNameInPlace(rest: string): boolean {
  const [first] = tokenize(rest.slice(0, 60));
  return first?.pos === "PROPN" && !isCommonWord(first.lower) && !SMALL_OPENING.test(first.value);
}

const SMALL_OPENING = /^(?:Okay|Mm+|Hm+|Yum|Yay|Wow|Oops|Ugh|Phew|Hooray|Cheers|Thanx|Lol|Haha)$/i;

/** Parts of a run of capitalised words that are names: no months, openers or participants; no possessive ending. */
function trim(run: string, opens: boolean): string[] {
  const words = run.split(" ");
  const names: string[] = [];
  let open: string[] = [];
  const close = () => {
    while (/^(?:of|the|de|la|von|van)$/.test(open.at(-1) ?? "")) open.pop();
    const name = open.join(" ").replace(/[.,'’&-]+$/, "");
    if (name.length > 1 && /^\p{Lu}/u.test(name)) names.push(name);
    open = [];
  };
  for (const [i, word] of words.entries()) {
    const plain = word.replace(/['’]s$/, "").replace(/[.,]+$/, "");
    const lower = plain.toLowerCase();
    const skip = CALENDAR.has(lower) || (open.length === 0 && NOT_NAMES.has(lower.replace(/'\w+$/, "")));
    if (skip) close();
    // "Valentine's Day" is one name, "Maya's Braga" are two.
    const owns = /['’]s$/.test(word);
    const goesOn = owns && GENERIC.test(words[i + 1] ?? "");
    if (!skip) open.push(goesOn ? word : plain);
    if (owns && !goesOn) close();
  }
  close();
  // A lone word that opens a sentence is a name only by chance.
  return opens && words.length === 1 ? [] : names;
}

function typeOf(name: string, before: string): string {
  if (ANIMAL_BEFORE.test(before)) return "animal";
  if (PERSON_BEFORE.test(before)) return "person";
  if (ORGANIZATION.test(name) || WORK_AT_BEFORE.test(before)) return "organization";
  if (EVENT.test(name)) return "event";
  if (PLACE.test(name)) return "place";
  if (WORK_BEFORE.test(before)) return "work";
  if (PLACE_BEFORE.test(before)) return "place";
  return "other";
}

function insideQuotes(before: string): boolean {
  return (before.match(/"/g)?.length ?? 0) % 2 === 1;
}

export function containsWord(text: string, word: string): boolean {
  const at = text.toLowerCase().indexOf(word.toLowerCase());
  if (at < 0) return false;
  return !/\p{L}/u.test(text[at - 1] ?? " ") && !/\p{L}/u.test(text[at + word.length] ?? " ");
}
