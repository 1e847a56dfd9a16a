import { create } from "@bufbuild/protobuf";
import type { Extraction, ExtractionState } from "@mneme/core/extraction/extraction.ts";
import { ErrorReason } from "@mneme/proto/mneme/errors/v1/error_reason_pb.js";
import {
  ExtractionSchema,
  type Extraction as WireExtraction,
  ExtractionState as WireState,
} from "@mneme/proto/mneme/extraction/v1/extraction_pb.js";
import { fromScope } from "./scope.ts";
import { fromDate } from "./time.ts";

const STATES: Readonly<Record<ExtractionState, WireState>> = {
  queued: WireState.QUEUED,
  running: WireState.RUNNING,
  extracted: WireState.EXTRACTED,
  searchable: WireState.SEARCHABLE,
  failed: WireState.FAILED,
  dropped: WireState.DROPPED,
};

/** Why an extraction failed and what to do, without a word of what was in it. */
const ADVICE: Readonly<Record<string, string>> = {
  MODEL_OUTPUT_INVALID: "the model did not answer with statements; try again or use another model",
  MODEL_REFUSED: "the model refused to read these messages; use another model",
  MODEL_RATE_LIMITED: "the model's server limits the rate; try again later",
  MODEL_TIMEOUT: "the model did not answer in time; try again",
  EMBEDDING_DIMENSION_MISMATCH: "the embedder's vectors do not fit the index; reindex with this model first",
  DEPENDENCY_UNAVAILABLE: "a part of the system does not answer; it is tried again",
  INTERNAL: "something broke on our side; try again, and report it if it stays",
};

/** Unset means any. */
export function toExtractionState(wire: WireState): ExtractionState | undefined {
  return (Object.keys(STATES) as ExtractionState[]).find((state) => STATES[state] === wire);
}

export function fromExtraction(extraction: Extraction): WireExtraction {
  const { failure, extractor } = extraction;
  return create(ExtractionSchema, {
    id: extraction.id,
    state: STATES[extraction.state],
    scope: fromScope(extraction.scope),
    messageCount: extraction.messageCount,
    counts: { ...extraction.counts },
    memoryIds: [...extraction.memoryIds],
    attempts: extraction.attempts,
    ...(failure && {
      failure: {
        reason: ErrorReason[failure.reason as keyof typeof ErrorReason] ?? ErrorReason.INTERNAL,
        message: ADVICE[failure.reason] ?? "the extraction failed; try again",
        failTime: fromDate(failure.failedAt),
      },
    }),
    extractor,
    createTime: fromDate(extraction.createdAt),
    extractTime: fromDate(extraction.extractedAt),
    searchableTime: fromDate(extraction.searchableAt),
  });
}
