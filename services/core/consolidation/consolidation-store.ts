import type { ExtractorVersion } from "../extraction/extractor.ts";
import type { MemoryContent } from "../extraction/ingest-store.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { Page, PageAsked } from "../tenancy/page.ts";
import type { WriteRequest } from "../tenancy/request.ts";
import type { Scope, SubjectRef } from "../tenancy/scope.ts";
import type { Consolidation, ConsolidationCounts } from "./consolidation.ts";
import type { Episode } from "./episode.ts";

/** One person's, or one shared scope's, memories. */
export interface EpisodeStream {
  readonly projectId: string;
  readonly streamId: string;
}

export interface EpisodesAsked {
  /** Said and begun before. */
  readonly before: Date;
  /** Memory ids behind this one; from the first if undefined. */
  readonly after: string | undefined;
  readonly limit: number;
  /** Only what was told to these; all if undefined. */
  readonly toldTo?: ToldTo | undefined;
}

/** Whom episodes must have been told to: each where it is set, and no team where none is. */
export interface ToldTo {
  readonly agentId: string | undefined;
  readonly appId: string | undefined;
  readonly teamId: string | undefined;
}

/** Episodes of one audience. */
export interface EpisodeGroup extends EpisodeStream {
  readonly audience: string;
  /** Whose they are; undefined of a shared scope's. */
  readonly subject: SubjectRef | undefined;
  readonly episodes: readonly Episode[];
  /** Memories whose summary was undone, by summary: of these alone none is made again. */
  readonly undone: readonly ReadonlySet<string>[];
}

/** A summary of a cluster, to be applied if the cluster is still as it was read. */
export interface PlannedSummary extends EpisodeStream {
  /** The memory's id, made up here. */
  readonly summaryId: string;
  readonly audience: string;
  /** Oldest first. */
  readonly episodes: readonly Episode[];
  readonly content: MemoryContent;
  readonly embeddingModel: string;
  readonly extractor: ExtractorVersion;
  readonly rule: string;
}

/**
 * `changed`: an episode is another by now, gone, archived, or its person fenced. `off`: the policy is gone. `undone`: a
 * summary of all these was undone. `deleted`: it would say again what was deleted.
 */
export type Applied = "made" | "changed" | "off" | "undone" | "deleted";

/** What scheduled work needs of the record: all projects of a tenant. */
export interface EpisodeStore {
  /** Streams of projects that consolidate, by id. */
  streams(
    tenantId: string,
    asked: { readonly after: string | undefined; readonly limit: number },
    signal?: AbortSignal,
  ): Promise<readonly EpisodeStream[]>;
  /**
   * Active episodes that no summary tells and that are not archived, by id, in groups.
   * @returns with `next` where there are more behind.
   */
  episodes(
    tenantId: string,
    stream: EpisodeStream,
    asked: EpisodesAsked,
    signal?: AbortSignal,
  ): Promise<{ readonly groups: readonly EpisodeGroup[]; readonly next: string | undefined }>;
  /** Writes the summary and archives its episodes, in one transaction; all or nothing. */
  apply(tenantId: string, planned: PlannedSummary, signal?: AbortSignal): Promise<Applied>;
}

export interface ConsolidationListing extends PageAsked {
  readonly scope: Scope;
}

/** Where what was consolidated is known. Every read applies the tenant, the project and the person's fence. */
export interface ConsolidationStore {
  /** Newest first. @throws MnemeError PAGE_TOKEN_INVALID. */
  list(tenancy: Tenancy, listing: ConsolidationListing, signal?: AbortSignal): Promise<Page<Consolidation>>;
  /** Undefined where there is none, or it may not be read. */
  get(tenancy: Tenancy, id: string, signal?: AbortSignal): Promise<Consolidation | undefined>;
  /**
   * Removes the summary and brings its episodes back, in one transaction.
   * @returns freshness of the write.
   * @throws MnemeError CONSOLIDATION_NOT_FOUND, STATE_CONFLICT where the summary was changed since, PERMISSION_MISSING,
   *   SUBJECT_FENCED, REQUEST_ID_REUSED.
   */
  undo(
    tenancy: Tenancy,
    target: { readonly id: string; readonly discardChanges: boolean },
    request: WriteRequest,
    signal?: AbortSignal,
  ): Promise<{ readonly revision: bigint; readonly buckets: readonly number[] }>;
  /**
   * Where a scope's memories are, to be consolidated at once; `done` where the same request came to an end before.
   * @throws MnemeError SUBJECT_FENCED, PERMISSION_MISSING, REQUEST_ID_REUSED.
   */
  begin(
    tenancy: Tenancy,
    scope: Scope,
    request: WriteRequest,
    signal?: AbortSignal,
  ): Promise<
    | { readonly done: ConsolidationCounts }
    | { readonly streams: readonly EpisodeStream[]; readonly toldTo: ToldTo }
  >;
  /** Keeps what a repetition of the request answers. */
  finish(
    tenancy: Tenancy,
    request: WriteRequest,
    counts: ConsolidationCounts,
    signal?: AbortSignal,
  ): Promise<void>;
}
