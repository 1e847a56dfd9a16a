import type { DirectReason } from "@mneme/core/extraction/bulk/bulk-store.ts";
import type pg from "pg";
import { holdMessages, releaseMessages } from "./budget-waits.ts";
import type { IngestTransaction } from "./ingest-transaction.ts";
import { lockStreams } from "./stream-locks.ts";

/** Sets a stream's waiting messages aside for a batch, and what is added to it meanwhile. Nothing was tried. */
export async function setAside(
  { client, tenantId }: Pick<IngestTransaction, "client" | "tenantId">,
  { streamId }: { readonly streamId: string },
  until: Date,
): Promise<void> {
  await lockStreams(client, [streamId]);
  await client.query({
    name: "set_stream_aside",
    text: `update streams set held_until = $3, batch_since = now(), batch_id = null
           where tenant_id = $1 and id = $2 and batch_since is null`,
    values: [tenantId, streamId, until],
  });
  await holdMessages(client, tenantId, streamId);
}

/** Has what was to wait for a batch read by calls of its own. */
export async function readDirectly(
  client: pg.PoolClient,
  tenantId: string,
  extractionIds: readonly string[],
  reason: DirectReason,
): Promise<void> {
  await client.query({
    name: "read_directly",
    text: `update extractions set direct_reason = $3
           where tenant_id = $1 and id = any ($2::uuid[]) and processing = 'bulk' and direct_reason is null`,
    values: [tenantId, extractionIds, reason],
  });
}

/** Which of a tenant's streams: those that wait for a batch, or for none that has been made; or so many of a project's. */
export type WaitingStreams =
  | { readonly batchId: string | undefined; readonly streamIds: readonly string[] }
  | { readonly projectId: string; readonly limit: number };

/** Has streams go on that wait for a batch. @returns how many did. */
export async function releaseWaiting(
  client: pg.PoolClient,
  tenantId: string,
  waiting: WaitingStreams,
  reason: DirectReason | undefined,
): Promise<number> {
  const found =
    "batchId" in waiting
      ? await client.query<{ id: string }>({
          name: "streams_of_batch",
          text: `select id from streams where tenant_id = $1 and batch_id is not distinct from $2
                   and batch_since is not null and id = any ($3::uuid[])`,
          values: [tenantId, waiting.batchId ?? null, waiting.streamIds],
        })
      : await client.query<{ id: string }>({
          name: "streams_for_batch",
          text: `select id from streams where tenant_id = $1 and project_id = $2 and batch_since is not null
                   and batch_id is null order by batch_since limit $3`,
          values: [tenantId, waiting.projectId, waiting.limit],
        });
  const ids = found.rows.map(({ id }) => id);
  if (ids.length === 0) return 0;
  await lockStreams(client, ids);
  if (reason) await readAllDirectly(client, tenantId, ids, reason);
  const { rows } = await client.query<{ id: string; bucket: number }>({
    name: "release_from_batch",
    text: `update streams set held_until = null, batch_since = null, batch_id = null
           where tenant_id = $1 and id = any ($2::uuid[]) and batch_since is not null
             and batch_id is not distinct from $3 returning id, bucket`,
    values: [tenantId, ids, "batchId" in waiting ? waiting.batchId : null],
  });
  await releaseMessages(client, tenantId, rows);
  return rows.length;
}

async function readAllDirectly(
  client: pg.PoolClient,
  tenantId: string,
  streamIds: readonly string[],
  reason: DirectReason,
): Promise<void> {
  const { rows } = await client.query<{ extraction_id: string }>({
    name: "waiting_extractions",
    text: `select distinct extraction_id from messages
           where tenant_id = $1 and stream_id = any ($2::uuid[]) and state = 'pending'`,
    values: [tenantId, streamIds],
  });
  const ids = rows.map((row) => row.extraction_id);
  await readDirectly(client, tenantId, ids, reason);
}
