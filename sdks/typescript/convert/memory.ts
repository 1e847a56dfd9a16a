import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  ArchiveReasonSchema,
  type MemoryDraftSchema,
  MemoryKindSchema,
  MemoryOriginSchema,
  ReconcileOutcomeSchema,
  type ArchiveReason as WireArchiveReason,
  type MemoryKind as WireKind,
  type Memory as WireMemory,
  type MemoryOrigin as WireOrigin,
  type ReconcileOutcome as WireOutcome,
  type Source as WireSource,
} from "@mneme/proto/mneme/memory/v1/memory_pb.js";
import type { MemoryUpdateSchema } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { invalidField } from "../errors/errors.ts";
import type {
  ArchiveReason,
  Memory,
  MemoryDraft,
  MemoryKind,
  MemoryOrigin,
  MemoryPatch,
  MemoryUpdate,
  Provenance,
  ReconcileOutcome,
  Source,
} from "../types/memory.ts";
import { enumCodec } from "./enum.ts";
import { roles } from "./message.ts";
import { metadataFromWire, metadataToWire, scopeFromWire } from "./scope.ts";
import { fromDate, toDate } from "./time.ts";

export const kinds = enumCodec<MemoryKind, WireKind>(MemoryKindSchema);
export const origins = enumCodec<MemoryOrigin, WireOrigin>(MemoryOriginSchema);
export const outcomes = enumCodec<ReconcileOutcome, WireOutcome>(ReconcileOutcomeSchema);

export const archiveReasons = enumCodec<ArchiveReason, WireArchiveReason>(ArchiveReasonSchema);

export function memoryFromWire(memory: WireMemory): Memory {
  return {
    id: memory.id,
    version: memory.version,
    etag: memory.etag,
    text: memory.text,
    kind: kinds.fromWire(memory.kind),
    category: memory.category,
    confidence: memory.confidence,
    importance: memory.importance,
    origin: origins.fromWire(memory.origin),
    scope: scopeFromWire(memory.scope),
    entities: memory.entities.map(({ name, type }) => ({ name, type })),
    sources: memory.sources.map(sourceFromWire),
    derivedFrom: [...memory.derivedFrom],
    metadata: metadataFromWire(memory.metadata),
    validFrom: toDate(memory.validFrom),
    validTo: toDate(memory.validTo),
    recordedFrom: toDate(memory.recordedFrom),
    recordedTo: toDate(memory.recordedTo),
    replacedBy: memory.replacedBy || undefined,
    createTime: toDate(memory.createTime),
    expireTime: toDate(memory.expireTime),
    reviewTime: toDate(memory.reviewTime),
    provenance: provenanceFromWire(memory.provenance),
    outcome: outcomes.fromWire(memory.outcome),
    archiveTime: toDate(memory.archiveTime),
    archiveReason: archiveReasons.fromWire(memory.archiveReason),
  };
}

function sourceFromWire(source: WireSource): Source {
  return {
    messageId: source.messageId,
    start: source.start,
    end: source.end,
    role: roles.fromWire(source.role),
    name: source.name || undefined,
    text: source.text,
    sentAt: toDate(source.sentAt),
  };
}

export function provenanceFromWire(provenance: WireMemory["provenance"]): Provenance | undefined {
  if (provenance === undefined) return undefined;
  const { extractor, extractorVersion, embeddingModel, extractionId, rule } = provenance;
  return {
    extractor,
    extractorVersion,
    embeddingModel,
    extractionId: extractionId || undefined,
    rule: rule || undefined,
  };
}

type DraftInit = MessageInitShape<typeof MemoryDraftSchema>;

/** A draft, or its text alone, as it is sent; `field` is its path in the request, for errors. */
export function draftToWire(draft: string | MemoryDraft, field: string): DraftInit {
  const given = typeof draft === "string" ? { text: draft } : draft;
  if (typeof given?.text !== "string") throw invalidField(`${field}.text`, "must be a string");
  return draftFields(given, field);
}

function draftFields(draft: Partial<MemoryDraft>, field: string): DraftInit {
  return defined({
    text: draft.text,
    kind: kinds.toWire(draft.kind, `${field}.kind`),
    category: draft.category,
    confidence: draft.confidence,
    importance: draft.importance,
    origin: origins.toWire(draft.origin, `${field}.origin`),
    metadata: metadataToWire(draft.metadata, `${field}.metadata`),
    saidAt: fromDate(draft.saidAt, `${field}.said_at`),
    validFrom: fromDate(draft.validFrom, `${field}.valid_from`),
    validTo: fromDate(draft.validTo, `${field}.valid_to`),
    expireTime: fromDate(draft.expireTime, `${field}.expire_time`),
    reviewTime: fromDate(draft.reviewTime, `${field}.review_time`),
  });
}

const MASK_PATHS: Readonly<Record<keyof MemoryPatch, string>> = {
  text: "text",
  kind: "kind",
  category: "category",
  confidence: "confidence",
  importance: "importance",
  metadata: "metadata",
  validFrom: "valid_from",
  validTo: "valid_to",
  expireTime: "expire_time",
  reviewTime: "review_time",
};

/** What may be null: unset is a value of its own there. */
const CLEARABLE: ReadonlySet<string> = new Set<keyof MemoryPatch>(["validTo", "expireTime", "reviewTime"]);

/**
 * A change as it is sent: the mask names exactly the patch's own fields; one of undefined is not named.
 * @throws InvalidArgumentError when nothing, or something unknown, is to be changed, or what must have a value
 * is to be cleared.
 */
export function updateToWire(
  update: MemoryUpdate,
  field: string,
): MessageInitShape<typeof MemoryUpdateSchema> {
  const named = Object.entries(update.patch).filter(([, value]) => value !== undefined);
  const paths = named.map(([name, value]) => {
    if (!Object.hasOwn(MASK_PATHS, name)) throw invalidField(`${field}.memory.${name}`, "cannot be changed");
    const path = MASK_PATHS[name as keyof MemoryPatch];
    if (value === null && !CLEARABLE.has(name))
      throw invalidField(`${field}.memory.${path}`, "must have a value: it cannot be cleared");
    return path;
  });
  if (paths.length === 0) throw invalidField(`${field}.update_mask`, "name at least one field to change");
  const written = Object.fromEntries(named.filter(([, value]) => value !== null)) as Partial<MemoryDraft>;
  return {
    memoryId: update.id,
    memory: draftFields(written, `${field}.memory`),
    updateMask: { paths },
    etag: update.etag ?? "",
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without members of undefined, which protobuf's initialisers do not take. */
export function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>;
}
