import { type BatchId, type BulkDeps, readingOf } from "./bulk-deps.ts";
import type { BatchProgress } from "./bulk-reader.ts";
import { bulkReaderOf } from "./set-aside.ts";

/**
 * Asks how far a batch is, and for its end where nobody waits for it any more: all who did are gone, or their project
 * wants no batches.
 */
export async function lookAfterBatch(
  deps: BulkDeps,
  { tenantId, batchId }: BatchId,
  signal?: AbortSignal,
): Promise<BatchProgress> {
  const batch = await deps.batches.get(tenantId, batchId);
  if (batch?.state !== "sent" || batch.providerId === undefined) return "ended";
  const { settings, extractor } = await readingOf(deps, tenantId, batch);
  const server = extractor.bulk?.server;
  if (!server) return "ended";
  const isWaitedFor = await deps.batches.touch(tenantId, batchId);
  if (!isWaitedFor || bulkReaderOf(settings, extractor) === "off")
    await server.cancel(batch.providerId, signal);
  return server.look(batch.providerId, signal);
}

/** Asks for the end of a batch that takes too long. */
export async function cancelBatch(
  deps: BulkDeps,
  { tenantId, batchId }: BatchId,
  signal?: AbortSignal,
): Promise<void> {
  const batch = await deps.batches.get(tenantId, batchId);
  if (batch?.state !== "sent" || batch.providerId === undefined) return;
  const { extractor } = await readingOf(deps, tenantId, batch);
  await extractor.bulk?.server.cancel(batch.providerId, signal);
}

/** Has everybody go on who still waits for it, by calls of their own. */
export async function releaseBatch({ batches }: BulkDeps, { tenantId, batchId }: BatchId): Promise<void> {
  await batches.release(tenantId, batchId, await batches.streams(tenantId, batchId), "unanswered");
}

/** Leaves nothing of a batch with its server, not even of one that was sent and not noted. */
export async function closeBatch(
  deps: BulkDeps,
  { tenantId, batchId }: BatchId,
  signal?: AbortSignal,
): Promise<void> {
  const { batches, ingest } = deps;
  const batch = await batches.get(tenantId, batchId);
  if (!batch || batch.state === "closed") return;
  const { id, projectId, sendingAt, state } = batch;
  const { extractor } = await readingOf(deps, tenantId, batch);
  const server = extractor.bulk?.server;
  if (server && sendingAt) {
    const lost = state === "sending" ? await server.find(id, sendingAt, signal) : undefined;
    if (lost !== undefined) await server.cancel(lost, signal);
    const providerId = batch.providerId ?? lost;
    if (providerId !== undefined) await server.remove(providerId, signal);
  }
  if (sendingAt) await ingest.spending?.batches?.settle({ id, tenantId, projectId, at: sendingAt }, []);
  await batches.close(tenantId, batchId);
}
