import type {
  ExactMatch,
  IngestStore,
  IngestTarget,
  StreamBatch,
} from "@mneme/core/extraction/ingest-store.ts";
import { normalizeStatement } from "@mneme/core/memory/normalize.ts";
import { LRUCache } from "lru-cache";
import type pg from "pg";
import { Content } from "./content.ts";
import type { Database } from "./database.ts";
import { type ApplyTransaction, applyResults } from "./ingest-apply.ts";
import { markIndexed, selectUnindexed } from "./ingest-indexing.ts";
import { type PendingRow, selectPending, selectPendingOfStream, toBatches } from "./ingest-load.ts";
import { dropStream } from "./ingest-locks.ts";
import { withTenant } from "./pool.ts";

/** Ingest's view of the record, over all projects of a tenant. */
export function createIngestStore(database: Database): IngestStore {
  const macKeys = new LRUCache<string, string>({ max: 10_000 });

  async function macKeyOf(client: pg.PoolClient, tenantId: string): Promise<string> {
    const known = macKeys.get(tenantId);
    if (known) return known;
    const { rows } = await client.query<{ mac_key_id: string }>(
      "select mac_key_id from tenants where id = $1",
      [tenantId],
    );
    const keyId = rows[0]?.mac_key_id;
    if (!keyId) throw new Error("an ingest target names a tenant that does not exist");
    macKeys.set(tenantId, keyId);
    return keyId;
  }

  function run<T>(
    tenantId: string,
    work: (transaction: ApplyTransaction) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    return withTenant(
      database.pool,
      tenantId,
      async (client) => {
        const macKeyId = await macKeyOf(client, tenantId);
        return work({
          client,
          tenantId,
          content: new Content(database.cipher, tenantId),
          mac: (domain, value) => database.cipher.mac(tenantId, macKeyId, domain, value),
        });
      },
      signal,
    );
  }

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
    findExact: (tenantId, streamId, texts, signal) =>
      run(tenantId, (transaction) => findExact(transaction, streamId, texts), signal),
    texts: (tenantId, streamId, memoryIds, signal) =>
      run(tenantId, (transaction) => readTexts(transaction, streamId, memoryIds), signal),
    apply: async (tenantId, results, signal) => {
      if (results.length > 0)
        await run(tenantId, (transaction) => applyResults(transaction, results), signal);
    },
    recordFailure: (tenantId, batch, reason, signal) =>
      run(tenantId, (transaction) => recordFailure(transaction, batch, reason), signal),
    giveUp: (tenantId, streamId, reason, signal) =>
      run(tenantId, (transaction) => giveUp(transaction, streamId, reason), signal),
    loadUnindexed: (target: IngestTarget, limit, signal) =>
      run(target.tenantId, ({ client, content }) => selectUnindexed(client, content, target, limit), signal),
    markIndexed: (target, indexed, signal) =>
      run(target.tenantId, ({ client }) => markIndexed(client, target, indexed), signal),
  };
}

/** Opens what may be worked, notes that it runs, and drops what is fenced. */
async function openBatches(
  { client, tenantId, content }: ApplyTransaction,
  rows: readonly PendingRow[],
): Promise<StreamBatch[]> {
  const fenced = new Set(rows.filter((row) => row.fenced).map((row) => row.stream_id));
  for (const streamId of fenced) await dropStream(client, tenantId, streamId);
  const open = rows.filter((row) => !row.fenced);
  if (open.length === 0) return [];
  await client.query({
    name: "run_extractions",
    text: `update extractions set state = 'running'
           where tenant_id = $1 and id = any ($2::uuid[]) and state = 'queued'`,
    values: [tenantId, [...new Set(open.map((row) => row.extraction_id))]],
  });
  return toBatches(client, content, tenantId, open);
}

async function findExact(
  { client, tenantId, mac }: ApplyTransaction,
  streamId: string,
  texts: readonly string[],
): Promise<ReadonlyMap<string, ExactMatch>> {
  const macs = await Promise.all(texts.map((text) => mac("statement", normalizeStatement(text))));
  const { rows } = await client.query<{ text_mac: Buffer; memory_id: string | null }>({
    name: "find_exact",
    text: `select v.text_mac, m.id as memory_id from memory_versions v
           join memories m on m.tenant_id = v.tenant_id and m.id = v.memory_id
           where v.tenant_id = $1 and v.text_mac = any ($3::bytea[]) and v.recorded_to is null
             and m.stream_id = $2 and m.state = 'active'
           union all
           select text_mac, null from tombstones
           where tenant_id = $1 and stream_id = $2 and text_mac = any ($3::bytea[])`,
    values: [tenantId, streamId, macs],
  });
  const byMac = new Map<string, ExactMatch>();
  for (const row of rows) {
    const slot = row.text_mac.toString("hex");
    // Said again after it was deleted and stored anew: the living one counts.
    if (row.memory_id) byMac.set(slot, { type: "memory", memoryId: row.memory_id });
    else if (!byMac.has(slot)) byMac.set(slot, { type: "tombstone" });
  }
  const matches = new Map<string, ExactMatch>();
  texts.forEach((text, i) => {
    const match = byMac.get(macs[i]?.toString("hex") ?? "");
    if (match) matches.set(text, match);
  });
  return matches;
}

async function readTexts(
  { client, tenantId, content }: ApplyTransaction,
  streamId: string,
  memoryIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ memory_id: string; text_ct: Buffer }>({
    name: "read_texts",
    text: `select v.memory_id, v.text_ct from memory_versions v
           join memories m on m.tenant_id = v.tenant_id and m.id = v.memory_id
           where v.tenant_id = $1 and m.stream_id = $2 and v.memory_id = any ($3::uuid[])
             and v.recorded_to is null and m.state = 'active'`,
    values: [tenantId, streamId, memoryIds],
  });
  const texts = new Map<string, string>();
  for (const row of rows) {
    const text = await content.openText("memory_versions.text", row.text_ct);
    if (text !== undefined) texts.set(row.memory_id, text);
  }
  return texts;
}

/** The stream's first extraction is the one that is tried next, so the try counts there. */
async function recordFailure(
  { client, tenantId }: ApplyTransaction,
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
  { client, tenantId }: ApplyTransaction,
  streamId: string,
  reason: string,
): Promise<void> {
  await client.query("select from streams where tenant_id = $1 and id = $2 for update", [tenantId, streamId]);
  const { rows } = await client.query<{ extraction_id: string }>(
    `select extraction_id from messages where tenant_id = $1 and stream_id = $2 and state = 'pending'
     order by position limit 1`,
    [tenantId, streamId],
  );
  const extractionId = rows[0]?.extraction_id;
  if (!extractionId) return;
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
}
