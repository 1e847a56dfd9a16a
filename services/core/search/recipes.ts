import type { QueryAnalysis } from "./analyze-query.ts";
import { type Candidate, RARE_HOLDERS } from "./memory-index.ts";
import type { NamedDate } from "./named-dates.ts";
import { timeParts } from "./query-time/time-parts.ts";

/** `s1` is what measures best; `weighted` and `rrf` are the classical ones; the last two are single arms. */
export type RecipeName = "s1" | "weighted" | "rrf" | "bm25" | "knn";

/** Named parts of a base score; they add up to it. */
export type BaseParts = Readonly<Record<string, number>>;

/** What a caller may set of a recipe; unset members take the recipe's own values. */
export interface RecipeOptions {
  /** Shares of the arms, for `weighted`. */
  readonly weights?: { readonly cosine: number; readonly keyword: number; readonly entity: number };
  /** Rank constant, for `rrf`. */
  readonly rrfK?: number;
}

/** Gives every candidate its parts, in the order given. */
export type Recipe = (
  candidates: readonly Candidate[],
  query: QueryAnalysis,
  options?: RecipeOptions,
) => BaseParts[];

/** Weights of the measured recipe beside the cosine, whose weight is 1; `rare` outweighs what neighbours differ in. */
export const S1_WEIGHTS = {
  keyword: 0.4,
  rare: 1.5,
  speaker: 0.35,
  question: -0.09,
  time: 0.15,
  date: 0.35,
  when: 0.35,
  ended: 0.3,
  outside: -0.35,
} as const;
export const CLASSIC_WEIGHTS = { cosine: 0.6, keyword: 0.25, entity: 0.15 } as const;
/** Rank constant of reciprocal rank fusion; 10 measured better than the usual 60. */
export const RRF_K = 10;

/** What a memory on the best way between what a query names gains; the single arms ask no graph. */
export const GRAPH_WEIGHTS: Readonly<Record<RecipeName, number>> = {
  s1: 0.5,
  weighted: 0.3,
  rrf: 2 / RRF_K,
  bm25: 0,
  knn: 0,
};

export const RECIPES: Readonly<Record<RecipeName, Recipe>> = {
  s1: (candidates, query) => {
    const top = Math.max(0, ...candidates.map((c) => c.bm25));
    const rare = rareAmong(candidates);
    const keyword = keywordScores(candidates);
    const times = timeParts(candidates, query, S1_WEIGHTS);
    return candidates.map((candidate, i) => ({
      cosine: candidate.cosine,
      keyword: top > 0 ? (S1_WEIGHTS.keyword * (keyword[i] ?? 0)) / top : 0,
      rare: S1_WEIGHTS.rare * candidate.rare.filter((word) => rare.has(word)).length,
      speaker: S1_WEIGHTS.speaker * speakerMatch(candidate, query),
      question: candidate.isQuestion ? S1_WEIGHTS.question : 0,
      time: query.asksForTime && candidate.hasTime ? S1_WEIGHTS.time : 0,
      date: S1_WEIGHTS.date * dateMatch(candidate.saidAt, query.dates),
      ...times[i],
    }));
  },
  weighted: (candidates, _query, { weights = CLASSIC_WEIGHTS } = {}) => {
    const cosine = minMax(candidates.map((c) => c.cosine));
    const keyword = minMax(candidates.map((c) => c.bm25));
    const entity = minMax(candidates.map((c) => c.entity));
    return candidates.map((_, i) => ({
      cosine: weights.cosine * (cosine[i] ?? 0),
      keyword: weights.keyword * (keyword[i] ?? 0),
      entity: weights.entity * (entity[i] ?? 0),
    }));
  },
  rrf: (candidates, _query, { rrfK = RRF_K } = {}) => {
    const cosine = reciprocalRanks(
      candidates.map((c) => c.cosine),
      rrfK,
    );
    const keyword = reciprocalRanks(
      candidates.map((c) => (c.bm25 > 0 ? c.bm25 : Number.NaN)),
      rrfK,
    );
    const entity = reciprocalRanks(
      candidates.map((c) => (c.entity > 0 ? c.entity : Number.NaN)),
      rrfK,
    );
    return candidates.map((_, i) => ({
      cosine: cosine[i] ?? 0,
      keyword: keyword[i] ?? 0,
      entity: entity[i] ?? 0,
    }));
  },
  bm25: (candidates) => candidates.map((candidate) => ({ keyword: candidate.bm25 })),
  knn: (candidates) => candidates.map((candidate) => ({ cosine: candidate.cosine })),
};

/**
 * Keyword scores. Several statements of one message have one window, whose words may stand around them all: only the
 * nearest to the query has its score, so that one message does not fill the places of many.
 */
function keywordScores(candidates: readonly Candidate[]): number[] {
  const windowOf = ({ memoryId, hasWindow, saidAt, speaker, role, bm25 }: Candidate) =>
    hasWindow ? `${saidAt.getTime()} ${bm25} ${role ?? ""} ${speaker ?? ""}` : memoryId;
  const nearest = new Map<string, number>();
  for (const one of candidates) {
    const window = windowOf(one);
    nearest.set(window, Math.max(nearest.get(window) ?? -1, one.cosine));
  }
  return candidates.map((one) => (one.cosine < (nearest.get(windowOf(one)) ?? -1) ? 0 : one.bm25));
}

/** Words that tell candidates apart: those that few of their statements hold. */
function rareAmong(candidates: readonly Candidate[]): ReadonlySet<string> {
  const holders = new Map<string, number>();
  for (const word of candidates.flatMap((candidate) => candidate.rare))
    holders.set(word, (holders.get(word) ?? 0) + 1);
  return new Set([...holders].flatMap(([word, count]) => (count <= RARE_HOLDERS ? [word] : [])));
}

/** 1 where the candidate was said by the only participant named, or by the role that the query means. */
export function speakerMatch(candidate: Candidate, query: QueryAnalysis): number {
  if (query.soleParticipant !== undefined) return candidate.speaker === query.soleParticipant ? 1 : 0;
  return query.prefersRole !== undefined && candidate.role === query.prefersRole ? 1 : 0;
}

/**
 * Agreement of a day (UTC) with the best of the named dates: a month (and year, if given) 1, its day as
 * well 2, a year alone .3, otherwise 0.
 */
export function dateMatch(saidAt: Date, dates: readonly NamedDate[]): number {
  return Math.max(0, ...dates.map((date) => matchOne(saidAt, date)));
}

function matchOne(saidAt: Date, date: NamedDate): number {
  if (date.year !== undefined && date.year !== saidAt.getUTCFullYear()) return 0;
  if (date.month === undefined) return date.year === undefined ? 0 : 0.3;
  if (date.month !== saidAt.getUTCMonth() + 1) return 0;
  return date.day === saidAt.getUTCDate() ? 2 : 1;
}

/** To 0..1 over the set; 0 for all where all are equal and not positive, 1 where equal and positive. */
function minMax(values: readonly number[]): number[] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  if (high === low) return values.map(() => (high > 0 ? 1 : 0));
  return values.map((value) => (value - low) / (high - low));
}

/** `1 / (k + rank)`, equal values sharing the better rank; NaN is unranked and gets 0. */
function reciprocalRanks(values: readonly number[], k: number): number[] {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => b - a);
  const rank = new Map<number, number>();
  sorted.forEach((value, index) => {
    if (!rank.has(value)) rank.set(value, index + 1);
  });
  return values.map((value) => (Number.isNaN(value) ? 0 : 1 / (k + (rank.get(value) ?? 0))));
}
