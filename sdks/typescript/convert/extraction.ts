import { ErrorReason } from "@mneme/proto/mneme/errors/v1/error_reason_pb.js";
import {
  CategoryRuleSchema,
  type DirectReason,
  DirectReasonSchema,
  ExtractionStateSchema,
  ProcessingSchema,
  type WaitingCause,
  WaitingCauseSchema,
  type CategoryRule as WireCategoryRule,
  type Extraction as WireExtraction,
  type ExtractionFailure as WireFailure,
  type Processing as WireProcessing,
  type ExtractionState as WireState,
} from "@mneme/proto/mneme/extraction/v1/extraction_pb.js";
import {
  SensitiveKindSchema,
  type SensitiveKind as WireSensitiveKind,
} from "@mneme/proto/mneme/extraction/v1/sensitive_kind_pb.js";
import type {
  CategoryRule,
  Extraction,
  ExtractionFailure,
  ExtractionState,
  Processing,
  SensitiveKind,
} from "../types/extraction.ts";
import { enumCodec } from "./enum.ts";
import { scopeFromWire } from "./scope.ts";
import { toDate } from "./time.ts";

const causes = enumCodec<"budget" | "batch", WaitingCause>(WaitingCauseSchema);
const categoryRules = enumCodec<CategoryRule, WireCategoryRule>(CategoryRuleSchema);
const directReasons = enumCodec<NonNullable<Extraction["directReason"]>, DirectReason>(DirectReasonSchema);
export const processings = enumCodec<Processing, WireProcessing>(ProcessingSchema);
export const states = enumCodec<ExtractionState, WireState>(ExtractionStateSchema);

export const sensitiveKinds = enumCodec<SensitiveKind, WireSensitiveKind>(SensitiveKindSchema);

export function extractionFromWire(extraction: WireExtraction): Extraction {
  return {
    id: extraction.id,
    state: states.fromWire(extraction.state),
    scope: scopeFromWire(extraction.scope),
    messageCount: extraction.messageCount,
    counts: countsFromWire(extraction.counts),
    droppedSensitive: sensitiveFromWire(extraction.droppedSensitive),
    droppedByCategory: byCategoryFromWire(extraction.droppedByCategory),
    memoryIds: [...extraction.memoryIds],
    attempts: extraction.attempts,
    failure: extraction.failure && failureFromWire(extraction.failure),
    waiting: extraction.waiting && {
      cause: causes.fromWire(extraction.waiting.cause),
      untilTime: toDate(extraction.waiting.untilTime),
    },
    processing: processings.fromWire(extraction.processing),
    directReason: directReasons.fromWire(extraction.directReason),
    extractor: extraction.extractor,
    createTime: toDate(extraction.createTime),
    extractTime: toDate(extraction.extractTime),
    searchableTime: toDate(extraction.searchableTime),
  };
}

function countsFromWire(counts: WireExtraction["counts"]): Extraction["counts"] {
  const { added = 0, updated = 0, superseded = 0, unchanged = 0, deleted = 0, dropped = 0 } = counts ?? {};
  return { added, updated, superseded, unchanged, deleted, dropped };
}

function sensitiveFromWire(counts: WireExtraction["droppedSensitive"]): Extraction["droppedSensitive"] {
  const byKind = counts.map(({ kind, count }) => [sensitiveKinds.fromWire(kind), count] as const);
  return Object.fromEntries(byKind.filter(([kind]) => kind !== undefined));
}

function byCategoryFromWire(counts: WireExtraction["droppedByCategory"]): Extraction["droppedByCategory"] {
  const byRule = counts.map(({ rule, count }) => [categoryRules.fromWire(rule), count] as const);
  return Object.fromEntries(byRule.filter(([rule]) => rule !== undefined));
}

function failureFromWire(failure: WireFailure): ExtractionFailure {
  return {
    // Reasons keep their upper case: they are the same words as in an error's ErrorInfo.
    reason: failure.reason === 0 ? undefined : ErrorReason[failure.reason],
    message: failure.message,
    failTime: toDate(failure.failTime),
  };
}
