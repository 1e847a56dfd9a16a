import { type BatchId, type BulkDeps, readingOf, serverOf } from "./bulk-deps.ts";
import type { BatchProgress, BulkServer } from "./bulk-reader.ts";
import type { LeftReason, ModelBatch } from "./bulk-store.ts";
import { bulkReaderOf } from "./set-aside.ts";

/**
 * Asks how far a batch is, and for its end where nobody waits for it any more, all who did are gone, or their project
 * wants no batches; and where somebody is gone whose words it has. The others are asked for again then.
 */
export async function lookAfterBatch(
  deps: BulkDeps,
  { tenantId, batchId }: BatchId,
  signal?: AbortSignal,
): Promise<BatchProgress> {
  const { batches } = deps;
  const batch = await batches.get(tenantId, batchId);
  if (batch?.state !== "sent" || batch.providerId === undefined) return "ended";
  const server = serverOf(deps, batch);
  if (!server) return "ended";
  const { settings, extractor } = await readingOf(deps, tenantId, batch);
  const { isWaitedFor, isSomebodyGone } = await batches.touch(tenantId, batchId);
  const isWanted = isWaitedFor && bulkReaderOf(settings, extractor) !== "off";
  if (isWanted && isSomebodyGone) await batches.cut(tenantId, batchId);
  if (!isWanted || isSomebodyGone) await server.cancel(batch.providerId, signal);
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
  await serverOf(deps, batch)?.cancel(batch.providerId, signal);
}

/** Has everybody go on who still waits for it, by calls of their own. */
export async function releaseBatch({ batches }: BulkDeps, { tenantId, batchId }: BatchId): Promise<void> {
  await batches.release(tenantId, batchId, await batches.streams(tenantId, batchId), "unanswered");
}

/** How far closing a batch is; what is not `closed` is to be tried again. */
export type CloseProgress = "closed" | Exclude<LeftReason, "unreachable">;

/**
 * Removes what a batch has with its server, of all its sendings, also of one that was not noted. One that goes on is asked
 * for its end, and only once the server says that it has ended its files are removed.
 *
 * @returns `closed` where nothing is left.
 */
export async function closeBatch(
  deps: BulkDeps,
  { tenantId, batchId }: BatchId,
  signal?: AbortSignal,
): Promise<CloseProgress> {
  const { batches, ingest } = deps;
  const batch = await batches.get(tenantId, batchId);
  if (!batch || batch.state === "closed") return "closed";
  const { id, projectId, sendingAt } = batch;
  await batches.touch(tenantId, id);
  if (sendingAt) {
    // Nothing more is counted of it, and its budget is not held while its server is away.
    await ingest.spending?.batches?.settle({ id, tenantId, projectId, at: sendingAt }, []);
    const server = serverOf(deps, batch);
    if (!server) return "unknown_server";
    if ((await removeSendings(server, { ...batch, sendingAt }, signal)) === "going") return "still_going";
  }
  return (await batches.close(tenantId, batch)) ? "closed" : "still_going";
}

/** Removes what has ended, and asks for the end of what goes on. */
async function removeSendings(
  server: BulkServer,
  { id, providerId, sends, sendingAt }: ModelBatch & { readonly sendingAt: Date },
  signal: AbortSignal | undefined,
): Promise<BatchProgress> {
  // One that was sent once and noted has no others: all batches of a server are many to look through.
  const isAlone = sends === 1 && providerId !== undefined;
  const sendings = new Set(isAlone ? [] : await server.find(id, sendingAt, signal));
  if (providerId !== undefined) sendings.add(providerId);
  let progress: BatchProgress = "ended";
  for (const sending of sendings) {
    if ((await server.remove(sending, signal)) === "ended") continue;
    progress = "going";
    await server.cancel(sending, signal);
  }
  return progress;
}

/** Gives up closing a batch, and notes why files may be left with its server. */
export async function leaveBatch(
  { batches }: BulkDeps,
  { tenantId, batchId }: BatchId,
  reason: LeftReason,
): Promise<void> {
  const batch = await batches.get(tenantId, batchId);
  if (batch && batch.state !== "closed") await batches.close(tenantId, batch, reason);
}
