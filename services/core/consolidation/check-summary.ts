import { deniesAlike } from "../claims/denies-alike.ts";
import { readClaims } from "../claims/reading.ts";
import { containsWord } from "../language/contains-word.ts";
import { countTokens } from "../tokens/count-tokens.ts";
import type { SummarySentence, ToldEpisode } from "./summariser.ts";

/** A longer summary is not told by one vector, and fills an answer. */
const MOST_TOKENS = 160;
const NUMBERS = /\p{N}+/gu;
/** A name where it does not begin the sentence. */
const NAMES = /(?<=[\p{L}\p{N},;:'’)-]\s)\p{Lu}[\p{L}\p{M}'’-]*/gu;

/**
 * What a model's sentences say together, if they say nothing that the episodes don't: each cites what it rests on, and none
 * of its words, numbers and names is in none of those; what is denied in them is denied in it. All episodes are told.
 *
 * @returns undefined where that does not hold: a model may not invent.
 */
export function checkedSummary(
  sentences: readonly SummarySentence[],
  episodes: readonly ToldEpisode[],
): string | undefined {
  const told = new Set(sentences.flatMap((sentence) => sentence.episodes));
  if (!episodes.every((_, place) => told.has(place))) return undefined;
  const isSound = sentences.every((sentence) => restsOn(sentence, episodes));
  const text = sentences.map((sentence) => sentence.text.replace(/\s+/gu, " ").trim()).join(" ");
  return isSound && text !== "" && countTokens(text) <= MOST_TOKENS ? text : undefined;
}

function restsOn({ text, episodes: places }: SummarySentence, episodes: readonly ToldEpisode[]): boolean {
  const cited = places.map((place) => episodes[place]);
  if (cited.length === 0 || cited.some((episode) => episode === undefined)) return false;
  const evidence = cited.map((episode) => (episode ? `${episode.text} ${daysOf(episode.at)}` : "")).join(" ");
  const isTold = (word: string) => containsWord(evidence, word);
  const known = readClaims(evidence, new Set()).words;
  const words = [...readClaims(text, new Set()).words];
  const names = [...text.matchAll(NAMES)].map(([name]) => name.toLowerCase().replace(/['’]s$/u, ""));
  return (
    words.every((word) => known.has(word) || isTold(word)) &&
    numbersOf(text).every((number) => numbersOf(evidence).includes(number)) &&
    names.every(isTold) &&
    deniesAlike(
      text,
      cited.flatMap((episode) => episode?.text ?? []),
    )
  );
}

function numbersOf(text: string): string[] {
  return [...text.matchAll(NUMBERS)].map(([number]) => number.replace(/^0+(?=\p{N})/u, ""));
}

const LONG = new Intl.DateTimeFormat("en-GB", {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
  timeZone: "UTC",
});

/** A day as it may be written. */
function daysOf(at: Date): string {
  return `${LONG.format(at)} ${at.toISOString().slice(0, 10)}`;
}
