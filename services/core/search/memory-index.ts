import type { MemoryKind, MemoryOrigin, MessageRole, Metadata } from "../memory/memory.ts";
import type { Layer, Place } from "../tenancy/scope.ts";
import type { DateRange } from "./named-dates.ts";

/**
 * One version of one memory as the index holds it. The index is derived: everything here can be
 * rebuilt from the record. Ids are opaque; outside ids never come here.
 */
export interface IndexedMemory {
  readonly tenantId: string;
  readonly projectId: string;
  readonly memoryId: string;
  /** 1, 2, ... one document a version. */
  readonly version: number;
  /** Grows with every change of this document; the external version of the write. */
  readonly revision: number;
  readonly subjectId: string | undefined;
  readonly subjectEpoch: number;
  readonly agentId: string | undefined;
  readonly appId: string | undefined;
  readonly teamId: string | undefined;
  /** As `audienceOf`. */
  readonly audience: string;
  /** All that it was said in, in any order; of very many the newest. */
  readonly sessionIds: readonly string[];
  readonly text: string;
  /** The turns around its source (retrieval recipe), or its text again where it has none. */
  readonly window: string;
  /** Which of the deployment's embedders its project names; undefined for its own. */
  readonly embedder: string | undefined;
  /** Primary tag of the language that its words are read as. */
  readonly language: string;
  /** Unit vector. */
  readonly vector: Float32Array;
  /** What made the vector, as `Embedder.model`. */
  readonly embeddingModel: string;
  readonly kind: MemoryKind;
  readonly category: string;
  readonly origin: MemoryOrigin;
  readonly confidence: number;
  readonly importance: number;
  /** Lower-cased entity names. */
  readonly entities: readonly string[];
  /** Lower-cased name of who said it, and their role. */
  readonly speaker: string | undefined;
  readonly role: MessageRole | undefined;
  readonly isQuestion: boolean;
  readonly hasTime: boolean;
  /** When its first source was said. */
  readonly saidAt: Date;
  /** When it was said again, in any order: the newest of its other sources, each time once. */
  readonly saidAgainAt: readonly Date[];
  readonly validFrom: Date;
  /** undefined: still so. */
  readonly validTo: Date | undefined;
  readonly recordedFrom: Date;
  /** undefined: the current version. */
  readonly recordedTo: Date | undefined;
  readonly expiresAt: Date | undefined;
  /** Application metadata, strings, numbers and booleans only. */
  readonly metadata: Metadata;
}

/** Filters that every arm of a search applies inside, the tenant always among them. */
export interface IndexFilter {
  readonly tenantId: string;
  readonly projectId: string;
  /** Undefined members do not restrict. */
  readonly subjectId?: string | undefined;
  readonly subjectEpoch?: number | undefined;
  readonly agentId?: string | undefined;
  readonly appId?: string | undefined;
  readonly teamId?: string | undefined;
  /** What belongs to a team must belong to one of these; undefined does not restrict. */
  readonly teams?: readonly string[] | undefined;
  /** One of these, instead of the members above but the tenant and the teams: candidates tell their layer. */
  readonly places?: readonly Place[] | undefined;
  /** Exactly this set of agent, app and team, as `audienceOf`. */
  readonly audience?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly kinds?: readonly MemoryKind[] | undefined;
  readonly categories?: readonly string[] | undefined;
  readonly metadata?: Metadata | undefined;
  /** When its source was said: `[saidAfter, saidBefore)`. */
  readonly saidAfter?: Date | undefined;
  readonly saidBefore?: Date | undefined;
  /** What was true then (valid time); undefined means now and includes only current truth. */
  readonly asOf?: Date | undefined;
  /** What was known then (record time); undefined means what is known now. */
  readonly knownAt?: Date | undefined;
  /** Without `asOf`: what is true no longer, too. */
  readonly withEnded?: boolean | undefined;
}

