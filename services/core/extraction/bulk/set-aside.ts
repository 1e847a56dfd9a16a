import type { Settings } from "../../tenancy/settings.ts";
import type { Extractor } from "../extractor.ts";
import type { ReadableBatch } from "../read-stream.ts";
import type { BulkReader } from "./bulk-reader.ts";
import type { BulkMessages, DirectReason } from "./bulk-store.ts";

/** How long a server may take, with time to gather before and to apply what it answered. */
export const LONGEST_WAIT_MS = 26 * 60 * 60_000;

/** How a project has what may wait read, or why it is not to wait. */
export function bulkReaderOf(settings: Settings, extractor: Extractor): BulkReader | DirectReason {
  if (settings.models?.batch !== "bulk" || !extractor.bulk) return "off";
  return extractor.bulk.server.isThere ? extractor.bulk : "unsupported";
}

/**
 * Sets aside those whose next messages may wait for a batch.
 *
 * @returns the others, each up to its first message that may wait.
 */
export async function setAsideWaiting(
  store: BulkMessages,
  tenantId: string,
  batches: readonly ReadableBatch[],
  signal: AbortSignal | undefined,
): Promise<ReadableBatch[]> {
  const ready: ReadableBatch[] = [];
  for (const one of batches) {
    const { batch, settings, extractor } = one;
    const first = batch.pending.findIndex(({ mayWait }) => mayWait);
    if (first !== 0) {
      ready.push(first < 0 ? one : { ...one, batch: { ...batch, pending: batch.pending.slice(0, first) } });
      continue;
    }
    const reader = bulkReaderOf(settings, extractor);
    if (typeof reader === "string") {
      const waiting = batch.pending.filter(({ mayWait }) => mayWait);
      const ids = [...new Set(waiting.map(({ extractionId }) => extractionId))];
      await store.readDirectly(tenantId, ids, reader, signal);
      ready.push(one);
    } else {
      await store.setAside(tenantId, batch, new Date(Date.now() + LONGEST_WAIT_MS), signal);
    }
  }
  return ready;
}
