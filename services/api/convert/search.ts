import { create } from "@bufbuild/protobuf";
import type {
  Degradation,
  LeftOut,
  LeftOutReason,
  SearchCommand,
  SearchFilter,
  SearchHit,
  SearchTimings,
} from "@mneme/core/search/search-request.ts";
import { placeOf, toldBy } from "@mneme/core/search/told-by.ts";
import type { Scope } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import {
  DegradationSchema,
  HitSchema,
  LeftOutSchema,
  SearchTimingsSchema,
  type SearchFilter as WireFilter,
  LeftOutReason as WireReason,
} from "@mneme/proto/mneme/search/v1/search_pb.js";
import type { GetContextRequest, SearchRequest } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { fromLayer, toSharedLayers } from "./layer.ts";
import { fromMemory, toKind } from "./memory.ts";
import { toRanking } from "./ranking.ts";
import { toMetadata, toScope } from "./scope.ts";
import { toDate, toTimes } from "./time.ts";

const REASONS: Readonly<Record<LeftOutReason, WireReason>> = {
  budget: WireReason.BUDGET,
  limit: WireReason.LIMIT,
  similarity: WireReason.SIMILARITY,
  score: WireReason.SCORE,
  duplicate: WireReason.DUPLICATE,
  not_current: WireReason.NOT_CURRENT,
  size: WireReason.SIZE,
  not_read: WireReason.NOT_READ,
};

const DEFAULT_TOKEN_BUDGET = 200;

/** What a search and a context ask alike. */
type Question = Omit<SearchCommand, "limit" | "minSimilarity" | "minScore">;

export function toQuestion(request: SearchRequest | GetContextRequest, deadline: Date): Question {
  return {
    scope: toScope(request.scope as Scope),
    layers: toSharedLayers(request.layers),
    query: request.query,
    filter: toFilter(request.filter),
    ranking: request.ranking ? toRanking(request.ranking) : {},
    tokenBudget: request.tokenBudget || DEFAULT_TOKEN_BUDGET,
    ...toTimes(request),
    atLeastAsFresh: request.atLeastAsFresh,
    deadline,
  };
}

function toFilter(wire: WireFilter | undefined): SearchFilter {
  if (!wire) return {};
  return {
    kinds: wire.kinds.map(toKind),
    categories: wire.categories,
    metadata: toMetadata(wire.metadata),
    saidAfter: toDate(wire.saidAfter),
    saidBefore: toDate(wire.saidBefore),
  };
}

export function fromHit({ memory, layer, disputedBy = [], overriddenBy, score, parts, tokens }: SearchHit) {
  return create(HitSchema, {
    memory: fromMemory(memory),
    score,
    parts: {
      similarity: parts.similarity,
      bm25: parts.bm25,
      entity: parts.entity,
      terms: { ...parts.terms },
      fused: parts.fused,
      factors: { ...parts.factors },
      ...(parts.rerank && {
        rerank: {
          score: parts.rerank.score,
          rankBefore: parts.rerank.before,
          rankAfter: parts.rerank.after,
          latencyMs: parts.rerank.latencyMs,
        },
      }),
    },
    tokens,
    layer: fromLayer(layer),
    toldBy: placeOf(memory.scope) === undefined ? "" : (toldBy(memory) ?? ""),
    disputedBy: [...disputedBy],
    overriddenBy: overriddenBy ?? "",
  });
}

export const fromReason = (reason: LeftOutReason): WireReason => REASONS[reason];

export function fromLeftOut({ memoryId, reason, score }: LeftOut) {
  return create(LeftOutSchema, { memoryId, reason: REASONS[reason], score });
}

export function fromDegradation({ part, effect }: Degradation) {
  return create(DegradationSchema, { part, effect });
}

export function fromTimings(timings: SearchTimings) {
  return create(SearchTimingsSchema, {
    resolveMs: timings.resolve,
    embedMs: timings.embed,
    indexMs: timings.index,
    fuseMs: timings.fuse,
    rerankMs: timings.rerank,
    graphMs: timings.graph,
    hydrateMs: timings.hydrate,
    packMs: timings.pack,
    totalMs: timings.total,
  });
}
