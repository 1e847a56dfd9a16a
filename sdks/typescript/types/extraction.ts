import type { Reason } from "../errors/reason.ts";
import type { Scope } from "./scope.ts";

/** Where an extraction stands. It only moves forward, but for a retry of a failed one. */
export type ExtractionState = "queued" | "running" | "extracted" | "searchable" | "failed" | "dropped";

/** One accepted add, with its state. */
export interface Extraction {
  readonly id: string;
  readonly state: ExtractionState | undefined;
  readonly scope: Scope;
  readonly messageCount: number;
  readonly counts: ExtractionCounts;
  /** Of the dropped statements, those that held what the project keeps out, by kind. */
  readonly droppedSensitive: { readonly [Kind in SensitiveKind]?: number };
  /** Of the dropped statements, those of categories that the project does not keep, by the rule that says so. */
  readonly droppedByCategory: { readonly [Rule in CategoryRule]?: number };
  /**
   * The memories that it added, changed or confirmed, the oldest first: 10,000 at most, and 100 in a list. The
   * counts tell of all. Empty while it is queued or running.
   */
  readonly memoryIds: readonly string[];
  /** Tries that failed so far; an engine or model server that is away is waited for and counts as none. */
  readonly attempts: number;
  /** Why the last try failed, if one did. */
  readonly failure: ExtractionFailure | undefined;
  /** What keeps it though it could be worked on; undefined where nothing does. It goes on by itself. */
  readonly waiting: ExtractionWaiting | undefined;
  /** How soon it was asked to be read. */
  readonly processing: Processing | undefined;
  /** Why it was read by calls of its own though it could wait for a batch. */
  readonly directReason: "off" | "unsupported" | "budget" | "unanswered" | undefined;
  /** Name and version of what extracted; "import/1" of statements that were stored as they were sent. */
  readonly extractor: string;
  readonly createTime: Date | undefined;
  /** When its memories were committed. */
  readonly extractTime: Date | undefined;
  /** When they could first be found. */
  readonly searchableTime: Date | undefined;
}

/** What a project may have kept out of its memories. */
export type SensitiveKind = "payment" | "credentials" | "government_id" | "health" | "contact";

/**
 * By which settings a project does not keep a category: `not_included` where `extraction.include_categories` does not name
 * it, `excluded` where `extraction.exclude_categories` does.
 */
export type CategoryRule = "not_included" | "excluded";

/** How soon an add is to be read; `bulk` may wait a day, and costs less where the project has batches. */
export type Processing = "now" | "bulk";

/** What an extraction waits for. */
export interface ExtractionWaiting {
  /** A budget for models, or a batch. Undefined where a newer server knows more. */
  readonly cause: "budget" | "batch" | undefined;
  /** When it goes on at the latest. */
  readonly untilTime: Date | undefined;
}

/** What became of an extraction's statements. */
export interface ExtractionCounts {
  readonly added: number;
  readonly updated: number;
  readonly superseded: number;
  readonly unchanged: number;
  readonly deleted: number;
  /**
   * Turns without anything to remember, and statements that were deleted after they were said, or that the project does
   * not keep: they stay away.
   */
  readonly dropped: number;
}

/** Why a try failed. */
export interface ExtractionFailure {
  readonly reason: Reason | undefined;
  /** What happened and what to do; never holds a person's text. */
  readonly message: string;
  readonly failTime: Date | undefined;
}
