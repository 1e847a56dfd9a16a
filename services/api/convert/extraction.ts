import { create } from "@bufbuild/protobuf";
import type { Extraction, ExtractionState } from "@mneme/core/extraction/extraction.ts";
import { ErrorReason } from "@mneme/proto/mneme/errors/v1/error_reason_pb.js";
import {
  ExtractionSchema,
  type Extraction as WireExtraction,
  ExtractionState as WireState,
} from "@mneme/proto/mneme/extraction/v1/extraction_pb.js";
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
    memoryIds: [...extraction.memoryIds],
    attempts: extraction.attempts,
    ...(failure && { failure }),
    ...(waiting && {
      waiting: { reason: ErrorReason[waiting.reason], untilTime: fromDate(waiting.until) },
    }),
    extractor,
    createTime: fromDate(extraction.createdAt),
    extractTime: fromDate(extraction.extractedAt),
    searchableTime: fromDate(extraction.searchableAt),
  });
}
