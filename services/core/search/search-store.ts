import type { Opinions } from "../feedback/feedback-factor.ts";
import type { Memory } from "../memory/memory.ts";
import type { MemoryTimes } from "../memory/times.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { Layer, Participant, Scope, ScopeIds } from "../tenancy/scope.ts";

export interface ResolvedScope {
  readonly ids: ScopeIds;
  /** Who speaks in the scope's conversations; names are stripped from queries. */
  readonly participants: readonly Participant[];
  /** Teams whose memory may be shown in it, projects and tenants that share theirs among them; undefined for all. */
  readonly teams: readonly string[] | undefined;
  /** Whether anything at all is said of the project's memories. */
  readonly hasFeedback: boolean;
  /** What was said in it last waits for a budget, and can't be found yet. */
  readonly isHeld?: boolean;
  /** Something of its person is archived because they were away; it is coming back. */
  readonly isAway?: boolean;
  /** Where what is shared with the whole tenant lies. */
  readonly defaultProjectId: string;
}

/** A memory that may be shown, and in which of the scope's places it lies, where it has some. */
export interface ShownMemory extends Memory {
  readonly layer?: Layer | undefined;
  /** Lower-cased name of who told it, also where the turn may not be seen. */
  readonly speaker?: string | undefined;
}

export interface HydrateOptions extends MemoryTimes {
  /** Leaves out their sources: half of the reading, for whoever wants the texts. */
  readonly withoutSources?: boolean;
  /** Without `asOf`: what was replaced or has ended, too. */
  readonly withEnded?: boolean | undefined;
}

/** A memory that is archived and was not at the moments asked for, with its unit vector and the model that made it. */
export interface ArchivedMemory {
  readonly memory: ShownMemory;
  readonly vector: Float32Array | undefined;
}

/** What search needs of the record. */
export interface SearchStore {
  /**
   * @param options `isLenient`: whoever is not known, fenced or not to be reached is left out instead.
   * @returns undefined when the scope names somebody of whom nothing is known, or who is fenced.
   */
  resolve(
    tenancy: Tenancy,
    scope: Scope,
    signal?: AbortSignal,
    options?: { readonly isLenient?: boolean },
  ): Promise<ResolvedScope | undefined>;
  /**
   * The memories of these versions that may be shown now: not deleted, replaced unless that is asked for, expired,
   * fenced, of another tenant or outside the scope. Absent ones may not be shown.
   */
  hydrate(
    tenancy: Tenancy,
    ids: ScopeIds,
    refs: readonly { readonly memoryId: string; readonly version: number }[],
    options: HydrateOptions,
    signal?: AbortSignal,
  ): Promise<readonly ShownMemory[]>;
  /**
   * Memories of a scope that are archived and were found at these moments, as they were then: the index has forgotten them.
   * The newest, `limit` at most.
   */
  archivedThen(
    tenancy: Tenancy,
    ids: ScopeIds,
    times: MemoryTimes,
    limit: number,
    signal?: AbortSignal,
  ): Promise<readonly ArchivedMemory[]>;
  /** What is said of these memories, as a search in this scope sees it; of those that are not in it, nothing is. */
  opinions(
    tenancy: Tenancy,
    ids: ScopeIds,
    memoryIds: readonly string[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, Opinions>>;
  /** When memories were last told, changed, used or restored; of those that may not be read nothing is told. */
  refreshed(
    tenancy: Tenancy,
    memoryIds: readonly string[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, Date>>;
  /** Recent and most used memories of a scope, for answers without the index. */
  recent(
    tenancy: Tenancy,
    ids: ScopeIds,
    limit: number,
    signal?: AbortSignal,
  ): Promise<readonly ShownMemory[]>;
}