export interface CandidateQuery {
  readonly filter: IndexFilter;
  /** Unit vector of the query without the participants' names; undefined skips the arm, and every cosine is 0. */
  readonly vector: Float32Array | undefined;
  /** What the keyword arm reads; `window` unless told. */
  readonly keywordField?: "window" | "text" | undefined;
  /** Primary tags of the languages that the project's documents are indexed in; English if empty or undefined. */
  readonly languages?: readonly string[] | undefined;
  /** Words for the window arm, names and question words already dropped; empty skips the arm. */
  readonly keywords: string;
  /** Lower-cased entity names found in the query; empty skips the arm. */
  readonly entities: readonly string[];
  /** Lower-cased words, each with an arm for the statements that hold it themselves; 4 at most. */
  readonly rare?: readonly string[] | undefined;
  /**
   * Times `[from, to)` that the query names: what was said or began to be so in one of them has vector and keyword
   * arms of its own, or its days would drown in the rest. Empty or undefined skips them; 32 at most.
   */
  readonly within?: readonly DateRange[] | undefined;
  /** Beside the other arms, or instead of them: so many of those that were said last, 1..500; undefined skips the arm. */
  readonly newest?: number | undefined;
  /** Whether candidates tell since and until when they hold. */
  readonly withTimes?: boolean | undefined;
  /** Candidates per arm, 1..500. */
  readonly pool: number;
}

/** A word that more statements of a scope hold is not rare there; each arm for one gives one more than these. */
export const RARE_HOLDERS = 5;

/** A document found by at least one arm, with what fusion needs. */
export interface Candidate {
  readonly memoryId: string;
  readonly version: number;
  /** Exact cosine for every candidate, also those that only keywords found. -1..1. */
  readonly cosine: number;
  /** Keyword score (BM25) as a share of the best one of this search, 0..1; 0 if the window arm did not find it. */
  readonly bm25: number;
  /** Raw score of the entity arm; 0 if it was not found there. */
  readonly entity: number;
  /** Those of the query's `rare` that its own statement, not only its window, holds. */
  readonly rare: readonly string[];
  readonly kind: MemoryKind;
  readonly origin: MemoryOrigin;
  readonly confidence: number;
  readonly importance: number;
  readonly speaker: string | undefined;
  readonly role: MessageRole | undefined;
  readonly isQuestion: boolean;
  readonly hasTime: boolean;
  /** Whether its window is more than its own words: other statements of the same message then share it. */
  readonly hasWindow?: boolean;
  readonly saidAt: Date;
  /** When it was said last, where the query asked for the newest and it is one of them. */
  readonly lastSaidAt?: Date | undefined;
  /** Since and until when it holds, where the query asked for that. */
  readonly valid?: { readonly from: Date; readonly to: Date | undefined } | undefined;
  /** The nearest of the places that it lies in, where they were asked for. */
  readonly layer?: Layer | undefined;
  /** How good a way between what the query names it is on, 0..1; undefined where it is on none. */
  readonly graph?: number;
}

export interface CandidateSet {
  readonly candidates: readonly Candidate[];
  /** True where documents were left out that another version wrote in a layout that this process can't read. */
  readonly hasUnreadable: boolean;
  /** Milliseconds the index itself reports. */
  readonly tookMs: number;
}

/** For reconciling: what is known that lies nearest to a new statement. */
export interface NearestQuery {
  readonly filter: IndexFilter;
  /** Unit vector. */
  readonly vector: Float32Array;
  /** Neighbours at most, 1..20. */
  readonly k: number;
}

export interface Neighbour {
  readonly memoryId: string;
  readonly version: number;
  /** -1..1. */
  readonly cosine: number;
}

export interface WriteFailure {
  readonly memoryId: string;
  readonly version: number;
  /** The engine's error type, never its reason text (which may quote the document). */
  readonly type: string;
  readonly retryable: boolean;
}

/** What the index is to drop. */
export interface IndexRemoval {
  readonly memoryId: string;
  /** What is written later with a higher revision is taken; absent: nothing of it ever is. */
  readonly revision?: number | undefined;
}

/**
 * The derived index, as ingest and search see it through one embedding model. Vectors of two models never
 * meet: whoever asks with a vector of another model than the documents' gets EMBEDDING_DIMENSION_MISMATCH,
 * also where both have the same dimension.
 */
