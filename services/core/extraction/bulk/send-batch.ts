import { isBudgetExceeded } from "../../cost/budget.ts";
import type { BatchCall } from "../../cost/model-spending.ts";
import { MnemeError } from "../../errors.ts";
import type { ReadableBatch } from "../read-stream.ts";
import { type BatchId, type BulkDeps, readingOf } from "./bulk-deps.ts";
import type { BulkReader } from "./bulk-reader.ts";
import type { DirectReason, ModelBatch } from "./bulk-store.ts";
import { type PreparedBatch, prepareBatch, type RequestLimits } from "./prepare-batch.ts";
import { bulkReaderOf, LONGEST_WAIT_MS } from "./set-aside.ts";

/**
 * Sends a batch to its model's server. Repeating it sends nothing twice: what was sent before and not noted is found
 * again by its name.
 *
 * @returns `none` where there is nothing to wait for: its people go on by themselves.
 * @throws MnemeError where the record or the server is away, or fails in a way that another try may cure.
 */
export async function sendBatch(
  deps: BulkDeps,
  { tenantId, batchId }: BatchId,
  limits: RequestLimits,
  signal?: AbortSignal,
): Promise<"sent" | "none"> {
  const { batches } = deps;
  const batch = await batches.get(tenantId, batchId);
  if (!batch || batch.state === "closed") return "none";
  if (batch.state === "sent") return "sent";
  const reading = await readingOf(deps, tenantId, batch);
  const reader = bulkReaderOf(reading.settings, reading.extractor);
  const letGo = async (reason: DirectReason) => {
    await batches.release(tenantId, batchId, await batches.streams(tenantId, batchId), reason);
    return "none" as const;
  };
  if (typeof reader === "string") return letGo(reader);
  const found = batch.sendingAt && (await reader.server.find(batchId, batch.sendingAt, signal));
  if (found) {
    await batches.sent(tenantId, batchId, found);
    return "sent";
  }
  const streams = await batches.streams(tenantId, batchId);
  const prepared = await prepareBatch(deps, tenantId, streams, { ...reading, reader }, limits, signal);
  if (prepared.rows.length === 0) return letGo("unanswered");
  await batches.release(tenantId, batchId, prepared.direct, "unanswered");
  const instead = await send(deps, tenantId, { ...batch, ...reading, reader }, prepared, signal);
  return instead ? letGo(instead) : "sent";
}

type Sending = ModelBatch & Omit<ReadableBatch, "batch"> & { readonly reader: BulkReader };

/** @returns why it could not be sent, and never will be. */
async function send(
  { ingest, batches }: BulkDeps,
  tenantId: string,
  { id, projectId, extractor, reader }: Sending,
  { rows, requests, most }: PreparedBatch,
  signal: AbortSignal | undefined,
): Promise<DirectReason | undefined> {
  const { name: model, version: extractorVersion } = extractor;
  const at = await batches.begin(tenantId, id, { model, extractorVersion }, rows);
  const ref = { id, tenantId, projectId, at };
  const calls = rows.map(
    ({ apiKeyId }, i): BatchCall => ({
      bill: { tenantId, model, purpose: "extract_batch", shares: [{ projectId, apiKeyId, text: "" }] },
      tokens: most[i] as BatchCall["tokens"],
    }),
  );
  try {
    await ingest.spending?.batches?.reserve(ref, calls, LONGEST_WAIT_MS + SETTLE_MS);
    await batches.sent(tenantId, id, await reader.server.send(id, requests, signal));
    return undefined;
  } catch (error) {
    if (isBudgetExceeded(error)) return "budget";
    if (!(error instanceof MnemeError) || error.kind !== "failed_precondition") throw error;
    return error.reason === "MODEL_NOT_FOUND" ? "unsupported" : "unanswered";
  }
}

/** Beyond the time that it may take: to read what was answered while engines are away. */
const SETTLE_MS = 24 * 60 * 60_000;
