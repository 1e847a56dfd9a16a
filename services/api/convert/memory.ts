import { create } from "@bufbuild/protobuf";
import type { ArchiveReason } from "@mneme/core/memory/archive.ts";
import type {
  Memory,
  MemoryDraft,
  MemoryKind,
  MemoryOrigin,
  ReconcileOutcome,
} from "@mneme/core/memory/memory.ts";
import {
  MemorySchema,
  ArchiveReason as WireArchiveReason,
  type MemoryDraft as WireDraft,
  MemoryKind as WireKind,
  type Memory as WireMemory,
  MemoryOrigin as WireOrigin,
  ReconcileOutcome as WireOutcome,
} from "@mneme/proto/mneme/memory/v1/memory_pb.js";
import { keyOf } from "./enum-table.ts";
import { fromRole } from "./message.ts";
import { fromMetadata, fromScope, toMetadata } from "./scope.ts";
import { fromDate, toDate } from "./time.ts";

const KINDS: Readonly<Record<MemoryKind, WireKind>> = {
  semantic: WireKind.SEMANTIC,
  episodic: WireKind.EPISODIC,
  procedural: WireKind.PROCEDURAL,
};
const ORIGINS: Readonly<Record<MemoryOrigin, WireOrigin>> = {
  stated: WireOrigin.STATED,
  inferred: WireOrigin.INFERRED,
  tool: WireOrigin.TOOL,
};
export const OUTCOMES: Readonly<Record<ReconcileOutcome, WireOutcome>> = {
  add: WireOutcome.ADD,
  update: WireOutcome.UPDATE,
  supersede: WireOutcome.SUPERSEDE,
  noop: WireOutcome.NOOP,
  delete: WireOutcome.DELETE,
};

const ARCHIVE_REASONS: Readonly<Record<ArchiveReason, WireArchiveReason>> = {
  by_hand: WireArchiveReason.BY_HAND,
  consolidated: WireArchiveReason.CONSOLIDATED,
  faded: WireArchiveReason.FADED,
  inactive: WireArchiveReason.INACTIVE,
  stale: WireArchiveReason.STALE,
  full: WireArchiveReason.FULL,
};

export function fromArchiveReason(reason: ArchiveReason | undefined): WireArchiveReason {
  return reason ? ARCHIVE_REASONS[reason] : WireArchiveReason.UNSPECIFIED;
}

export const fromKind = (kind: MemoryKind): WireKind => KINDS[kind];
export const fromOrigin = (origin: MemoryOrigin): WireOrigin => ORIGINS[origin];

/** Semantic if unset. */
export function toKind(wire: WireKind): MemoryKind {
  return keyOf(KINDS, wire) ?? "semantic";
}

/** Undefined if unset. */
export function toSetKind(wire: WireKind): MemoryKind | undefined {
  return keyOf(KINDS, wire);
}

/** Fills in the defaults that the contract names. */
export function toDraft(wire: WireDraft): MemoryDraft {
  return {
    text: wire.text,
    kind: toKind(wire.kind),
    category: wire.category || "other",
    confidence: wire.confidence ?? 1,
    importance: wire.importance ?? 0.5,
    origin: keyOf(ORIGINS, wire.origin) ?? "stated",
    metadata: toMetadata(wire.metadata),
    validFrom: toDate(wire.validFrom),
    validTo: toDate(wire.validTo),
    expiresAt: toDate(wire.expireTime),
    reviewAt: toDate(wire.reviewTime),
  };
}

export function fromMemory(memory: Memory): WireMemory {
  return create(MemorySchema, {
    id: memory.id,
    version: memory.version,
    etag: memory.etag,
    text: memory.text,
    kind: KINDS[memory.kind],
    category: memory.category,
    confidence: memory.confidence,
    importance: memory.importance,
    origin: ORIGINS[memory.origin],
    scope: fromScope(memory.scope),
    entities: memory.entities.map(({ name, type }) => ({ name, type })),
    sources: memory.sources.map((source) => ({
      messageId: source.messageId,
      start: source.start,
      end: source.end,
      role: fromRole(source.role),
      name: source.name ?? "",
      text: source.text,
      sentAt: fromDate(source.sentAt),
    })),
    derivedFrom: [...memory.derivedFrom],
    metadata: fromMetadata(memory.metadata),
    validFrom: fromDate(memory.validFrom),
    validTo: fromDate(memory.validTo),
    recordedFrom: fromDate(memory.recordedFrom),
    recordedTo: fromDate(memory.recordedTo),
    replacedBy: memory.replacedBy ?? "",
    createTime: fromDate(memory.createdAt),
    expireTime: fromDate(memory.expiresAt),
    reviewTime: fromDate(memory.reviewAt),
    provenance: {
      extractor: memory.extractor,
      extractorVersion: memory.extractorVersion,
      embeddingModel: memory.embeddingModel,
      extractionId: memory.extractionId ?? "",
      rule: memory.rule ?? "",
    },
    outcome: OUTCOMES[memory.outcome],
    archiveTime: fromDate(memory.archived?.at),
    archiveReason: fromArchiveReason(memory.archived?.reason),
  });
}
