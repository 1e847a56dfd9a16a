import type { RankingSettings } from "@mneme/core/tenancy/settings.ts";
import { type OriginWeights, type Ranking, Recency, Recipe } from "@mneme/proto/mneme/search/v1/search_pb.js";
import { keyOf } from "./enum-table.ts";
import { present } from "./present.ts";

const RECIPES: Readonly<Record<NonNullable<RankingSettings["recipe"]>, Recipe>> = {
  s1: Recipe.MEASURED,
  weighted: Recipe.WEIGHTED,
  rrf: Recipe.RRF,
  bm25: Recipe.KEYWORD,
  knn: Recipe.SEMANTIC,
};
const RECENCIES: Readonly<Record<NonNullable<RankingSettings["recency"]>, Recency>> = {
  off: Recency.OFF,
  exponential: Recency.EXPONENTIAL,
  linear: Recency.LINEAR,
};

/** What a message sets; members that are unset are left out. */
export function toRanking(wire: Ranking): RankingSettings {
  const { recipe, weights, recency, maxDays, rrfK, rerank, rerankCandidates, origins } = wire;
  return present({
    recipe: keyOf(RECIPES, recipe),
    weights: weights && { semantic: weights.semantic, keyword: weights.keyword, entity: weights.entity },
    recency: keyOf(RECENCIES, recency),
    maxDays: maxDays || undefined,
    rrfK: rrfK || undefined,
    rerank,
    rerankCandidates: rerankCandidates || undefined,
    origins: origins && toOrigins(origins),
  });
}

/** Those of which none is set say nothing. */
function toOrigins({ stated, inferred, tool }: OriginWeights): RankingSettings["origins"] {
  const factors = present({ stated, inferred, tool });
  return Object.keys(factors).length > 0 ? factors : undefined;
}

export function fromRanking(ranking: RankingSettings) {
  return present({
    ...ranking,
    recipe: ranking.recipe && RECIPES[ranking.recipe],
    recency: ranking.recency && RECENCIES[ranking.recency],
  });
}
