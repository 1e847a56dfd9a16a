import {
  HistoryEventSchema,
  RestoreReasonSchema,
  type HistoryEntry as WireEntry,
  type HistoryEvent as WireEvent,
  type RestoreReason as WireRestoreReason,
} from "@mneme/proto/mneme/memory/v1/history_pb.js";
import type { GetMemoryHistoryResponse } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import type { HistoryEntry, HistoryEvent, MemoryHistory, RestoreReason } from "../types/history.ts";
import { enumCodec } from "./enum.ts";
import { archiveReasons, outcomes, provenanceFromWire } from "./memory.ts";
import { roles } from "./message.ts";
import { toDate } from "./time.ts";

export const historyEvents = enumCodec<HistoryEvent, WireEvent>(HistoryEventSchema);

const restoreReasons = enumCodec<RestoreReason, WireRestoreReason>(RestoreReasonSchema);

export function historyFromWire({ entries, story, truncated }: GetMemoryHistoryResponse): MemoryHistory {
  return { entries: entries.map(entryFromWire), story, truncated };
}

function entryFromWire(entry: WireEntry): HistoryEntry {
  return {
    event: historyEvents.fromWire(entry.event),
    memoryId: entry.memoryId,
    version: entry.version,
    recordTime: toDate(entry.recordTime),
    validFrom: toDate(entry.validFrom),
    validTo: toDate(entry.validTo),
    text: entry.text,
    changedFields: [...entry.changedFields],
    sources: entry.sources.map(({ messageId, start, end, role, name, sentAt, quote }) => ({
      messageId,
      start,
      end,
      role: roles.fromWire(role),
      name: name || undefined,
      sentAt: toDate(sentAt),
      quote,
    })),
    provenance: provenanceFromWire(entry.provenance),
    outcome: outcomes.fromWire(entry.outcome),
    replacedBy: entry.replacedBy || undefined,
    replaces: [...entry.replaces],
    archiveReason: archiveReasons.fromWire(entry.archiveReason),
    restoreReason: restoreReasons.fromWire(entry.restoreReason),
    madeOf: [...entry.madeOf],
  };
}
