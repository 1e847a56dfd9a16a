import type { EntityMention } from "../../memory/memory.ts";
import { MONTHS } from "../../search/time-words.ts";

export const CALENDAR = new Set([
  ...MONTHS,
  ..."monday tuesday wednesday thursday friday saturday sunday spring summer autumn fall winter".split(" "),
]);
const NOT_NAMES = new Set(
  "i yes no the a an it he she they we you his her their its this that these those there here what when where why how who and but or so if my our your in on at for to from of with by as image photo ok okay every each some many all last next both since now does did is are was were have has had can could would will may might let even still just while because during after before than everyone someone nothing something yo oof awww kudos glad maybe sometimes god tv dm pm am diy asap lol btw".split(
    " ",
  ),
);

export const KIN =
  "mother|mom|mum|mommy|father|dad|daddy|parents?|sister|brother|siblings?|son|daughter|kids?|child|children|wife|husband|spouse|partner|fianc[eé]e?|girlfriend|boyfriend|grandmother|grandma|granny|grandfather|grandpa|grandparents|aunt|uncle|cousin|niece|nephew|stepmother|stepmom|stepfather|stepdad|mother-in-law|father-in-law|sister-in-law|brother-in-law";
export const COMPANION = `${KIN}|friend|colleague|coworker|boss|manager|teacher|coach|mentor|roommate|neighbou?r|therapist|doctor|teammate`;
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
  /\p{Lu}[\p{L}\p{N}&'’.-]*(?: (?:(?:of|the|de|la|von|van) ){0,2}\p{Lu}[\p{L}\p{N}&'’.-]*)*/gu;

/**
 * Names in a statement, with a type guessed from their neighbours; participants are persons.
 * @param known names that some text writes with a capital inside a sentence, lower-cased: only those count
 *   where they open one, since every word is capitalised there.
 */
export function entitiesOf(
  text: string,
  participants: readonly string[],
  known: ReadonlySet<string>,
): EntityMention[] {
  const found = new Map<string, EntityMention>();
  const add = (name: string, type: string) => {
    const key = name.toLowerCase();
    const earlier = found.get(key);
    if (!earlier || (earlier.type === "other" && type !== "other")) found.set(key, { name, type });
  };
  for (const name of participants) if (containsWord(text, name)) add(name, "person");
  for (const match of text.matchAll(QUOTED)) {
    const title = (match[1] ?? "").replace(/[.,!?]+$/, "");
    if (isTitle(title, text.slice(0, match.index)) && title.split(" ").length <= 8) add(title, "work");
  }
  const own = new Set(participants.flatMap((name) => name.toLowerCase().split(" ")));
  for (const { name, before } of capitalized(text, own)) {
    if (insideQuotes(before)) continue;
    if (opensSentence(before) && !name.includes(" ") && !known.has(name.toLowerCase())) continue;
    add(name, typeOf(name, before));
  }
  return [...found.values()];
}

/** What somebody said stands in quotation marks as well, and so does the sentence that leads an answer in. */
function isTitle(quoted: string, before: string): boolean {
  if (SAYS_BEFORE.test(before)) return false;
  const words = quoted.split(" ");
  const capitalised = words.filter((word) => /^[\p{Lu}\d]/u.test(word)).length;
  return !/\b(?:you|me|my|your|we|us)\b|\bI(?: (?!\p{Lu})|')/u.test(quoted) || capitalised > words.length / 2;
}

const SAYS_BEFORE =
  /(?:\b(?:said|say|says|saying|told (?:\S+ ){0,2}\S+|tells (?:\S+ ){0,2}\S+|asked(?: about [^"]*)?|asks|yelled|shouted|whispered|replied|answered|wrote|replying to|was like|goes)[,:]?) $/i;

const NONE: ReadonlySet<string> = new Set();

/** Names that texts write with a capital inside a sentence, lower-cased. */
export function namesInside(texts: readonly string[]): Set<string> {
  const names = new Set<string>();
  for (const text of texts)
    for (const { name, before } of capitalized(text, NONE))
      if (!opensSentence(before)) names.add(name.toLowerCase());
  return names;
}

function opensSentence(before: string): boolean {
  // Only its end counts; reading all of it for every name would take quadratic time.
  const end = before.length > OPENING ? `x${before.slice(-OPENING)}` : before;
  return /(?:^|[.!?:"\n][ "]*)$/.test(end);
}

/** In UTF-16 code units. */
const OPENING = 20;

interface Run {
  readonly name: string;
  readonly before: string;
}

/** Runs of capitalised words, cut at months, small words, participants, possessives and ends of sentences. */
function capitalized(text: string, skipped: ReadonlySet<string>): Run[] {
  const runs: Run[] = [];
  for (const match of text.matchAll(CAPITALIZED)) {
    const words = match[0].split(" ");
    let open: string[] = [];
    let at = match.index;
    let start = at;
    const close = () => {
      while (/^(?:of|the|de|la|von|van)$/.test(open.at(-1) ?? "")) open.pop();
      const name = open.join(" ").replace(/[.,'’&-]+$/, "");
      if (name.length > 1 && /^\p{Lu}/u.test(name)) runs.push({ name, before: text.slice(0, start) });
      open = [];
    };
    for (const [i, word] of words.entries()) {
      const plain = word.replace(/['’]s$/, "").replace(/[.,]+$/, "");
      const lower = plain.toLowerCase();
      const empty = open.length === 0 && NOT_NAMES.has(lower.replace(/['’]\w+$/, ""));
      const skip = CALENDAR.has(lower) || skipped.has(lower) || empty;
      if (skip) close();
      if (open.length === 0) start = at;
      // "Valentine's Day" is one name, "Maya's Braga" are two.
      const owns = /['’]s$/.test(word);
      const goesOn = owns && GENERIC.test(words[i + 1] ?? "");
      if (!skip) open.push(goesOn ? word : plain);
      const ends = /[.]$/.test(word) && !/^(?:\p{Lu}\.)+$|^(?:Dr|Mr|Mrs|Ms|St|Prof)\.$/u.test(word);
      if ((owns && !goesOn) || ends) close();
      at += word.length + 1;
    }
    close();
  }
  return runs;
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
