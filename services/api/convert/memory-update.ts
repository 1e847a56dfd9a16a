import { invalidField } from "@mneme/core/errors.ts";
import type { DraftField } from "@mneme/core/memory/memory-store.ts";
import type { MemoryUpdate } from "@mneme/core/memory/update-memories.ts";
import type { MemoryDraft } from "@mneme/proto/mneme/memory/v1/memory_pb.js";
import type { MemoryUpdate as WireUpdate } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { toDraft } from "./memory.ts";

/** Paths of an update mask, and the members that they name. */
const FIELDS: Readonly<Record<string, DraftField>> = {
  text: "text",
  kind: "kind",
  category: "category",
  confidence: "confidence",
  importance: "importance",
  metadata: "metadata",
  valid_from: "validFrom",
  valid_to: "validTo",
  expire_time: "expiresAt",
  review_time: "reviewAt",
};

/**
 * @param at where the update stands in the request, e.g. `updates[3]`.
 * @throws MnemeError FIELD_INVALID for a mask that names what can't be written.
 */
export function toUpdate(wire: WireUpdate, at: string): MemoryUpdate {
  const paths = wire.updateMask?.paths ?? [];
  const fields = paths.map((path) => {
    const field = Object.hasOwn(FIELDS, path) ? FIELDS[path] : undefined;
    if (!field) {
      throw invalidField(`${at}.update_mask`, `may name ${Object.keys(FIELDS).join(", ")}`);
    }
    return field;
  });
  return {
    memoryId: wire.memoryId,
    draft: toDraft(wire.memory as MemoryDraft),
    fields: new Set(fields),
    etag: wire.etag,
  };
}
