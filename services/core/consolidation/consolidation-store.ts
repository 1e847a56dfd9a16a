import type { ExtractorVersion } from "../extraction/extractor.ts";
import type { MemoryContent } from "../extraction/ingest-store.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { Page, PageAsked } from "../tenancy/page.ts";
import type { WriteRequest } from "../tenancy/request.ts";
import type { Scope, SubjectRef } from "../tenancy/scope.ts";
import type { ConsolidatedNow, Consolidation, ConsolidationCounts } from "./consolidation.ts";
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

export interface EpisodePage {
  readonly groups: readonly EpisodeGroup[];
  /** False where an episode could not be opened and was left out. */
  readonly isWhole: boolean;
  /** Where there are more behind. */
  readonly next: string | undefined;
}

export interface LookAsked extends EpisodeStream {
  /** As of `EpisodesAsked`. */
  readonly before: Date;
  /** Names all that decides what comes of the same episodes. */
  readonly rule: string;
}

/** What there is to read in a stream, and by which rule. */
export interface Look extends EpisodeStream {
  readonly rule: string;
  /** Opaque; the same as long as the same episodes are there, unchanged. */
  readonly state: string;
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
   * Of these streams those that have anything to read, unless a look by the same rule was noted and nothing changed since.
   * @returns each with the look that would be noted of it, by id.
   */
  unlooked(tenantId: string, asked: readonly LookAsked[], signal?: AbortSignal): Promise<readonly Look[]>;
  /** Notes that all of what a look names was read, and that nothing came of it. */
  noteLook(tenantId: string, look: Look, signal?: AbortSignal): Promise<void>;
  /** Active episodes that no summary tells and that are not archived, by id, in groups. */
  episodes(
    tenantId: string,
    stream: EpisodeStream,
    asked: EpisodesAsked,
    signal?: AbortSignal,
  ): Promise<EpisodePage>;
  /** Writes the summary and archives its episodes, in one transaction; all or nothing. */
  apply(tenantId: string, planned: PlannedSummary, signal?: AbortSignal): Promise<Applied>;
}

export interface ConsolidationListing extends PageAsked {
  readonly scope: Scope;
}

/** What to consolidate at once. */
export interface ScopeAsked {
  readonly scope: Scope;
  /** Opaque, bound to the scope; empty at the beginning. */
  readonly pageToken: string;
}

/** Where consolidating a scope stopped. */
export interface ScopePosition {
  readonly streamId: string;
  /** The last of its episodes that was looked at; undefined: none was. */
  readonly after: string | undefined;
}

/** Where consolidating a scope begins or goes on. */
export interface ScopeWork {
  /** Some of the scope's, in order; the first of them is gone on with. */
  readonly streams: readonly EpisodeStream[];
  /** As of a position in the first of them. */
  readonly after: string | undefined;
  /** The one behind them. */
  readonly next: ScopePosition | undefined;
  readonly toldTo: ToldTo;
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
   * @throws MnemeError SUBJECT_FENCED, PERMISSION_MISSING, REQUEST_ID_REUSED, PAGE_TOKEN_INVALID, FIELD_INVALID of a
   *   tenant's shared memory in another project than its default one.
   */
  begin(
    tenancy: Tenancy,
    asked: ScopeAsked,
    request: WriteRequest,
    signal?: AbortSignal,
  ): Promise<{ readonly done: ConsolidatedNow } | ScopeWork>;
  /**
   * Counts what is left, and keeps what a repetition of the request answers.
   *
   * @param came `streamIds`: what was worked. `at`: where it stopped; undefined: nowhere. `before`: as of `EpisodesAsked`.
   */
  finish(
    tenancy: Tenancy,
    asked: ScopeAsked,
    request: WriteRequest,
    came: {
      readonly streamIds: readonly string[];
      readonly counts: ConsolidationCounts;
      readonly at: ScopePosition | undefined;
      readonly before: Date;
    },
    signal?: AbortSignal,
  ): Promise<ConsolidatedNow>;
}