export interface MemoryIndex {
  /** The same index for whoever asks with vectors of another model that the deployment offers. */
  through(model: string): MemoryIndex;
  /** @throws what `write` throws for whatever it is given of this tenant: asked before documents are embedded for it. */
  requireModel(tenantId: string, signal?: AbortSignal): Promise<void>;
  /**
   * Writes into the pool where the tenant is, and while it moves where it is going to. By external version; an older
   * revision than the stored one is ignored, not an error.
   *
   * @throws MnemeError EMBEDDING_DIMENSION_MISMATCH while another model's generation is read,
   *   DEPENDENCY_UNAVAILABLE while one is about to be, or the one that is read has another version's mapping.
   */
  write(documents: readonly IndexedMemory[], signal?: AbortSignal): Promise<readonly WriteFailure[]>;
  /** Makes everything that this process wrote so far searchable. */
  refresh(signal?: AbortSignal): Promise<void>;
  /** Removes every version of these memories in every generation, of every pool where the tenant may be. */
  remove(tenantId: string, removals: readonly IndexRemoval[], signal?: AbortSignal): Promise<void>;
  /** One `_msearch` over the tenant's alias. */
  candidates(query: CandidateQuery, signal?: AbortSignal): Promise<CandidateSet>;
  /** One `_msearch`; neighbours best first, one list a query, in order. All queries are of one tenant. */
  nearest(queries: readonly NearestQuery[], signal?: AbortSignal): Promise<readonly (readonly Neighbour[])[]>;
}

/** A space of vectors. */
export interface VectorSpace {
  /** As `Embedder.model`. */
  readonly model: string;
  readonly dimension: number;
}

/** What a generation's vectors are made with. */
export interface NewGeneration extends VectorSpace {
  /** Of embedders that projects may choose: each has a field of its own. */
  readonly others?: readonly VectorSpace[];
}

/** One complete copy of a pool's index. Every generation that exists is written; one is read. */
export interface IndexGeneration extends VectorSpace {
  readonly index: string;
  readonly pool: string;
  /** 1, 2, ... */
  readonly generation: number;
  /**
   * `building` is filled from the record; `next` is about to be read, so whoever can't write to it writes
   * nothing; `current` is read; `retiring` was read before.
   */
  readonly state: "building" | "next" | "current" | "retiring";
  /** Version of the mapping it was created with. */
  readonly schema: number;
  readonly createdAt: Date;
  /** Dimensions by field, of those vectors that are not of its own model. */
  readonly otherVectors: Readonly<Record<string, number>>;
}

/**
 * The generations of one pool, and how a new one comes to be: build, copy with `writeTo`, announce, catch up, promote,
 * retire the old one.
 */
export interface IndexGenerations {
  readonly pool: string;
  /** Those of another pool. */
  ofPool(pool: string): IndexGenerations;
  /** All that exist, oldest first. */
  list(signal?: AbortSignal): Promise<readonly IndexGeneration[]>;
  /** The current generation, made empty where the pool has none. */
  ensure(wanted: NewGeneration, signal?: AbortSignal): Promise<IndexGeneration>;
  /** Gives every generation that exists fields for vectors of more models. What has them stays as it is. */
  offer(others: readonly VectorSpace[], signal?: AbortSignal): Promise<void>;
  /**
   * Makes an empty generation and returns once every writer writes to it too. What was committed to the
   * record before this call returns must then be copied from there.
   */
  build(wanted: NewGeneration, signal?: AbortSignal): Promise<IndexGeneration>;
  /**
   * Returns once nobody writes any more without writing to it: processes of another model wait for its
   * promotion. What they wrote before can be copied from the record then, and nothing follows it.
   */
  announce(generation: number, signal?: AbortSignal): Promise<void>;
  /** Makes it the one that is read, without a failed or stale search. Repeat it after a failure. */
  promote(generation: number, signal?: AbortSignal): Promise<void>;
  /**
   * Deletes a generation that no tenant reads: an old one, or a build that was given up. Numbers come again: as it
   * was listed, it is only that one.
   */
  retire(generation: number | IndexGeneration, signal?: AbortSignal): Promise<void>;
}
