import type { FailureReason } from "../extraction/failure-reason.ts";
import type { MemoryKind } from "../memory/memory.ts";
import type { Scope, ScopeIds } from "../tenancy/scope.ts";
import type { ExtractionSettings, ModelSettings, Settings } from "../tenancy/settings.ts";

export type ReplayState =
  | "queued"
  | "running"
  /** A budget for models is spent: it goes on by itself. */
  | "waiting"
  /** All is read and compared. */
  | "ready"
  | "promoting"
  | "promoted"
  | "cancelled"
  | "discarded"
  /** It can't go on by itself. */
  | "failed";

/** How it reads, member by member before the project's settings. */
export interface ReplaySettings {
  readonly extraction?: ExtractionSettings;
  readonly models?: Omit<ModelSettings, "embedder">;
}

/** Which of the scope's streams are read; all where nothing is set. */
export interface ReplaySample {
  /** 0.01..100. */
  readonly percent?: number;
  readonly mostStreams?: number;
  /** The same seed chooses the same streams. */
  readonly seed: number;
}

/** What a replay does, for who works it. */
export interface ReplayPlan {
  readonly tenantId: string;
  readonly replayId: string;
  readonly projectId: string;
  readonly state: ReplayState;
  /** Its time is over: nothing of it is kept longer. */
  readonly isExpired: boolean;
  /** Undefined members don't restrict. */
  readonly ids: Omit<ScopeIds, "sessionId">;
  /** What was told to other teams is none of it; undefined does not restrict. */
  readonly teams: readonly string[] | undefined;
  readonly settings: ReplaySettings;
  readonly sample: ReplaySample;
}

/** The project's settings as a replay has them. Whatever happens at the end of a budget, a replay waits. */
export function settingsFor(project: Settings, { extraction, models }: ReplaySettings): Settings {
  return {
    ...project,
    extraction: { ...project.extraction, ...extraction },
    models: { ...project.models, ...models },
  };
}

export type Change = "same" | "added" | "removed" | "changed";

/** Why a memory is not compared. */
export type LeftOut =
  /** Stored as it was given, or imported. */
  | "given"
  | "changed_by_hand"
  /** Rests on other memories. */
  | "derived"
  /** Found by no search, until it is told again. */
  | "archived"
  /** Its message is kept no longer, or was not read. */
  | "not_read"
  /** Was said where a deleted memory was. */
  | "beside_deleted";

export interface ChangeCount {
  readonly change: Change;
  readonly kind: MemoryKind;
  readonly category: string;
  readonly count: number;
}

export interface LeftOutCount {
  readonly reason: LeftOut;
  readonly count: number;
}

/** What reading took. */
export interface ReplaySpent {
  readonly calls: number;
  /** Questions that models had answered before: nothing was spent on them. */
  readonly knownAnswers: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** Of the tokens that have a price. */
  readonly picodollars: bigint;
  readonly unpricedTokens: number;
  /** Summed over streams that were read beside each other. */
  readonly milliseconds: number;
}

export interface ReplayTotals {
  readonly streams: number;
  readonly streamsDone: number;
  readonly streamsFailed: number;
  readonly streamsPromoted: number;
  readonly failures: readonly { readonly reason: FailureReason; readonly count: number }[];
  readonly messages: number;
  readonly changes: readonly ChangeCount[];
  readonly leftOut: readonly LeftOutCount[];
  /** Of the differences, those that promoting left as they were. */
  readonly kept: number;
  readonly spent: ReplaySpent;
}

/** A replay as who started it sees it. */
export interface Replay {
  readonly id: string;
  readonly state: ReplayState;
  /** Undefined: the project. */
  readonly scope: Scope | undefined;
  readonly settings: ReplaySettings;
  readonly sample: ReplaySample;
  /** `name/version`; empty until it has read. */
  readonly extractor: string;
  readonly reconciler: string;
  /** As of its last step. */
  readonly totals: ReplayTotals;
  readonly waitingUntil: Date | undefined;
  /** Of a failed one. */
  readonly failure: FailureReason | undefined;
  readonly createdAt: Date;
  readonly readyAt: Date | undefined;
  readonly endedAt: Date | undefined;
  readonly expiresAt: Date;
}
