import type { MemoryKind, Metadata } from "../memory/memory.ts";
import type { Layer, Scope } from "../tenancy/scope.ts";
import type { RankingSettings } from "../tenancy/settings.ts";
import type { RerankParts } from "./fuse.ts";
import type { SharedLayer } from "./layers.ts";
import type { Multipliers } from "./multipliers.ts";
import type { AnchoredTime } from "./query-time/read-query-time.ts";
import type { BaseParts } from "./recipes.ts";
import type { ShownMemory } from "./search-store.ts";

/** Restricts what is found; unset members do not restrict. */
export interface SearchFilter {
  readonly kinds?: readonly MemoryKind[] | undefined;
  readonly categories?: readonly string[] | undefined;
  readonly metadata?: Metadata | undefined;
  /** When its source was said: `[saidAfter, saidBefore)`. */
  readonly saidAfter?: Date | undefined;
  readonly saidBefore?: Date | undefined;
}

export interface SearchCommand {
  readonly scope: Scope;
  /** Taken along beside the scope's own memories; none: the scope alone, each of whose members restricts. */
  readonly layers?: readonly SharedLayer[] | undefined;
  readonly query: string;
  readonly filter: SearchFilter;
  /** Unset members take what the project sets. */
  readonly ranking: RankingSettings;
  /** Hits at most, 1..100. */
  readonly limit: number;
  /** Tokens of text over all hits. */
  readonly tokenBudget: number;
  /** -1..1. */
  readonly minSimilarity?: number | undefined;
  /** On the recipe's scale, also where a reranker reads. */
  readonly minScore?: number | undefined;
  readonly asOf?: Date | undefined;
  readonly knownAt?: Date | undefined;
  /** A freshness token; empty waits for nothing. */
  readonly atLeastAsFresh: string;
  /** Until when to wait for that; some seconds from now if undefined. */
  readonly deadline?: Date | undefined;
}

/** Everything a score is made of. */
export interface ScoreParts {
  readonly similarity: number;
  /** As `Candidate`: a share of the best; 0 where keywords did not find it. */
  readonly bm25: number;
  /** Raw; 0 where no entity matched. */
  readonly entity: number;
  /** They add up to `fused`. */
  readonly terms: BaseParts;
  readonly fused: number;
  readonly factors: Multipliers;
  /** Undefined where none has read it. */
  readonly rerank: RerankParts | undefined;
}

export interface SearchHit {
  readonly memory: ShownMemory;
  /** Whose it is, where shared layers were taken along. */
  readonly layer: Layer | undefined;
  /** Ids of hits of the same shared place in which another member tells it otherwise. */
  readonly disputedBy?: readonly string[] | undefined;
  /** Id of the hit of a nearer layer that tells the same attribute's value otherwise. */
  readonly overriddenBy?: string | undefined;
  readonly score: number;
  readonly parts: ScoreParts;
  /** Tokens that its text takes. */
  readonly tokens: number;
}

export type LeftOutReason =
  | "budget"
  | "limit"
  | "similarity"
  | "score"
  | "duplicate"
  | "not_current"
  | "size"
  | "not_read";

/** Found, but not among the hits. */
export interface LeftOut {
  readonly memoryId: string;
  readonly reason: LeftOutReason;
  readonly score: number;
  readonly kind: MemoryKind;
}

/** A part that an answer lacks, and what that means for it. */
export interface Degradation {
  readonly part: "index" | "embedder" | "reranker" | "graph" | "extractor" | "archive";
  readonly effect: string;
}

/** In milliseconds. */
export interface SearchTimings {
  readonly resolve: number;
  readonly embed: number;
  readonly graph: number;
  readonly index: number;
  readonly fuse: number;
  readonly rerank: number;
  readonly hydrate: number;
  readonly pack: number;
  readonly total: number;
}

export interface SearchResult {
  /** Best first. */
  readonly hits: readonly SearchHit[];
  /** Best first, at most 50. */
  readonly leftOut: readonly LeftOut[];
  /** Empty when the answer is whole. */
  readonly degraded: readonly Degradation[];
  /** Of all hits, as they are counted against the budget. */
  readonly tokens: number;
  /** When the query was understood to ask about; undefined where it names no time. */
  readonly time: AnchoredTime | undefined;
  readonly timings: SearchTimings;
}
