import type { QueryAnalysis } from "./analyze-query.ts";
import type { Candidate } from "./memory-index.ts";
import {
  DEFAULT_MULTIPLIERS,
  type MultiplierOptions,
  type Multipliers,
  multipliers,
  productOf,
} from "./multipliers.ts";
import { type BaseParts, GRAPH_WEIGHTS, RECIPES, type RecipeName, type RecipeOptions } from "./recipes.ts";

export interface FuseOptions extends RecipeOptions {
  readonly recipe?: RecipeName;
  readonly multipliers?: MultiplierOptions;
  /** What age is counted from. */
  readonly now: Date;
  /** Factors of what people said, by memory; 1 of those that are not in it. */
  readonly feedback?: ReadonlyMap<string, number>;
  /** The same of how strong memories still are. */
  readonly strength?: ReadonlyMap<string, number>;
}

/** A candidate with its score and everything the score is made of. */
export interface ScoredCandidate {
  readonly candidate: Candidate;
  /** `base * factors` where base is positive, base otherwise: a factor never lifts a negative score. */
  readonly score: number;
  /** Sum of `parts`. */
  readonly base: number;
  readonly parts: BaseParts;
  readonly factors: Multipliers;
  /** Where a reranker has read it: `score` is then its score by the factors, and stands beside such scores alone. */
  readonly rerank?: RerankParts;
}

/** What a reranker said of a candidate, and what came of it. */
export interface RerankParts {
  /** On the model's own scale. */
  readonly score: number;
  /** Places in the ranking, from 1. */
  readonly before: number;
  readonly after: number;
  /** What reading this and the others took, in milliseconds. */
  readonly latencyMs: number;
}

/**
 * Scores and ranks candidates, best first. Pure; the order of the input does not matter: equal scores
 * are ordered by cosine, then the newer first, then by id and version.
 */
export function fuse(
  candidates: readonly Candidate[],
  query: QueryAnalysis,
  options: FuseOptions,
): ScoredCandidate[] {
  const recipe = options.recipe ?? "s1";
  const parts = withGraph(candidates, RECIPES[recipe](candidates, query, options), recipe);
  const rules = options.multipliers ?? DEFAULT_MULTIPLIERS;
  return candidates
    .map((candidate, index) => score(candidate, parts[index] ?? {}, rules, options))
    .sort(byScore);
}

/** Where nothing is on a way, the term is none's. */
function withGraph(
  candidates: readonly Candidate[],
  parts: readonly BaseParts[],
  recipe: RecipeName,
): readonly BaseParts[] {
  if (!candidates.some(({ graph }) => graph !== undefined)) return parts;
  return parts.map((own, i) => ({ ...own, graph: GRAPH_WEIGHTS[recipe] * (candidates[i]?.graph ?? 0) }));
}

function score(
  candidate: Candidate,
  parts: BaseParts,
  rules: MultiplierOptions,
  { now, feedback, strength }: FuseOptions,
): ScoredCandidate {
  const { memoryId } = candidate;
  const factors = multipliers(candidate, rules, now, {
    feedback: feedback?.get(memoryId) ?? 1,
    strength: strength?.get(memoryId) ?? 1,
  });
  const base = Object.values(parts).reduce((sum, part) => sum + part, 0);
  return { candidate, score: weighed(base, factors), base, parts, factors };
}

/** By all factors; what is not positive stays as it is. */
export function weighed(base: number, factors: Multipliers): number {
  return base > 0 ? base * productOf(factors) : base;
}

function byScore(a: ScoredCandidate, b: ScoredCandidate): number {
  return (
    b.score - a.score ||
    b.candidate.cosine - a.candidate.cosine ||
    b.candidate.saidAt.getTime() - a.candidate.saidAt.getTime() ||
    (a.candidate.memoryId < b.candidate.memoryId
      ? -1
      : a.candidate.memoryId > b.candidate.memoryId
        ? 1
        : 0) ||
    b.candidate.version - a.candidate.version
  );
}
