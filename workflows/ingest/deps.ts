import type { IngestDeps } from "@mneme/core/extraction/ingest-deps.ts";
import type { FairTurns } from "@mneme/core/limits/fair-turns.ts";
import type { IngestTarget } from "../contract.ts";
import type { Guard } from "../guard.ts";
import type { WorkerMetrics } from "../metrics.ts";
import type { Desk } from "./desk.ts";

/** How much one activity takes on. */
export interface StayLimits {
  /** Messages a batch. */
  readonly batch: number;
  /** Documents a bulk write. */
  readonly indexBatch: number;
  /** How long the first of a flood waits for the rest of a bulk write, in milliseconds. */
  readonly putOffMs: number;
  /** How long an activity stays for what comes next after its last message, in milliseconds. */
  readonly lingerMs: number;
  /** At least so long from one batch's beginning to the next, unless more is known to wait. */
  readonly gatherMs: number;
  /** How often it looks meanwhile. */
  readonly lookMs: number;
  /** Activities beyond which none lingers: the others' work goes first. */
  readonly seats: number;
  /** People that a model has not begun to read by then, in milliseconds, are left for the next batch. */
  readonly beginMs: number;
  /** A batch ends when no reading of a model began or ended for so long, in milliseconds: what goes on is slow. */
  readonly quietMs: number;
  /** An activity begins no batch after so long, in milliseconds, and reports, unless it has slow readings. */
  readonly stayMs: number;
  /** While those go on it serves the others for so long in all; then whoever is still read is left to a try alone. */
  readonly slowMs: number;
}

export interface IngestActivityDeps extends Guard {
  readonly ingest: IngestDeps;
  readonly metrics: WorkerMetrics;
  readonly limits: StayLimits;
  /** For batches: bounds what is in memory at once; tenants take turns. */
  readonly inTurn: FairTurns;
  /** The same for streams that are tried alone: one that takes long keeps no batch waiting. */
  readonly aloneInTurn: FairTurns;
  /** Where the relay of this process hands over what is new. */
  readonly desk: Desk;
  /** Aborted when the worker is asked to stop: activities then finish what they hold and return. */
  readonly draining: AbortSignal;
}

export interface WorkInput extends IngestTarget {
  /** Streams that are being tried again on their own. */
  readonly exclude: readonly string[];
  /** False while somebody else brings the index up. */
  readonly index: boolean;
}

/** A try that was counted. */
export interface FailedTry {
  /** The stream's next: what is given up after the last try. */
  readonly extractionId: string;
  readonly reason: string;
  readonly retryable: boolean;
  /** How long the model's server asks to be left alone. */
  readonly retryAfterMs?: number | undefined;
}

/** Ids and counts only. */
export interface WorkReport {
  readonly batches: number;
  readonly messages: number;
  readonly written: number;
  readonly removed: number;
  readonly refused: number;
  readonly failed: readonly (FailedTry & { readonly streamId: string })[];
  /** Streams that were still read when it returned: nothing of that is kept, and no try was counted. */
  readonly slow?: readonly string[];
  /** True when it returned before everything was worked. */
  readonly more: boolean;
  /** True when the index did not take what was worked. */
  readonly unindexed: boolean;
}

export interface StreamInput {
  readonly tenantId: string;
  readonly streamId: string;
}

export interface TryInput extends StreamInput {
  /** How long the try may take once it has begun. */
  readonly maxMs: number;
}

export interface StreamReport {
  readonly messages: number;
  readonly failed?: FailedTry;
}

export interface GiveUpInput extends StreamInput {
  readonly extractionId: string;
  readonly reason: string;
}
