import { create } from "@bufbuild/protobuf";
import type { RestoreReason } from "@mneme/core/memory/archive.ts";
import type { HistoryEntry, HistoryEvent, HistorySource, MemoryHistory } from "@mneme/core/memory/history.ts";
import {
  HistoryEntrySchema,
  HistorySourceSchema,
  HistoryEvent as WireEvent,
  RestoreReason as WireRestoreReason,
} from "@mneme/proto/mneme/memory/v1/history_pb.js";
import { GetMemoryHistoryResponseSchema } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { fromArchiveReason, OUTCOMES } from "./memory.ts";
import { fromRole } from "./message.ts";
import { fromDate } from "./time.ts";

const EVENTS: Readonly<Record<HistoryEvent, WireEvent>> = {
  told: WireEvent.TOLD,
  imported: WireEvent.IMPORTED,
  said_again: WireEvent.SAID_AGAIN,
  reworded: WireEvent.REWORDED,
  ended: WireEvent.ENDED,
  by_hand: WireEvent.BY_HAND,
  changed: WireEvent.CHANGED,
  archived: WireEvent.ARCHIVED,
  restored: WireEvent.RESTORED,
  consolidated: WireEvent.CONSOLIDATED,
};
const RESTORE_REASONS: Readonly<Record<RestoreReason, WireRestoreReason>> = {
  by_hand: WireRestoreReason.BY_HAND,
  told_again: WireRestoreReason.TOLD_AGAIN,
  returned: WireRestoreReason.RETURNED,
  undone: WireRestoreReason.UNDONE,
};

export function fromHistory({ entries, story, truncated }: MemoryHistory) {
  return create(GetMemoryHistoryResponseSchema, { entries: entries.map(fromEntry), story, truncated });
}

function fromEntry(entry: HistoryEntry) {
  const { extractor, extractorVersion, extractionId = "", rule = "", replacedBy = "" } = entry;
  return create(HistoryEntrySchema, {
    event: EVENTS[entry.event],
    memoryId: entry.memoryId,
    version: entry.version,
    recordTime: fromDate(entry.recordedAt),
    validFrom: fromDate(entry.validFrom),
    validTo: fromDate(entry.validTo),
    text: entry.text,
    changedFields: [...entry.changed],
    sources: entry.sources.map(fromSource),
    provenance: { extractor, extractorVersion, extractionId, rule },
    outcome: OUTCOMES[entry.outcome],
    replacedBy,
    replaces: [...entry.replaces],
    madeOf: [...(entry.madeOf ?? [])],
    archiveReason: fromArchiveReason(entry.archiveReason),
    restoreReason: entry.restoreReason ? RESTORE_REASONS[entry.restoreReason] : WireRestoreReason.UNSPECIFIED,
  });
}

function fromSource({ messageId, start, end, role, name = "", sentAt, quote }: HistorySource) {
  return create(HistorySourceSchema, {
    messageId,
    start,
    end,
    role: fromRole(role),
    name,
    sentAt: fromDate(sentAt),
    quote,
  });
}
