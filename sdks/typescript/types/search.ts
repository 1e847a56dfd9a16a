import type { Memory, MemoryKind, MemoryOrigin } from "./memory.ts";
import type { Metadata } from "./scope.ts";

/** How the arms of a search are brought together; "measured" is the default. */
export type Recipe = "measured" | "weighted" | "rrf" | "keyword" | "semantic";

/** How age lowers a score. */
export type Recency = "off" | "exponential" | "linear";

/** How to rank; what is unset means the project's default. */
export interface Ranking {
  readonly recipe?: Recipe | undefined;
  /** For "weighted": shares of the arms, each 0 to 1. */
  readonly weights?:
    | { readonly semantic: number; readonly keyword: number; readonly entity: number }
    | undefined;
  readonly recency?: Recency | undefined;
  /** For "linear": days after which the score is lowered most. */
  readonly maxDays?: number | undefined;
  /** For "rrf": the constant k. */
  readonly rrfK?: number | undefined;
  /** Whether the deployment's reranker reads the best memories and orders them anew; their texts go to its server. */
  readonly rerank?: boolean | undefined;
  /** How many it reads, 2 to 200. */
  readonly rerankCandidates?: number | undefined;
  /** Factors by who vouches for a memory, each 0.5 to 1.5; what is unset is 1. */
  readonly origins?: OriginWeights | undefined;
}

/** Factors by origin. */
export type OriginWeights = { readonly [Origin in MemoryOrigin]?: number | undefined };

/** Restricts what is found; what is unset does not restrict. */
export interface SearchFilter {
  readonly kinds?: readonly MemoryKind[] | undefined;
  readonly categories?: readonly string[] | undefined;
  /** Only memories with all of these values. */
  readonly metadata?: Metadata | undefined;
  readonly saidAfter?: Date | undefined;
  readonly saidBefore?: Date | undefined;
}

/** What was found, best first. */
export interface SearchResult {
  readonly hits: readonly Hit[];
  /** What was found but left out, best first, at most 50. */
  readonly leftOut: readonly LeftOut[];
  /** What this answer lacks; empty when whole. */
  readonly degraded: readonly Degradation[];
  /** Tokens of all hits' texts. */
  readonly tokens: number;
  /** How the time that the query names was understood; unset where it names none. */
  readonly time: QueryTime | undefined;
  readonly timings: SearchTimings;
  /** By which `feedback` may name this answer. */
  readonly searchId: string;
}

/**
 * By what words a query names its time: "in May 2023", "two weeks ago", "since 2022", "before I moved", or only that it is
 * over.
 */
export type QueryTimeKind = "date" | "relative" | "range" | "event" | "past";

/** How the time that a query names was understood. It steers the ranking; only `asOf` leaves memories out. */
export interface QueryTime {
  readonly kind: QueryTimeKind | undefined;
  /** First moment of the time; unset where it is open. */
  readonly from: Date | undefined;
  /** First moment behind the time; unset where it is open. */
  readonly to: Date | undefined;
  /** The memory that tells of the event, where one does. */
  readonly anchorMemoryId: string | undefined;
  /** What has ended was looked through too, as far as it was so in that time: such a hit has a `validTo`. */
  readonly withEnded: boolean;
}

/** For whom a memory is, from the nearest to the widest. */
export type Layer = "session" | "user" | "user_agent" | "agent" | "app" | "team" | "project" | "tenant";

/** Layers that a search may take along; "shared" is all of them. */
export type SharedLayer = Extract<Layer, "agent" | "app" | "team" | "project" | "tenant"> | "shared";

/** One memory found. */
export interface Hit {
  readonly memory: Memory;
  /** Whose it is, where shared layers were taken along. */
  readonly layer: Layer | undefined;
  /** Who told a shared memory, as they are called. */
  readonly toldBy: string | undefined;
  /** Ids of hits in which another member of the same team, project or tenant tells it otherwise. */
  readonly disputedBy: readonly string[];
  /** Id of the hit of a nearer layer that tells the same attribute's value otherwise. */
  readonly overriddenBy: string | undefined;
  /**
   * What it was ranked by; higher is better. Comparable within one answer, but what a reranker has read only with what it
   * has read as well.
   */
  readonly score: number;
  readonly parts: ScoreParts;
  readonly tokens: number;
}

/** Everything that a score is made of. A part that did not play is 0, a factor that did not play is 1. */
export interface ScoreParts {
  /** Cosine of query and memory, -1 to 1. */
  readonly similarity: number;
  /** Keyword score (BM25) as a share of the best one of this search, 0..1; 0 if keywords did not find it. */
  readonly bm25: number;
  /** Raw entity score; 0 if no entity matched. */
  readonly entity: number;
  /** What each term of the recipe added, by name; they sum to `fused`. */
  readonly terms: Readonly<Record<string, number>>;
  /** The recipe's result. */
  readonly fused: number;
  /** What each factor multiplied with, by name. */
  readonly factors: Readonly<Record<string, number>>;
  /** What a reranker said of it; undefined where none has read it. */
  readonly rerank: RerankParts | undefined;
}

/** What a reranker said of a memory. */
export interface RerankParts {
  /** On the model's own scale. */
  readonly score: number;
  /** Its places, from 1. */
  readonly rankBefore: number;
  readonly rankAfter: number;
  /** What the reranker took for this and the others, in milliseconds; of all hits the same. */
  readonly latencyMs: number;
}

/** Why a found memory is not among the hits. */
export type LeftOutReason =
  | "budget"
  | "limit"
  | "similarity"
  | "score"
  | "duplicate"
  | "not_current"
  /** With its sources the answer would have been larger than one may be; `memories.get` reads it. */
  | "size"
  /** Never looked at: what ranks above it filled the answer, or hardly any of it could be shown. */
  | "not_read";

/** A memory that was found but is not among the hits. */
export interface LeftOut {
  readonly memoryId: string;
  readonly reason: LeftOutReason | undefined;
  readonly score: number;
}

/** A part that an answer lacks. */
export interface Degradation {
  /** index, embedder or reranker. */
  readonly part: string;
  /** What that means for this answer. */
  readonly effect: string;
}

/** Where the server spent the time, in milliseconds. */
export interface SearchTimings {
  readonly resolveMs: number;
  readonly embedMs: number;
  readonly indexMs: number;
  readonly fuseMs: number;
  /** 0 where no reranker was asked. */
  readonly rerankMs: number;
  /** Looking for ways between what the query names, beside the index; 0 where it names no two things. */
  readonly graphMs: number;
  readonly hydrateMs: number;
  readonly packMs: number;
  readonly totalMs: number;
}
