import { datesIn } from "../language/dates.ts";
import { DEFAULT_LANGUAGE, type Language } from "../language/languages.ts";
import { rulesOf } from "../language/rules/rules.ts";
import { type NamedDate, namedDates } from "./named-dates.ts";
import { rareCodes, rareWords } from "./rare-words.ts";
import { asksForTime } from "./time-words.ts";
import { wordsOf } from "./words.ts";

/** How queries of a language are read. */
export interface QueryRules {
  readonly language: Language;
  /** Endings that a name may have and still be one, as a pattern. */
  readonly nameEnding: string;
  /** Words in order, lower-cased. */
  readonly words: (text: string) => readonly string[];
  readonly preferredRole: (text: string) => "user" | "assistant" | undefined;
  readonly asksForTime: (text: string) => boolean;
  readonly dates: (text: string, now: Date | undefined) => NamedDate[];
  readonly rare: (text: string) => string[];
}

const FIRST_PERSON = /\b(?:i|me|my|mine|myself|we|us|our|ours|i'm|i've|i'd|i'll|we're|we've)\b/i;
const SAYS =
  "(?:recommend|suggest|advise?|propose?|mention|say|said|tell|told|give|gave|explain|list|provide?|share|shared|promise?|offer|describe?|answer|write|wrote|call)(?:d|ed)?";
const ASSISTANT_SAID = new RegExp(
  `\\b(?:did|had|have|has) (?:you|the assistant) (?:\\w+ )?${SAYS}\\b|\\b(?:you|the assistant) (?:had |have |has |just |previously |once |also )*(?:recommended|suggested|advised|proposed|mentioned|said|told|gave|explained|listed|provided|shared|promised|offered|described|wrote)\\b|\\b(?:the assistant|your (?:advice|suggestion|recommendation|answer|list)s?)\\b`,
  "i",
);

/** Of a language without rules, words are all that is known. */
export function queryRulesOf(language: Language): QueryRules {
  const { tag } = language;
  if (tag === DEFAULT_LANGUAGE) {
    return {
      language,
      nameEnding: "'s|'",
      words: wordsOf,
      preferredRole: (text) => roleBy(text, ASSISTANT_SAID, FIRST_PERSON),
      asksForTime,
      dates: (text) => namedDates(text),
      rare: rareWords,
    };
  }
  const rules = rulesOf(tag);
  return {
    language,
    nameEnding: rules?.nameEnding ?? "",
    words: language.isSpaced ? wordsOf : (text) => cutWords(text, tag),
    preferredRole: (text) => rules && roleBy(text, rules.assistantSaid, rules.firstPerson),
    asksForTime: (text) => rules?.asksForTime.test(text) ?? false,
    dates: (text, now) => (now ? datesNamed(text, tag, now) : []),
    // How a vocabulary made for English cuts a word tells nothing of how rare it is elsewhere.
    rare: rareCodes,
  };
}

function roleBy(text: string, assistantSaid: RegExp, firstPerson: RegExp): "user" | "assistant" | undefined {
  if (assistantSaid.test(text)) return "assistant";
  return firstPerson.test(text) ? "user" : undefined;
}

/** By dictionary: small words can only be left out where they are told from the rest. */
function cutWords(text: string, tag: string): string[] {
  const plain = text.normalize("NFKC").toLowerCase();
  return [...new Intl.Segmenter(tag, { granularity: "word" }).segment(plain)].flatMap(
    ({ segment, isWordLike }) => (isWordLike ? [segment] : []),
  );
}

/** As English ones: of a week the month that it begins in. */
function datesNamed(text: string, tag: string, now: Date): NamedDate[] {
  return datesIn(text, tag, now).map(({ year, month, day, grain }) => {
    return { year, month, day: grain === "week" ? undefined : day };
  });
}
