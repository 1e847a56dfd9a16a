/**
 * What Temporal's side and its callers agree on: names, ids and inputs. Everything here ends in workflow
 * histories, so it holds ids and counts only. Imported by workflow code: nothing of Node may come in.
 */

import type { IngestTarget } from "@mneme/core/extraction/ingest-store.ts";
import type { ReindexCursor } from "@mneme/core/search/reindex.ts";

/** Where workers listen unless told otherwise. */
export const DEFAULT_TASK_QUEUE = "mneme";

/** Names under which workflows are registered; they stand in histories and never change. */
export const workflowNames = {
  ageing: "ageing",
  canary: "canary",
  batch: "batch",
  ingest: "ingest",
  maintenance: "maintenance",
  reindex: "reindex",
  move: "move",
  replay: "replay",
} as const;

/** Sent to an ingest workflow when its bucket has something new, and to a replay when somebody asks more of it. */
export const WAKE = "wake";

/** Type of the failure of a try that took longer than it may. */
export const OUT_OF_TIME = "OUT_OF_TIME";

export type { IngestTarget };

/** The workflow that has a batch read by a model's server; only one runs at a time. */
export function batchWorkflowId(tenantId: string, batchId: string): string {
  return `batch/${tenantId}/${batchId}`;
}

export interface BatchInput {
  readonly tenantId: string;
  readonly batchId: string;
  /** How long it waits before it asks how far the server is: at first, and at most; a minute and 15 by default. */
  readonly firstPauseMs?: number;
  readonly longestPauseMs?: number;
  /** After so long it asks for the end; 25 hours by default: the server promises 24. */
  readonly longestMs?: number;
  /** Then it waits so much longer at most; 30 minutes by default. */
  readonly endingMs?: number;
  /** A server that does not answer for so long is done without; 6 hours by default. */
  readonly awayMs?: number;
  /** How long it tries to keep what was answered; 12 hours by default. */
  readonly keepingMs?: number;
  /** How long it tries to leave nothing with the server; 4 days by default. */
  readonly closingMs?: number;
}

/** The workflow that works a bucket of a tenant's people; only one runs at a time. */
export function ingestWorkflowId(tenantId: string, bucket: number): string {
  return `ingest/${tenantId}/${bucket}`;
}

/** A stream whose next extraction failed, and how many tries that one had. */
export interface RetryingStream {
  readonly streamId: string;
  readonly extractionId: string;
  readonly tries: number;
  readonly reason: string;
  /** The last try failed, and another is not worth it: it is to be given up. */
  readonly isSpent: boolean;
}

export interface IngestCarried {
  /** A signal came that was not acted upon. */
  readonly woken: boolean;
  /** The index was being brought up after an outage. */
  readonly indexing: boolean;
  readonly retrying: readonly RetryingStream[];
}

export interface IngestInput extends IngestTarget {
  /** What a workflow that continues as new had not finished. */
  readonly carried?: IngestCarried;
  /** Events after which the history is continued as new; 2,000 by default. */
  readonly maxHistoryEvents?: number;
  /** How long one activity may take, a try from when its turn has come; 2 hours by default. */
  readonly maxActivityMs?: number;
}

/** The schedule that has the canaries look. One a task queue. */
export function canaryScheduleId(taskQueue: string): string {
  return `canary/${taskQueue}`;
}

/** Prefix of the runs that the schedule starts. */
export function canaryWorkflowId(taskQueue: string): string {
  return `canary-run/${taskQueue}`;
}

/** The schedule that removes what has expired. One a task queue. */
export function maintenanceScheduleId(taskQueue: string): string {
  return `maintenance/${taskQueue}`;
}

/** Prefix of the runs that the schedule starts. */
export function maintenanceWorkflowId(taskQueue: string): string {
  return `maintenance-run/${taskQueue}`;
}

/** The schedule by which a tenant's memories age; pause it in Temporal's UI to keep them as they are. */
export function ageingScheduleId(tenantId: string): string {
  return `ageing/${tenantId}`;
}

/** Prefix of the runs that the schedule starts. */
export function ageingWorkflowId(tenantId: string): string {
  return `ageing-run/${tenantId}`;
}

/** A step of ageing, by the name of its activity. */
export type AgeingStep = "consolidate" | "review" | "archive";

