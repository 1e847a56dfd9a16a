import type { TurnFeatures } from "../search/turn-features.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { WriteRequest } from "../tenancy/request.ts";
import type { Scope } from "../tenancy/scope.ts";
import type { Archiving } from "./archive.ts";
import type { Memory, MemoryDraft, MemoryKind } from "./memory.ts";
import type { MemoryTimes } from "./times.ts";

export interface MemoryListing extends MemoryTimes {
  readonly scope: Scope;
  readonly kinds: readonly MemoryKind[];
  readonly categories: readonly string[];
  readonly showSuperseded: boolean;
  /** Archived ones too. */
  readonly showArchived?: boolean;
  /** Only those to be reviewed before this. */
  readonly reviewBefore?: Date | undefined;
  /** 1..250. */
  readonly pageSize: number;
  /** Empty for the first page; opaque, bound to the filters. */
  readonly pageToken: string;
}

export type DraftField = keyof MemoryDraft;

export interface MemoryChange {
  readonly memoryId: string;
  readonly draft: MemoryDraft;
  /** Which members of the draft to write. */
  readonly fields: ReadonlySet<DraftField>;
  /** Empty: any version. */
  readonly etag: string;
  /** Where it stands in the request, e.g. `updates[3]`: says what is wrong with which field. */
  readonly at: string;
  /** A new text brings no entities and relations of its own. */
  readonly withoutGraph?: boolean;
  /** Unit vector and model of the new text, and what it tells of itself; set exactly when `text` is among the fields. */
  readonly embedding: TextEmbedding | undefined;
}

export interface TextEmbedding extends Pick<TurnFeatures, "isQuestion" | "hasTime"> {
  readonly vector: Float32Array;
  readonly model: string;
}

export interface ChangeResult {
  /** As they are now, in the order of the changes: as many as one answer holds. */
  readonly memories: readonly Memory[];
  /** Freshness of the write: the highest index revision of what it made, or found as it should be. */
  readonly revision: bigint;
  /** Where its memories are worked, each once. */
  readonly buckets: readonly number[];
}

/** The record of memories. Every read applies the tenant, the project and the subject's fence. */
export interface MemoryStore {
  /**
   * Those that exist, in the order asked for; others are absent. Without times the current versions, also of what no
   * longer holds; with `asOf` only what held then.
   * @throws MnemeError MESSAGE_TOO_LARGE.
   */
  get(
    tenancy: Tenancy,
    memoryIds: readonly string[],
    times?: MemoryTimes,
    signal?: AbortSignal,
  ): Promise<readonly Memory[]>;
  /** Newest first. @throws MnemeError PAGE_TOKEN_INVALID. */
  list(
    tenancy: Tenancy,
    listing: MemoryListing,
    signal?: AbortSignal,
  ): Promise<{ readonly memories: readonly Memory[]; readonly nextPageToken: string }>;
  /** Newest first. @throws MnemeError MEMORY_NOT_FOUND, PAGE_TOKEN_INVALID. */
  versions(
    tenancy: Tenancy,
    listing: {
      readonly memoryId: string;
      readonly pageSize: number;
      readonly pageToken: string;
      readonly knownAt: Date | undefined;
    },
    signal?: AbortSignal,
  ): Promise<{ readonly memories: readonly Memory[]; readonly nextPageToken: string }>;
  /**
   * All versions of a memory and of those that it replaced or was replaced by, as far as they may be read, each with all
   * sources of its memory, and when they were archived; none where the memory itself may not be read.
   */
  chain(
    tenancy: Tenancy,
    memoryId: string,
    signal?: AbortSignal,
  ): Promise<{
    readonly versions: readonly Memory[];
    readonly archivings: readonly Archiving[];
    readonly truncated: boolean;
  }>;
  /**
   * All or none. What a memory holds already is not written again: where nothing is left to change, no version is.
   * A new text brings its own entities and relations.
   * @throws MnemeError MEMORY_NOT_FOUND, PERMISSION_MISSING for a team's that may only be read, ETAG_MISMATCH,
   *   REQUEST_ID_REUSED, SUBJECT_FENCED, FIELD_INVALID.
   */
  change(
    tenancy: Tenancy,
    changes: readonly MemoryChange[],
    request: WriteRequest,
    signal?: AbortSignal,
  ): Promise<ChangeResult>;
  /** Archives a memory by hand, or restores it; one that is so already stays as it is. @throws as `change`. */
  archive(
    tenancy: Tenancy,
    target: { readonly memoryId: string; readonly etag: string; readonly to: "archived" | "restored" },
    request: WriteRequest,
    signal?: AbortSignal,
  ): Promise<ChangeResult>;
  /** All or none, with all versions; leaves keyed tombstones. @throws as `change`. */
  delete(
    tenancy: Tenancy,
    targets: readonly { readonly memoryId: string; readonly etag: string }[],
    request: WriteRequest,
    signal?: AbortSignal,
  ): Promise<number>;
  /**
   * Deletes every memory of a scope, in bounded steps; a repeated request goes on where it was cut. What waits to be read
   * there, or failed to be, is dropped. Those of teams that the call may only read stay.
   * @throws MnemeError SUBJECT_FENCED, REQUEST_ID_REUSED, PERMISSION_MISSING where the scope names such a team.
   */
  deleteAll(tenancy: Tenancy, scope: Scope, request: WriteRequest, signal?: AbortSignal): Promise<number>;
}
