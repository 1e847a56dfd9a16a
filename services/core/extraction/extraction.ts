import type { Scope } from "../tenancy/scope.ts";
import type { DirectReason } from "./bulk/bulk-store.ts";
import type { FailureReason } from "./failure-reason.ts";
import type { SensitiveKind } from "./sensitive/sensitive-kind.ts";
import type { CategoryRule } from "./sort-statements.ts";

export type ExtractionState = "queued" | "running" | "extracted" | "searchable" | "failed" | "dropped";

export interface ExtractionCounts {
  readonly added: number;
  readonly updated: number;
  readonly superseded: number;
  readonly unchanged: number;
  readonly deleted: number;
  readonly dropped: number;
}

/** Statements by what they held. */
export type SensitiveCounts = Readonly<Partial<Record<SensitiveKind, number>>>;

/** Statements by the rule that does not keep their category. */
export type CategoryCounts = Readonly<Partial<Record<CategoryRule, number>>>;

/** One accepted add, with its state. */
export interface Extraction {
  readonly id: string;
  readonly state: ExtractionState;
  readonly scope: Scope;
  readonly messageCount: number;
  readonly counts: ExtractionCounts;
  /** Of the dropped ones, those that held what the project keeps out; absent where none did. */
  readonly droppedSensitive?: SensitiveCounts;
  /** Of the dropped ones, those of categories that the project does not keep; absent where none were. */
  readonly droppedByCategory?: CategoryCounts;
  readonly memoryIds: readonly string[];
  readonly attempts: number;
  readonly failure: { readonly reason: FailureReason; readonly failedAt: Date } | undefined;
  /** What it waits for, and until when at most; undefined where nothing keeps it. */
  readonly waiting: { readonly reason: "BUDGET_EXCEEDED" | "BATCH"; readonly until: Date } | undefined;
  /** How soon it was asked to be read: `bulk` may wait for a batch. */
  readonly processing: "now" | "bulk";
  /** Why what may wait was read by calls of its own. */
  readonly directReason: DirectReason | undefined;
  /** `name/version`; empty until it ran. */
  readonly extractor: string;
  readonly createdAt: Date;
  readonly extractedAt: Date | undefined;
  readonly searchableAt: Date | undefined;
}

/** True once it will not change any more, but for a retry. */
export function isSettled(state: ExtractionState): boolean {
  return state === "searchable" || state === "failed" || state === "dropped";
}
