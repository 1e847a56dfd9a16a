import { CALENDAR } from "../entities.ts";
import { isSmallWord, isWord, knownKind } from "../names.ts";

/** Characters for private use: nothing that is said holds them once `marked` has been through it. */
const PERSON_MARK = "\uE000";
const THING_MARK = "\uE002";
/** In front of what looks like a name that nobody knows. */
const NEW_MARK = "\uE003";
const END = "\uE001";
const ANY_MARK = /[\uE000-\uE003]/gu;

/** Parts of patterns for marked texts. Whose name something is, is no end: "Rosa's" is followed by what she has. */
export const A_PERSON = `${PERSON_MARK}[^${END}]*${END}(?!['’]s)`;
export const A_NAME = `[${PERSON_MARK}${THING_MARK}${NEW_MARK}][^${END}]*${END}(?!['’]s)`;
export const AN_OWNER = `[${PERSON_MARK}${THING_MARK}${NEW_MARK}][^${END}]*${END}`;
export const NAME_AHEAD = `(?=[${PERSON_MARK}${THING_MARK}${NEW_MARK}])`;

/** A name that ends with one of these words. */
export function nameEnding(words: string): string {
  return `[${PERSON_MARK}${THING_MARK}${NEW_MARK}](?:[^${END}]* )?(?:${words})${END}`;
}

/** Words that open sentences in front of names: "Both Felix and Maria". */
const OPENS =
  "Both|The|An?|And|But|So|Then|When|If|It|Is|Was|Are|Did|Does|Do|Can|Would|Should|I|He|She|They|We|You|On|At|In|For|From|To|According|Because|Since|After|Before|While|Although|Though|My|Our|Their|His|Her|Its|This|That|These|Those|There|Here|What|Who|Where|Why|How|Now|Today|Yesterday|Even|Only|Maybe|Perhaps|Also|Not|No|Nobody|Nothing|Everybody|Everyone|Everything|Someone|Somebody|Something|Most|Some|Many|All|Each|Every|Another|Other|One|Two";
const WORD = "\\p{Lu}[\\p{L}\\p{N}]*(?:(?:[&+#-]|['’](?!s\\b))[\\p{L}\\p{N}]+)*";
const NEW_NAME = `(?!(?:${OPENS})\\b)${WORD}(?: ${WORD})*`;

/** "Rosa's API" is a thing of hers, and no name. */
const ACRONYM = /^\p{Lu}{2,5}s?$/u;
const OWNED_BEFORE = /(?:['’]s?|\b(?:their|his|her|our|my)) $/iu;

/** A text with its names marked, for patterns that are the same for all texts: to make them of names takes far longer. */
export function marked(text: string, names: readonly string[], persons: ReadonlySet<string>): string {
  const forms = names
    .toSorted((a, b) => b.length - a.length)
    .flatMap((name) => [name, name.charAt(0).toUpperCase() + name.slice(1)])
    .map((name) => RegExp.escape(name));
  const known = forms.length > 0 ? `(?<known>${forms.join("|")})` : "(?<known>(?!))";
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${known}|(?<fresh>${NEW_NAME}))(?![\\p{L}\\p{N}])`, "gu");
  const lowerPersons = new Set([...persons].map((name) => name.toLowerCase()));
  return unmarked(text).replace(
    pattern,
    (name, known: string | undefined, _fresh, at: number, all: string) => {
      if (ACRONYM.test(name) && OWNED_BEFORE.test(all.slice(Math.max(0, at - 8), at))) return name;
      if (known === undefined) return mayName(name) ? `${NEW_MARK}${name}${END}` : name;
      return `${lowerPersons.has(name.toLowerCase()) ? PERSON_MARK : THING_MARK}${name}${END}`;
    },
  );
}

export function unmarked(text: string): string {
  return text.replace(ANY_MARK, "");
}

export function isName(end: string): boolean {
  return end.endsWith(END);
}

/** Any word may open a sentence with a capital; days and languages are no ends. */
function mayName(name: string): boolean {
  const lower = name.toLowerCase();
  const [first = ""] = lower.split(" ");
  return !(isSmallWord(first) || CALENDAR.has(first) || isWord(lower) || knownKind(lower) === "demonym");
}
