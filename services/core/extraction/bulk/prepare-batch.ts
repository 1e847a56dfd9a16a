import type { TokenCounts } from "../../cost/token-counts.ts";
import { through } from "../ingest.ts";
import type { StreamBatch } from "../ingest-store.ts";
import { findNearestKnown } from "../nearest-known.ts";
import type { ReadableBatch } from "../read-stream.ts";
import type { BatchId, BulkDeps } from "./bulk-deps.ts";
import type { BulkReader, BulkRequest } from "./bulk-reader.ts";
import type { BatchRequest } from "./bulk-store.ts";
import { customId } from "./custom-id.ts";
import { divideBatch } from "./divide-batch.ts";

/** What one batch asks at most. */
export interface RequestLimits {
  readonly requests: number;
  /** Of their bodies. */
  readonly bytes: number;
  /** Messages of one person. */
  readonly messages: number;
}

/** What a batch asks; a request's place is its number. */
export interface PreparedBatch {
  readonly rows: readonly BatchRequest[];
  /** By custom ids. */
  readonly requests: ReadonlyMap<string, BulkRequest>;
  /** What each takes at most. */
  readonly most: readonly TokenCounts[];
  /** Streams whose next messages are no one request: they are read by calls of their own. */
  readonly direct: readonly string[];
}

type Reading = Omit<ReadableBatch, "batch"> & { readonly reader: BulkReader };

/**
 * Makes the requests that read what streams have waiting, until there are as many as one batch may have. A person's
 * later requests show the turns of the earlier ones, but know nothing of what will be answered to those.
 */
export async function prepareBatch(
  deps: BulkDeps,
  { tenantId, batchId }: BatchId,
  streamIds: readonly string[],
  reading: Reading,
  limits: RequestLimits,
  signal: AbortSignal | undefined,
): Promise<PreparedBatch> {
  const asked = {
    batchId,
    model: reading.extractor.name,
    extractorVersion: reading.extractor.version,
  };
  const rows: BatchRequest[] = [];
  const requests = new Map<string, BulkRequest>();
  const direct: string[] = [];
  let bytes = 0;
  let isFull = false;
  for (const streamId of streamIds) {
    if (isFull) break;
    signal?.throwIfAborted();
    const first = rows.length;
    for (const part of await partsOf(deps, tenantId, streamId, reading, limits, signal)) {
      const request = await requestOf(deps, tenantId, part, reading, signal);
      // What follows may not overtake it.
      if (!request) break;
      bytes += Buffer.byteLength(request.body);
      isFull = rows.length >= limits.requests || (bytes > limits.bytes && rows.length > 0);
      if (isFull) break;
      const row = rowOf(rows.length, part);
      requests.set(customId(asked, row), request);
      rows.push(row);
    }
    if (rows.length === first && !isFull) direct.push(streamId);
  }
  return { rows, requests, most: [...requests.values()].map(({ most }) => most), direct };
}

async function partsOf(
  { ingest }: BulkDeps,
  tenantId: string,
  streamId: string,
  { reader }: Reading,
  { messages }: RequestLimits,
  signal: AbortSignal | undefined,
): Promise<readonly StreamBatch[]> {
  const waiting = await ingest.store.loadBulk(tenantId, streamId, messages, signal);
  return waiting && waiting.unreadable === undefined ? divideBatch(waiting, reader.most) : [];
}

function rowOf(number: number, { streamId, pending }: StreamBatch): BatchRequest {
  return {
    number,
    streamId,
    messageIds: pending.map(({ turn }) => turn.messageId),
    apiKeyId: pending[0]?.apiKeyId,
  };
}

/** Undefined where no request is needed, or one is not enough: it is read when its turn comes. */
async function requestOf(
  { ingest }: BulkDeps,
  tenantId: string,
  part: StreamBatch,
  { settings, extractor, reader }: Reading,
  signal: AbortSignal | undefined,
): Promise<BulkRequest | undefined> {
  const toRead = part.pending.filter(({ draft }) => !draft);
  if (toRead.length === 0) return undefined;
  const ofProject = through(ingest, settings.models?.embedder);
  return reader.request({
    turns: toRead.map(({ turn }) => turn),
    context: part.context.slice(-10),
    summary: part.summary,
    nearest: extractor.readsNearest ? await findNearestKnown(ofProject, tenantId, part, toRead, signal) : [],
  });
}