/** Where a step is: ids only. */
export type AgeingCursor = Readonly<Record<string, string | undefined>>;

export interface AgeingStepInput {
  readonly tenantId: string;
  /** Undefined at the step's beginning. */
  readonly cursor?: AgeingCursor | undefined;
}

/** What one call of a step did. */
export interface AgeingPage {
  /** Undefined at the step's end. */
  readonly cursor?: AgeingCursor | undefined;
  /** By what was done, e.g. `faded`. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface AgeingProgress {
  readonly done: readonly AgeingStep[];
  readonly failed: readonly AgeingStep[];
  readonly counts: AgeingPage["counts"];
  /** Of the step that is being done. */
  readonly cursor?: AgeingCursor | undefined;
  /** Which step that is; workers of before did not say, and it is begun again. */
  readonly step?: AgeingStep | undefined;
}

export interface AgeingInput {
  readonly tenantId: string;
  /** Carried over by a workflow that continues as new. */
  readonly carried?: AgeingProgress;
  /** Events after which the history is continued as new; as the server suggests by default. */
  readonly maxHistoryEvents?: number;
}

/** The workflow that takes a replay on; only one runs at a time. */
export function replayWorkflowId(tenantId: string, replayId: string): string {
  return `replay/${tenantId}/${replayId}`;
}

export interface ReplayInput {
  readonly tenantId: string;
  readonly replayId: string;
  /** Events after which the history is continued as new; 2,000 by default. */
  readonly maxHistoryEvents?: number;
}

/** The workflow that builds a pool's next index generation; only one runs at a time. */
export function reindexWorkflowId(pool: string): string {
  return `reindex/${pool}`;
}

/** Type of the failure of a reindex of a pool that is not there; its message says which are. */
export const POOL_UNKNOWN = "POOL_UNKNOWN";

/** Asks a reindex how far it is. */
export const REINDEX_PROGRESS = "progress";

export interface ReindexProgress {
  readonly phase: "building" | "copying" | "catching-up" | "comparing" | "swapping" | "done";
  /** The one being built; 0 before it exists. */
  readonly generation: number;
  readonly written: number;
  /** Documents that the index refuses for good. */
  readonly refused: number;
  /** Documents whose vector had to be made anew. */
  readonly embedded: number;
  /** The last version copied. */
  readonly cursor?: ReindexCursor | undefined;
  /** Of the record: what changed after it is copied again. Absent where the writers write it themselves. */
  readonly mark?: string | undefined;
}

export interface ReindexInput {
  /** The one of the worker's MNEME_INDEX_POOL where it is absent. */
  readonly pool?: string | undefined;
  /** How long the old generation outlives the swap, for searches that began before; 10,000 by default. */
  readonly graceMs?: number;
  /** Carried over by a workflow that continues as new. */
  readonly carried?: ReindexProgress;
}

/** The workflow that moves a tenant's part of the index; only one runs at a time. */
export function moveWorkflowId(tenantId: string): string {
  return `move/${tenantId}`;
}

/** Sent to a move with the pool that the tenant is wanted in: it goes there once it has ended what it does. */
export const MOVE_TO = "moveTo";

/** Asks a move how far it is. */
export const MOVE_PROGRESS = "progress";

export interface MoveProgress {
  /** `preparing` also while a reindex of either pool is waited for; `leaving` removes what was left behind. */
  readonly phase: "preparing" | "copying" | "comparing" | "swapping" | "leaving" | "done";
  /** The pool that it is being moved to. */
  readonly to: string;
  readonly written: number;
  /** Documents that the index refuses for good. */
  readonly refused: number;
  /** Documents whose vector had to be made anew. */
  readonly embedded: number;
  /** Documents removed from where the tenant was; a pool of its own goes whole, and counts none. */
  readonly removed: number;
  /** The last version copied. */
  readonly cursor?: ReindexCursor | undefined;
}

export interface MoveInput {
  readonly tenantId: string;
  /** A pool, as `poolFor`; empty for what the record has as wanted. */
  readonly to: string;
  /** How long what was read before stays after the swap, for searches and writes on their way; 10,000 by default. */
  readonly graceMs?: number | undefined;
  /** Carried over by a workflow that continues as new. */
  readonly carried?: MoveProgress;
}
