import type { MemoryKind, MemoryOrigin } from "./memory.ts";
import type { Scope } from "./scope.ts";
import type { ExtractionSettings, ModelSettings } from "./settings.ts";

/** Where a replay stands; one that waits for a budget goes on by itself, one that failed can be resumed. */
export type ReplayState =
  | "queued"
  | "running"
  | "waiting"
  | "ready"
  | "promoting"
  | "promoted"
  | "cancelled"
  | "discarded"
  | "failed";

/** What a replay makes of a memory. */
export type ReplayChange = "same" | "added" | "removed" | "changed";

/** What a replay reads by; what is unset is the project's. */
export interface ReplaySettings {
  readonly extraction?: ExtractionSettings | undefined;
  readonly models?: Omit<ModelSettings, "embedder"> | undefined;
}

/** Which people and shared scopes are read; all if unset. */
export interface ReplaySample {
  /** Of a hundred, 0.01 to 100. */
  readonly percent?: number | undefined;
  readonly maxStreams?: number | undefined;
  /** The same seed chooses the same ones; 0 if unset. */
  readonly seed?: number | undefined;
}

/** How many memories became what. */
export interface ChangeCount {
  readonly change: ReplayChange | undefined;
  readonly kind: MemoryKind | undefined;
  readonly category: string;
  readonly count: number;
}

/** What a replay came to so far. */
export interface ReplayTotals {
  /** People and shared scopes that were chosen, read to their end, failed, and promoted. */
  readonly streams: number;
  readonly doneStreams: number;
  readonly failedStreams: number;
  readonly promotedStreams: number;
  /** Reasons such as `MODEL_REFUSED`. */
  readonly failures: readonly { readonly reason: string; readonly count: number }[];
  readonly messages: number;
  readonly changes: readonly ChangeCount[];
  /** Memories that are not compared: given, changed_by_hand, derived, archived, not_read, beside_deleted. */
  readonly leftOut: readonly { readonly reason: string | undefined; readonly count: number }[];
  /** Differences that promoting leaves as they are, because people have rated the memory. */
  readonly kept: number;
  readonly spent: ReplaySpent;
}

/** What a replay took. */
export interface ReplaySpent {
  readonly calls: number;
  /** Questions that had been answered before: they cost nothing. */
  readonly knownAnswers: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** Of the tokens that have a price, rounded up. */
  readonly microdollars: number;
  readonly unpricedTokens: number;
  /** Milliseconds, summed over those who were read beside each other. */
  readonly workMs: number;
}

/** Conversations that are read again in another way. */
export interface Replay {
  readonly id: string;
  /** Undefined where a newer server knows more. */
  readonly state: ReplayState | undefined;
  /** Undefined for the whole project. */
  readonly scope: Scope | undefined;
  readonly settings: ReplaySettings;
  readonly sample: ReplaySample;
  /** Name and version; empty until it has read. */
  readonly extractor: string;
  /** Empty where rules decide what statements mean for what is known. */
  readonly reconciler: string;
  /** As of its last step. */
  readonly totals: ReplayTotals;
  /** While it waits for a budget: when it goes on at the latest. */
  readonly waitingUntilTime: Date | undefined;
  /** Why it failed, such as `INTERNAL`. */
  readonly failureReason: string | undefined;
  readonly createTime: Date | undefined;
  readonly readyTime: Date | undefined;
  readonly endTime: Date | undefined;
  /** Nothing of it is kept longer. */
  readonly expireTime: Date | undefined;
}

/** A memory as one of the two has it. */
export interface ReplayedMemory {
  readonly text: string;
  readonly kind: MemoryKind | undefined;
  readonly category: string;
  readonly confidence: number;
  readonly importance: number;
  readonly origin: MemoryOrigin | undefined;
  readonly validFromTime: Date | undefined;
  readonly validToTime: Date | undefined;
}

/** A memory that a replay found otherwise than it is known. */
export interface ReplayDifference {
  readonly id: string;
  /** Never "same". */
  readonly change: ReplayChange | undefined;
  /** `kept`: people have rated the memory, and it stays as it is. */
  readonly state: "open" | "applied" | "kept" | undefined;
  /** Of a changed one, e.g. `text`, `valid_to`. */
  readonly changedFields: readonly string[];
  /** Undefined of an added one that is not applied. */
  readonly memoryId: string | undefined;
  readonly scope: Scope;
  /** As it is known; undefined of an added one. */
  readonly before: ReplayedMemory | undefined;
  /** As the replay has it; undefined of a removed one. */
  readonly after: ReplayedMemory | undefined;
}
