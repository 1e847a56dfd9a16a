import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  LayerSchema,
  LeftOutReasonSchema,
  QueryTimeKindSchema,
  type RankingSchema,
  RecencySchema,
  RecipeSchema,
  type SearchFilterSchema,
  type Degradation as WireDegradation,
  type Hit as WireHit,
  type Layer as WireLayer,
  type LeftOut as WireLeftOut,
  type LeftOutReason as WireLeftOutReason,
  type QueryTime as WireQueryTime,
  type QueryTimeKind as WireQueryTimeKind,
  type Recency as WireRecency,
  type Recipe as WireRecipe,
} from "@mneme/proto/mneme/search/v1/search_pb.js";
import type { SearchResponse } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import type {
  Degradation,
  Hit,
  Layer,
  LeftOut,
  LeftOutReason,
  QueryTime,
  QueryTimeKind,
  Ranking,
  Recency,
  Recipe,
  SearchFilter,
  SearchResult,
  SearchTimings,
  SharedLayer,
} from "../types/search.ts";
import { enumCodec } from "./enum.ts";
import { defined, kinds, memoryFromWire } from "./memory.ts";
import { metadataToWire } from "./scope.ts";
import { fromDate, toDate } from "./time.ts";

export const recipes = enumCodec<Recipe, WireRecipe>(RecipeSchema);
export const recencies = enumCodec<Recency, WireRecency>(RecencySchema);
export const leftOutReasons = enumCodec<LeftOutReason, WireLeftOutReason>(LeftOutReasonSchema);

export const layers = enumCodec<Layer | SharedLayer, WireLayer>(LayerSchema);

export const queryTimeKinds = enumCodec<QueryTimeKind, WireQueryTimeKind>(QueryTimeKindSchema);

export function filterToWire(filter: SearchFilter): MessageInitShape<typeof SearchFilterSchema> {
  return {
    kinds: (filter.kinds ?? []).map((kind, index) => kinds.toWire(kind, `filter.kinds[${index}]`)),
    categories: [...(filter.categories ?? [])],
    metadata: metadataToWire(filter.metadata, "filter.metadata"),
    ...defined({
      saidAfter: fromDate(filter.saidAfter, "filter.said_after"),
      saidBefore: fromDate(filter.saidBefore, "filter.said_before"),
    }),
  };
}

export function rankingToWire(ranking: Ranking): MessageInitShape<typeof RankingSchema> {
  return {
    recipe: recipes.toWire(ranking.recipe, "ranking.recipe"),
    recency: recencies.toWire(ranking.recency, "ranking.recency"),
    maxDays: ranking.maxDays ?? 0,
    rrfK: ranking.rrfK ?? 0,
    rerankCandidates: ranking.rerankCandidates ?? 0,
    ...defined({
      weights: ranking.weights,
      rerank: ranking.rerank,
      origins: ranking.origins && defined(ranking.origins),
    }),
  };
}

export function searchResultFromWire(response: SearchResponse): SearchResult {
  return {
    hits: response.hits.flatMap(hitFromWire),
    leftOut: response.leftOut.map(leftOutFromWire),
    degraded: response.degraded.map(degradationFromWire),
    tokens: response.tokens,
    time: response.time && timeFromWire(response.time),
    timings: timingsFromWire(response.timings),
    searchId: response.searchId,
  };
}

/** "shared" stands in requests alone. */
export function layerFromWire(wire: WireLayer): Layer | undefined {
  const layer = layers.fromWire(wire);
  return layer === "shared" ? undefined : layer;
}

function hitFromWire({
  memory,
  layer,
  toldBy,
  disputedBy,
  overriddenBy,
  score,
  parts,
  tokens,
}: WireHit): Hit[] {
  if (memory === undefined) return [];
  return [
    {
      memory: memoryFromWire(memory),
      layer: layerFromWire(layer),
      toldBy: toldBy || undefined,
      disputedBy: [...disputedBy],
      overriddenBy: overriddenBy || undefined,
      score,
      parts: {
        similarity: parts?.similarity ?? 0,
        bm25: parts?.bm25 ?? 0,
        entity: parts?.entity ?? 0,
        terms: { ...parts?.terms },
        fused: parts?.fused ?? 0,
        factors: { ...parts?.factors },
        rerank: parts?.rerank && {
          score: parts.rerank.score,
          rankBefore: parts.rerank.rankBefore,
          rankAfter: parts.rerank.rankAfter,
          latencyMs: parts.rerank.latencyMs,
        },
      },
      tokens,
    },
  ];
}

export function leftOutFromWire({ memoryId, reason, score }: WireLeftOut): LeftOut {
  return { memoryId, reason: leftOutReasons.fromWire(reason), score };
}

export function degradationFromWire({ part, effect }: WireDegradation): Degradation {
  return { part, effect };
}

function timingsFromWire(timings: SearchResponse["timings"]): SearchTimings {
  return {
    resolveMs: timings?.resolveMs ?? 0,
    embedMs: timings?.embedMs ?? 0,
    indexMs: timings?.indexMs ?? 0,
    fuseMs: timings?.fuseMs ?? 0,
    rerankMs: timings?.rerankMs ?? 0,
    graphMs: timings?.graphMs ?? 0,
    hydrateMs: timings?.hydrateMs ?? 0,
    packMs: timings?.packMs ?? 0,
    totalMs: timings?.totalMs ?? 0,
  };
}

export function timeFromWire({ kind, from, to, anchorMemoryId, withEnded }: WireQueryTime): QueryTime {
  return {
    kind: queryTimeKinds.fromWire(kind),
    from: toDate(from),
    to: toDate(to),
    anchorMemoryId: anchorMemoryId || undefined,
    withEnded,
  };
}
