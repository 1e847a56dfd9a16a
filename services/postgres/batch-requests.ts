import type { BatchRequest, BatchWaiters } from "@mneme/core/extraction/bulk/bulk-store.ts";
import type pg from "pg";

/** Notes what a batch asks, instead of what was noted before. */
export async function replaceRequests(
  client: pg.PoolClient,
  tenantId: string,
  batchId: string,
  requests: readonly BatchRequest[],
): Promise<void> {
  await deleteRequests(client, tenantId, batchId);
  await client.query({
    name: "insert_batch_requests",
    text: `insert into model_batch_requests (tenant_id, batch_id, number, project_id, stream_id, message_ids, api_key_id)
           select b.tenant_id, b.id, r.number, b.project_id, r.stream_id, r.message_ids::uuid[], r.api_key_id
           from unnest($3::integer[], $4::uuid[], $5::text[], $6::uuid[]) as r (number, stream_id, message_ids, api_key_id)
           join model_batches b on b.tenant_id = $1 and b.id = $2`,
    values: [
      tenantId,
      batchId,
      requests.map(({ number }) => number),
      requests.map(({ streamId }) => streamId),
      // An array of arrays must have the same length everywhere.
      requests.map(({ messageIds }) => `{${messageIds.join(",")}}`),
      requests.map(({ apiKeyId }) => apiKeyId ?? null),
    ],
  });
}

export async function deleteRequests(
  client: pg.PoolClient,
  tenantId: string,
  batchId: string,
): Promise<void> {
  await client.query("delete from model_batch_requests where tenant_id = $1 and batch_id = $2", [
    tenantId,
    batchId,
  ]);
}

/** As `BulkStore.requests`. */
export async function readRequests(
  client: pg.PoolClient,
  tenantId: string,
  batchId: string,
): Promise<BatchRequest[]> {
  const { rows } = await client.query<{
    number: number;
    stream_id: string;
    message_ids: string[];
    api_key_id: string | null;
  }>({
    name: "batch_requests",
    text: `select number, stream_id, message_ids, api_key_id from model_batch_requests
           where tenant_id = $1 and batch_id = $2 order by number`,
    values: [tenantId, batchId],
  });
  return rows.map((row) => ({
    number: row.number,
    streamId: row.stream_id,
    messageIds: row.message_ids,
    apiKeyId: row.api_key_id ?? undefined,
  }));
}

/** Of `streams s`: nobody's, or somebody's who is not fenced. */
const IS_THERE = `(s.subject_id is null or exists (select from subjects p where p.tenant_id = s.tenant_id
  and p.id = s.subject_id and p.epoch = s.epoch and p.state = 'active'))`;

/** As `BulkStore.touch`. */
export async function touchBatch(
  client: pg.PoolClient,
  tenantId: string,
  batchId: string,
): Promise<BatchWaiters> {
  const { rows } = await client.query<{ is_waited_for: boolean; is_somebody_gone: boolean }>({
    name: "touch_batch",
    text: `update model_batches b set seen_at = now() where b.tenant_id = $1 and b.id = $2
           returning exists (
             select from model_batch_requests r
             join streams s on s.tenant_id = $1 and s.id = r.stream_id
             where r.tenant_id = $1 and r.batch_id = $2 and ${IS_THERE}
               and exists (select from messages m where m.tenant_id = $1 and m.id = any (r.message_ids)
                 and m.state = 'pending')) as is_waited_for,
           exists (
             select from model_batch_requests r
             left join streams s on s.tenant_id = $1 and s.id = r.stream_id
             where r.tenant_id = $1 and r.batch_id = $2 and (s.id is null or not ${IS_THERE})) as is_somebody_gone`,
    values: [tenantId, batchId],
  });
  const [row] = rows;
  return {
    isWaitedFor: row?.is_waited_for ?? false,
    isSomebodyGone: row?.is_somebody_gone ?? false,
  };
}

/** As `BulkStore.regather`. */
export async function regatherStreams(
  client: pg.PoolClient,
  tenantId: string,
  batchId: string,
  streamIds: readonly string[],
): Promise<void> {
  await client.query({
    name: "regather_streams",
    text: `update streams s set batch_id = null where s.tenant_id = $1 and s.batch_id = $2 and s.id = any ($3::uuid[])
             and s.held_until > now() and ${IS_THERE}`,
    values: [tenantId, batchId, streamIds],
  });
}
