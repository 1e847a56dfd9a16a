import type { RankingSettings } from "../tenancy/settings.ts";
import type { FuseOptions } from "./fuse.ts";
import { DECAY, DEFAULT_MULTIPLIERS, LINEAR, type RecencyRule } from "./multipliers.ts";

/** How to fuse; unset members take the recipe's own values. */
export function fuseOptions(ranking: RankingSettings): Omit<FuseOptions, "now"> {
  const { recipe, weights, rrfK, recency, maxDays, origins } = ranking;
  return {
    ...(recipe && { recipe }),
    ...(weights && {
      weights: { cosine: weights.semantic, keyword: weights.keyword, entity: weights.entity },
    }),
    ...(rrfK !== undefined && { rrfK }),
    multipliers: {
      ...DEFAULT_MULTIPLIERS,
      ...(recency && { recency: ruleOf(recency, maxDays) }),
      ...(origins && { origin: origins }),
    },
  };
}

function ruleOf(recency: NonNullable<RankingSettings["recency"]>, maxDays: number | undefined): RecencyRule {
  switch (recency) {
    case "exponential":
      return DECAY;
    case "linear":
      return maxDays === undefined ? LINEAR : { ...LINEAR, maxDays };
    case "off":
      return { rule: "off" };
  }
}
