import { isBudgetExceeded } from "../../cost/budget.ts";
import type { BatchCall } from "../../cost/model-spending.ts";
import { MnemeError } from "../../errors.ts";
import type { ReadableBatch } from "../read-stream.ts";
import { type BatchId, type BulkDeps, readingOf, serverOf } from "./bulk-deps.ts";
import type { BulkReader, BulkServer } from "./bulk-reader.ts";
import type { BegunBatch, DirectReason, ModelBatch } from "./bulk-store.ts";
import { type PreparedBatch, prepareBatch, type RequestLimits } from "./prepare-batch.ts";
import { bulkReaderOf, LONGEST_WAIT_MS } from "./set-aside.ts";

/**
 * Sends a batch to its model's server. Repeating it sends nothing again: what was sent before and not noted is found by
 * its name. Where two send it at once, for one was thought lost, one of them is kept and the other cancelled.
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
  if (!batch || batch.state === "closed" || batch.state === "closing") return "none";
  if (batch.state === "sent") return "sent";
  const reading = await readingOf(deps, tenantId, batch);
  const reader = bulkReaderOf(reading.settings, reading.extractor);
  const letGo = async (reason: DirectReason) => {
    await batches.release(tenantId, batchId, await batches.streams(tenantId, batchId), reason);
    return "none" as const;
  };
  if (typeof reader === "string") return letGo(reader);
  // Whatever was sent there is looked for when it is closed.
  if (batch.sendingAt && serverOf(reader, batch) === undefined) return letGo("unanswered");
  if (await findAgain(deps, tenantId, batch, reader.server, signal)) return "sent";
  const streams = await batches.streams(tenantId, batchId);
  const id = { tenantId, batchId };
  const prepared = await prepareBatch(deps, id, streams, { ...reading, reader }, limits, signal);
  if (prepared.rows.length === 0) return letGo("unanswered");
  await batches.release(tenantId, batchId, prepared.direct, "unanswered");
  const begun = await begin(deps, tenantId, { ...batch, ...reading, reader }, prepared);
  const instead = await send(deps, tenantId, { ...batch, ...reading, reader }, begun, prepared, signal);
  if (!instead) return "sent";
  // It is another's by now: what it asks is waited for.
  if ((await batches.get(tenantId, batchId))?.sends !== begun.sends) throw sentByAnother();
  return letGo(instead);
}

/** @returns whether it was sent before; the newest of several counts. */
async function findAgain(
  { batches }: BulkDeps,
  tenantId: string,
  { id, sendingAt }: ModelBatch,
  server: BulkServer,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const [newest, ...others] = sendingAt ? await server.find(id, sendingAt, signal) : [];
  if (newest === undefined) return false;
  for (const other of others) await server.cancel(other, signal);
  if (!(await batches.sent(tenantId, id, newest))) await server.cancel(newest, signal);
  return true;
}

type Sending = ModelBatch & Omit<ReadableBatch, "batch"> & { readonly reader: BulkReader };

async function begin(
  { batches }: BulkDeps,
  tenantId: string,
  { extractor, reader, ...batch }: Sending,
  { rows }: PreparedBatch,
): Promise<BegunBatch> {
  const { name: model, version: extractorVersion } = extractor;
  const by = { model, extractorVersion, server: reader.server.name };
  const begun = await batches.begin(tenantId, batch, by, rows);
  if (!begun) throw sentByAnother();
  return begun;
}

/** Another try tells what became of it. */
function sentByAnother(): MnemeError {
  return new MnemeError("aborted", "ALREADY_RUNNING", "somebody else is sending this batch");
}

/** @returns why it could not be sent, and never will be. */
async function send(
  { ingest, batches }: BulkDeps,
  tenantId: string,
  { id, projectId, extractor: { name: model }, reader: { server } }: Sending,
  { at }: BegunBatch,
  { rows, requests, most }: PreparedBatch,
  signal: AbortSignal | undefined,
): Promise<DirectReason | undefined> {
  const ref = { id, tenantId, projectId, at };
  const calls = rows.map(
    ({ apiKeyId }, i): BatchCall => ({
      bill: { tenantId, model, purpose: "extract_batch", shares: [{ projectId, apiKeyId, text: "" }] },
      tokens: most[i] as BatchCall["tokens"],
    }),
  );
  try {
    await ingest.spending?.batches?.reserve(ref, calls, LONGEST_WAIT_MS + SETTLE_MS);
    const providerId = await server.send(id, requests, signal);
    if (!(await batches.sent(tenantId, id, providerId))) await server.cancel(providerId, signal);
    return undefined;
  } catch (error) {
    if (isBudgetExceeded(error)) return "budget";
    if (!(error instanceof MnemeError) || error.kind !== "failed_precondition") throw error;
    return error.reason === "MODEL_NOT_FOUND" ? "unsupported" : "unanswered";
  }
}

/** Beyond the time that it may take: to read what was answered while engines are away. */
const SETTLE_MS = 24 * 60 * 60_000;
