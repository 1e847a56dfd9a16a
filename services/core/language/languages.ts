import { STOP_WORDS } from "./stop-words.ts";

/**
 * How the index cuts and folds words. Each has fields of its own there (docs/decisions), so that a word is only counted
 * among words that were made the same way. `cjk`: single characters and pairs; `plain`: words without accents, unstemmed.
 */
export const ANALYSES = ["en", "de", "es", "cjk", "plain"] as const;
export type Analysis = (typeof ANALYSES)[number];

/** What a project's language decides wherever words are read. */
export interface Language {
  /** Primary tag of BCP 47, lower case. */
  readonly tag: string;
  readonly analysis: Analysis;
  /** Lower-cased words that carry no evidence. */
  readonly stopWords: ReadonlySet<string>;
  /** Whether white space parts its words. */
  readonly isSpaced: boolean;
}

/** Product default, as which all that was told before languages could be set is read. */
export const DEFAULT_LANGUAGE = "en";

const ANALYSIS_OF: Readonly<Record<string, Analysis>> = {
  en: "en",
  de: "de",
  es: "es",
  ja: "cjk",
  zh: "cjk",
  ko: "cjk",
};
/** Korean has blanks; pairs of characters find its stems under their endings. */
const UNSPACED: ReadonlySet<string> = new Set(["ja", "zh", "th", "lo", "km", "my", "yue", "bo"]);
const known = new Map<string, Language>();

/** @param tag undefined is {@link DEFAULT_LANGUAGE}. */
export function languageOf(tag: string = DEFAULT_LANGUAGE): Language {
  const found = known.get(tag);
  if (found) return found;
  const language: Language = {
    tag,
    analysis: ANALYSIS_OF[tag] ?? "plain",
    stopWords: new Set(STOP_WORDS[tag] ?? []),
    isSpaced: !UNSPACED.has(tag),
  };
  known.set(tag, language);
  return language;
}

const names = new Intl.DisplayNames(["en"], { type: "language", fallback: "none" });

/** Whether a primary tag is one of a language: "de", not "gr" or "jp", which are countries. */
export function isLanguageTag(tag: string): boolean {
  return /^[a-z]{2,3}$/.test(tag) && !NO_LANGUAGE.has(tag) && names.of(tag) !== undefined;
}

/** "Several", "none", "not known". */
const NO_LANGUAGE: ReadonlySet<string> = new Set(["mul", "und", "zxx", "mis"]);
