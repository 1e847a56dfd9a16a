import type { MemoryKind, MemoryOrigin } from "../memory/memory.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { Page, PageAsked } from "../tenancy/page.ts";
import type { WriteRequest } from "../tenancy/request.ts";
import type { Scope } from "../tenancy/scope.ts";
import type { ChangedField } from "./compare-generations.ts";
import type { Change, Replay, ReplaySample, ReplaySettings } from "./replay.ts";

/** Replays that a project has at most that hold anything. */
export const MOST_REPLAYS = 5;

export interface ReplayAsked {
  /** Undefined: the project. Without a session: a replay is of whole conversations. */
  readonly scope: Scope | undefined;
  readonly settings: ReplaySettings;
  readonly sample: ReplaySample;
}

/** A memory as one generation has it. */
export interface ReplayedMemory {
  readonly text: string;
  readonly kind: MemoryKind;
  readonly category: string;
  readonly confidence: number;
  readonly importance: number;
  readonly origin: MemoryOrigin;
  readonly validFrom: Date;
  readonly validTo: Date | undefined;
}

export interface ReplayDifference {
  readonly id: string;
  readonly change: Exclude<Change, "same">;
  readonly state: "open" | "applied" | "kept";
  readonly fields: readonly ChangedField[];
  /** Undefined of one that is not promoted yet. */
  readonly memoryId: string | undefined;
  readonly scope: Scope;
  /** As it is known without the replay. */
  readonly before: ReplayedMemory | undefined;
  /** As the replay has it. */
  readonly after: ReplayedMemory | undefined;
}

export interface DifferencesAsked extends PageAsked {
  readonly replayId: string;
  /** All if undefined. */
  readonly change: Exclude<Change, "same"> | undefined;
}

/** What becomes of a replay by whoever started it. */
export type ReplayWanted = "promoting" | "resumed" | "cancelled" | "discarded";

/** Replays of one project, for whoever starts them. */
export interface ReplayStore {
  /**
   * @throws MnemeError STATE_CONFLICT where the project has too many; FIELD_INVALID for a scope of which nothing is known;
   *   SUBJECT_FENCED, REQUEST_ID_REUSED.
   */
  start(tenancy: Tenancy, asked: ReplayAsked, request: WriteRequest, signal?: AbortSignal): Promise<Replay>;
  /** @throws MnemeError REPLAY_NOT_FOUND. */
  get(tenancy: Tenancy, replayId: string, signal?: AbortSignal): Promise<Replay>;
  /** Newest first. @throws MnemeError PAGE_TOKEN_INVALID. */
  list(tenancy: Tenancy, asked: PageAsked, signal?: AbortSignal): Promise<Page<Replay>>;
  /** In the order in which they were found. @throws MnemeError REPLAY_NOT_FOUND, PAGE_TOKEN_INVALID. */
  differences(
    tenancy: Tenancy,
    asked: DifferencesAsked,
    signal?: AbortSignal,
  ): Promise<Page<ReplayDifference>>;
  /**
   * Has a replay that is ready applied, one that failed go on where it was, or ends one.
   *
   * @throws MnemeError STATE_CONFLICT where its state does not allow it; REPLAY_NOT_FOUND, REQUEST_ID_REUSED.
   */
  change(
    tenancy: Tenancy,
    replayId: string,
    to: ReplayWanted,
    request: WriteRequest,
    signal?: AbortSignal,
  ): Promise<Replay>;
}
