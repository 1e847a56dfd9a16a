import { create } from "@bufbuild/protobuf";
import type { Extraction, ExtractionState } from "@mneme/core/extraction/extraction.ts";
import { ErrorReason } from "@mneme/proto/mneme/errors/v1/error_reason_pb.js";
import {
  DirectReason,
  ExtractionSchema,
  ExtractionWaitingSchema,
  Processing,
  WaitingCause,
  type Extraction as WireExtraction,
  ExtractionState as WireState,
} from "@mneme/proto/mneme/extraction/v1/extraction_pb.js";
import { fromCategoryCounts } from "./category-rule.ts";
import { fromFailure } from "./extraction-failure.ts";
import { fromScope } from "./scope.ts";
import { fromSensitiveCounts } from "./sensitive-kind.ts";
import { fromDate } from "./time.ts";

const STATES: Readonly<Record<ExtractionState, WireState>> = {
  queued: WireState.QUEUED,
  running: WireState.RUNNING,
  extracted: WireState.EXTRACTED,
  searchable: WireState.SEARCHABLE,
  failed: WireState.FAILED,
  dropped: WireState.DROPPED,
};

const PROCESSING: Readonly<Record<Extraction["processing"], Processing>> = {
  now: Processing.NOW,
  bulk: Processing.BULK,
};

const DIRECT: Readonly<Record<NonNullable<Extraction["directReason"]>, DirectReason>> = {
  off: DirectReason.OFF,
  unsupported: DirectReason.UNSUPPORTED,
  budget: DirectReason.BUDGET,
  unanswered: DirectReason.UNANSWERED,
};

export function toProcessing(wire: Processing): Extraction["processing"] {
  return wire === Processing.BULK ? "bulk" : "now";
}

/** Unset means any. */
export function toExtractionState(wire: WireState): ExtractionState | undefined {
  return (Object.keys(STATES) as ExtractionState[]).find((state) => STATES[state] === wire);
}

export function fromExtraction(extraction: Extraction): WireExtraction {
  const { extractor, waiting } = extraction;
  const failure = fromFailure(extraction);
  return create(ExtractionSchema, {
    id: extraction.id,
    state: STATES[extraction.state],
    scope: fromScope(extraction.scope),
    messageCount: extraction.messageCount,
    counts: { ...extraction.counts },
    droppedSensitive: fromSensitiveCounts(extraction.droppedSensitive ?? {}),
    droppedByCategory: fromCategoryCounts(extraction.droppedByCategory ?? {}),
    memoryIds: [...extraction.memoryIds],
    attempts: extraction.attempts,
    ...(failure && { failure }),
    ...(waiting && { waiting: fromWaiting(waiting) }),
    processing: PROCESSING[extraction.processing],
    ...(extraction.directReason && { directReason: DIRECT[extraction.directReason] }),
    extractor,
    createTime: fromDate(extraction.createdAt),
    extractTime: fromDate(extraction.extractedAt),
    searchableTime: fromDate(extraction.searchableAt),
  });
}

function fromWaiting({ reason, until }: NonNullable<Extraction["waiting"]>) {
  const untilTime = fromDate(until);
  return create(
    ExtractionWaitingSchema,
    reason === "BATCH"
      ? { cause: WaitingCause.BATCH, untilTime }
      : { cause: WaitingCause.BUDGET, reason: ErrorReason[reason], untilTime },
  );
}
