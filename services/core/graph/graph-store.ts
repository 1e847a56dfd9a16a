import type { Tenancy } from "../tenancy/caller.ts";
import type { WriteRequest } from "../tenancy/request.ts";
import type { Scope } from "../tenancy/scope.ts";
import type { Direction, Edge, Entity, EntityMerge } from "./graph.ts";

/** Where and of what time a graph is read. */
export interface GraphQuery {
  readonly scope: Scope;
  readonly asOf: Date | undefined;
  readonly knownAt: Date | undefined;
}

export interface EntityListing extends GraphQuery {
  /** Empty: any. */
  readonly types: readonly string[];
  /** The whole name, in any spelling that folds to the same. */
  readonly name?: string | undefined;
  /** The beginning of one of its names; not together with `name`. */
  readonly namePrefix?: string | undefined;
  /** 1..250. */
  readonly pageSize: number;
  readonly pageToken: string;
}

export interface HopOptions {
  readonly direction: Direction;
  /** Empty: any. */
  readonly types: readonly string[];
  /** Edges of each name at most, newest first. */
  readonly fanOut: number;
}

/** Names that belong together: those asked for, each with what it is merged with. */
export interface Groups {
  /** The entity's id by that of each of its names. */
  readonly entityOf: ReadonlyMap<string, string>;
  readonly merges: readonly EntityMerge[];
}

export interface Edges {
  readonly edges: readonly Edge[];
  /** Some names have more. */
  readonly isCut: boolean;
}

/** What a walk met: visible edges, and the merges of the names at their ends. */
export interface Met {
  readonly groups: Groups;
  readonly edges: readonly Edge[];
}

/** One reader's view of the graph. */
export interface GraphView {
  /** Merges that the reader may see, over any number of steps. */
  groups(nameIds: readonly string[]): Promise<Groups>;
  /** Edges at these names. */
  edges(nameIds: readonly string[], options: HopOptions): Promise<Edges>;
  /** Edges from one of these names to another, those that are one with them too. @param types empty: any. */
  between(nameIds: readonly string[], types: readonly string[]): Promise<Edges>;
  /**
   * Entities of these names that visible memories mention; absent ones may not be seen.
   *
   * @param met what a walk knows of them already; each is then told with the memories of its edges, 3 at most.
   */
  describe(nameIds: readonly string[], met?: Met): Promise<readonly Entity[]>;
  /** The messages that memories come from, by memory; of each the first and the newest. */
  messagesOf(memoryIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
}

/** Which entities are one, to whom. */
export interface MergeCommand {
  readonly scope: Scope;
  readonly entityId: string;
  readonly otherIds: readonly string[];
  /** Also a person and a product. */
  readonly allowDifferentTypes: boolean;
}

/** The graph in the record. Every read applies the fences, expiry and audience that reads of memories do. */
export interface GraphStore {
  /** @returns undefined where the scope names somebody of whom nothing is known, or who is fenced. */
  open(tenancy: Tenancy, query: GraphQuery, signal?: AbortSignal): Promise<GraphView | undefined>;
  /** @throws MnemeError PAGE_TOKEN_INVALID. */
  list(
    tenancy: Tenancy,
    listing: EntityListing,
    signal?: AbortSignal,
  ): Promise<{ readonly entities: readonly Entity[]; readonly nextPageToken: string }>;
  /**
   * Makes names one, for whoever reads this scope or within it.
   *
   * @throws MnemeError ENTITY_NOT_FOUND for one that the scope does not show, FIELD_INVALID for those of different types,
   * REQUEST_ID_REUSED, SUBJECT_FENCED.
   */
  merge(tenancy: Tenancy, command: MergeCommand, request: WriteRequest, signal?: AbortSignal): Promise<void>;
  /**
   * Undoes the merges between some of an entity's names and the others; no rule merges those again.
   *
   * @throws MnemeError as `merge`.
   */
  split(
    tenancy: Tenancy,
    command: { readonly scope: Scope; readonly entityId: string; readonly nameIds: readonly string[] },
    request: WriteRequest,
    signal?: AbortSignal,
  ): Promise<void>;
}
