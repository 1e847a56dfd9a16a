import type { IngestStore, IngestTarget, StreamBatch } from "@mneme/core/extraction/ingest-store.ts";
import { readDirectly, setAside } from "./batch-waits.ts";
import { holdStream } from "./budget-waits.ts";
import { episodesOfEach } from "./consolidation/resting.ts";
import type { Database } from "./database.ts";
import { dropStream } from "./hold-streams.ts";
import { applyResults } from "./ingest-apply.ts";
import { markIndexed, selectUnindexed } from "./ingest-indexing.ts";
import { toBatches } from "./ingest-load.ts";
import { findExact, readStatements } from "./ingest-lookups.ts";
import {
  hasEarlierPending,
  type PendingRow,
  selectPending,
  selectPendingOfStream,
  selectThese,
  selectWaiting,
} from "./ingest-pending.ts";
import { type IngestTransaction, ingestTransactions } from "./ingest-transaction.ts";
import { findBySlots } from "./memory-slots.ts";
import { findLast } from "./said-last.ts";
import { lockStreams } from "./stream-locks.ts";

/** Ingest's view of the record, over all projects of a tenant. */
export function createIngestStore(database: Database): IngestStore {
  const run = ingestTransactions(database);

  return {
    load: (target, { limit, exclude }, signal) =>
      run(
        target.tenantId,
        async (transaction) => {
          const { client, tenantId } = transaction;
          const rows = await selectPending(client, tenantId, target.bucket, limit, exclude);
          return openBatches(transaction, rows);
        },
        signal,
      ),
    loadStream: (tenantId, streamId, limit, signal) =>
      run(
        tenantId,
        async (transaction) => {
          const rows = await selectPendingOfStream(transaction.client, tenantId, streamId, limit);
          return (await openBatches(transaction, rows))[0];
        },
        signal,
      ),
    loadBulk: (tenantId, streamId, limit, signal) =>
      run(
        tenantId,
        async (transaction) => {
          const rows = await selectWaiting(transaction.client, tenantId, streamId, limit);
          return (await openUnfenced(transaction, rows))[0];
        },
        signal,
      ),
    loadRequest: (tenantId, { messageIds }, signal) =>
      run(
        tenantId,
        async (transaction) => {
          const rows = await selectThese(transaction.client, tenantId, messageIds);
          const [first] = rows;
          if (first && (await hasEarlierPending(transaction.client, tenantId, first))) return "overtakes";
          const [batch] = await openBatches(transaction, rows);
          return batch ? { batch, isWhole: rows.length === messageIds.length } : "over";
        },
        signal,
      ),
    setAside: (tenantId, stream, until, signal) =>
      run(tenantId, (transaction) => setAside(transaction, stream, until), signal),
    readDirectly: (tenantId, extractionIds, reason, signal) =>
      run(tenantId, ({ client }) => readDirectly(client, tenantId, extractionIds, reason), signal),
    findExact: (tenantId, statements, signal) =>
      run(tenantId, (transaction) => findExact(transaction, statements), signal),
    findBySlots: (tenantId, asked, signal) =>
      run(tenantId, (transaction) => findBySlots(transaction, asked), signal),
    findLast: (tenantId, asked, signal) =>
      run(tenantId, ({ client }) => findLast(client, tenantId, asked), signal),
    episodesOf: (tenantId, memoryIds, signal) =>
      run(tenantId, ({ client }) => episodesOfEach(client, tenantId, memoryIds), signal),
    statements: (tenantId, memories, signal) =>
      run(tenantId, (transaction) => readStatements(transaction, memories), signal),
    apply: async (tenantId, results, signal) =>
      results.length > 0
        ? run(tenantId, (transaction) => applyResults(transaction, results), signal)
        : new Set(),
    recordFailure: (tenantId, batch, reason, signal) =>
      run(tenantId, (transaction) => recordFailure(transaction, batch, reason), signal),
    hold: (tenantId, stream, until, signal) =>
      run(tenantId, (transaction) => holdStream(transaction, stream, until), signal),
    giveUp: (tenantId, stream, reason, signal) =>
      run(tenantId, (transaction) => giveUp(transaction, stream, reason), signal),
    loadUnindexed: (target: IngestTarget, limit, signal) =>
      run(target.tenantId, ({ client, content }) => selectUnindexed(client, content, target, limit), signal),
    markIndexed: (target, indexed, signal) =>
      run(target.tenantId, ({ client }) => markIndexed(client, target, indexed), signal),
  };
}

/** Opens what may be worked, and drops what is fenced. */
async function openUnfenced(
  { client, tenantId, content }: IngestTransaction,
  rows: readonly PendingRow[],
): Promise<StreamBatch[]> {
  const fenced = new Set(rows.filter((row) => row.fenced).map((row) => row.stream_id));
  for (const streamId of fenced) await dropStream(client, tenantId, streamId);
  const open = rows.filter((row) => !row.fenced);
  return open.length === 0 ? [] : toBatches(client, content, tenantId, open);
}

/** As `openUnfenced`, and notes that it runs. */
async function openBatches(
  transaction: IngestTransaction,
  rows: readonly PendingRow[],
): Promise<StreamBatch[]> {
  const { client, tenantId } = transaction;
  const batches = await openUnfenced(transaction, rows);
  if (batches.length === 0) return [];
  const extractionIds = batches.flatMap(({ pending }) => pending.map(({ extractionId }) => extractionId));
  await client.query({
    name: "run_extractions",
    text: `update extractions set state = 'running'
           where tenant_id = $1 and id = any ($2::uuid[]) and state = 'queued'`,
    values: [tenantId, [...new Set(extractionIds)]],
  });
  return batches;
}

/** The stream's first extraction is the one that is tried next, so the try counts there. */
async function recordFailure(
  { client, tenantId }: IngestTransaction,
  batch: Pick<StreamBatch, "pending">,
  reason: string,
): Promise<void> {
  await client.query(
    `update extractions set attempts = attempts + 1, failure_reason = $3, failed_at = now()
     where tenant_id = $1 and id = $2`,
    [tenantId, batch.pending[0]?.extractionId, reason],
  );
}

async function giveUp(
  { client, tenantId }: IngestTransaction,
  { streamId, extractionId }: { readonly streamId: string; readonly extractionId: string },
  reason: string,
): Promise<boolean> {
  await lockStreams(client, [streamId]);
  const { rows } = await client.query<{ extraction_id: string }>(
    `select extraction_id from messages where tenant_id = $1 and stream_id = $2 and state = 'pending'
     order by position limit 1`,
    [tenantId, streamId],
  );
  if (rows[0]?.extraction_id !== extractionId) return false;
  await client.query(
    `update messages set state = 'failed'
     where tenant_id = $1 and extraction_id = $2 and state = 'pending'`,
    [tenantId, extractionId],
  );
  await client.query(
    `update extractions set state = 'failed', failure_reason = $3, failed_at = now()
     where tenant_id = $1 and id = $2`,
    [tenantId, extractionId, reason],
  );
  return true;
}
