import nlp from "compromise/two";

export type NamedKind = "person" | "place" | "organization" | "product" | "demonym";

/** What the library's typings call an object. */
interface Model {
  readonly one: { readonly lexicon: Readonly<Record<string, string | readonly string[]>> };
  readonly two: { readonly switches: Readonly<Record<string, string>> };
}

const { one, two } = nlp.model() as unknown as Model;
/** Tags of one word or phrase. Maps, for a text may say "constructor". */
const LEXICON = new Map(Object.entries(one.lexicon));
/** "Max", "Rose", "Mark": names that are words as well, with both uses: `Person|Noun`. */
const SWITCHES = new Map(Object.entries(two.switches));

const KINDS: ReadonlyMap<string, NamedKind> = new Map([
  ["MaleName", "person"],
  ["FemaleName", "person"],
  ["FirstName", "person"],
  ["LastName", "person"],
  ["Person", "person"],
  ["City", "place"],
  ["Country", "place"],
  ["Region", "place"],
  ["Place", "place"],
  ["Organization", "organization"],
  ["SportsTeam", "organization"],
  ["Demonym", "demonym"],
]);

/** What is used, written or played in, and no place one could be in. */
const PRODUCTS = new Set(
  "python java javascript typescript rust golang kotlin swift ruby php sql perl scala haskell matlab fortran cobol excel word powerpoint outlook onenote sharepoint teams slack zoom skype discord notion trello jira asana confluence github gitlab bitbucket docker kubernetes terraform linux ubuntu windows macos ios android photoshop illustrator lightroom figma sketch canva autocad blender unity unreal react angular vue django rails postgres postgresql mysql mongodb redis spotify youtube tiktok instagram facebook twitter whatsapp telegram signal reddit pinterest linkedin snapchat gmail chrome firefox safari chatgpt claude gemini copilot siri alexa steam xbox playstation nintendo switch gameboy iphone ipad macbook airpods kindle fitbit duolingo strava uber lyft airbnb paypal venmo salesforce sap wordpress shopify".split(
    " ",
  ),
);
const PEOPLES = new Set(
  "english spanish french italian portuguese dutch irish welsh scottish british german swedish danish finnish norwegian polish czech turkish greek russian ukrainian chinese japanese korean arabic hebrew hindi urdu latin swahili western eastern northern southern midwestern asian african european american".split(
    " ",
  ),
);
/** Of a lexicon that holds "little" and "brave" as well, what opens no name. */
const SMALL =
  /^(?:Adverb|Conjunction|Preposition|Expression|Comparative|Date|WeekDay|Modal|Copula|Pronoun|Determiner|QuestionWord|Auxiliary)$/;

/** What a name alone is known to name, lower-cased; undefined for most. */
export function knownKind(lower: string): NamedKind | undefined {
  if (PRODUCTS.has(lower)) return "product";
  if (PEOPLES.has(lower)) return "demonym";
  const tags = tagsOf(lower);
  const kinds = tags.map((tag) => KINDS.get(tag));
  const found = kinds.find((kind) => kind !== undefined);
  return found ?? (SWITCHES.get(lower)?.startsWith("Person") ? "person" : undefined);
}

/** A word as well: "Rose", "Mark", "Jordan". */
export function isAmbiguous(lower: string): boolean {
  return SWITCHES.has(lower) || tagsOf(lower).includes("LastName");
}

/** A small word that a sentence may open with and no name does: "later", "yesterday", "congrats". */
export function isSmallWord(lower: string): boolean {
  return tagsOf(lower).some((tag) => SMALL.test(tag));
}

/** A word with a meaning of its own: an "INTENSE" one is shouted, no name. */
export function isWord(lower: string): boolean {
  return LEXICON.has(lower) && knownKind(lower) === undefined;
}

/** "Dyed", "mixed": no name, whatever its capital. */
export function isPastVerb(lower: string): boolean {
  return tagsOf(lower).some((tag) => /^(?:PastTense|Participle)$/.test(tag));
}

function tagsOf(lower: string): readonly string[] {
  return [LEXICON.get(lower) ?? []].flat();
}
