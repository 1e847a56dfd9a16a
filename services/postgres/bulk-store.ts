import type {
  BatchRequest,
  BulkStore,
  GatheredProject,
  ModelBatch,
} from "@mneme/core/extraction/bulk/bulk-store.ts";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { releaseWaiting } from "./batch-waits.ts";
import { listGathered, wakeForgottenBatches } from "./list-gathered.ts";
import { withTenant } from "./pool.ts";

/** Batches of requests to models' servers. @param pool connects as mneme_app. */
export function createBulkStore(pool: pg.Pool): BulkStore {
  return {
    listGathered: (waitedMs, many, limit) => listGathered(pool, waitedMs, many, limit),
    wakeForgotten: (idleMs, limit) => wakeForgottenBatches(pool, idleMs, limit),
    gather: (project, streams) =>
      withTenant(pool, project.tenantId, (client) => gather(client, project, streams)),
    get: (tenantId, batchId) => withTenant(pool, tenantId, (client) => get(client, tenantId, batchId)),
    streams: (tenantId, batchId) =>
      withTenant(pool, tenantId, async (client) => {
        const { rows } = await client.query<{ id: string }>({
          name: "batch_streams",
          text: "select id from streams where tenant_id = $1 and batch_id = $2 order by batch_since, id",
          values: [tenantId, batchId],
        });
        return rows.map(({ id }) => id);
      }),
    begin: (tenantId, batchId, by, requests) =>
      withTenant(pool, tenantId, async (client) => {
        await client.query("delete from model_batch_requests where tenant_id = $1 and batch_id = $2", [
          tenantId,
          batchId,
        ]);
        await insertRequests(client, tenantId, batchId, requests);
        await client.query({
          name: "leave_for_next_batch",
          text: `update streams set batch_id = null
                 where tenant_id = $1 and batch_id = $2 and id <> all ($3::uuid[])`,
          values: [tenantId, batchId, requests.map(({ streamId }) => streamId)],
        });
        const { rows } = await client.query<{ sending_at: Date }>({
          name: "begin_batch",
          text: `update model_batches set state = 'sending', model = $3, extractor_version = $4, seen_at = now(),
                   sending_at = coalesce(sending_at, now())
                 where tenant_id = $1 and id = $2 returning sending_at`,
          values: [tenantId, batchId, by.model, by.extractorVersion],
        });
        if (!rows[0]) throw new Error("a batch vanished while it was sent");
        return rows[0].sending_at;
      }),
    sent: (tenantId, batchId, providerId) =>
      withTenant(pool, tenantId, async (client) => {
        await client.query({
          name: "batch_sent",
          text: `update model_batches set state = 'sent', provider_id = $3, seen_at = now()
                 where tenant_id = $1 and id = $2`,
          values: [tenantId, batchId, providerId],
        });
      }),
    requests: (tenantId, batchId) =>
      withTenant(pool, tenantId, (client) => readRequests(client, tenantId, batchId)),
    touch: (tenantId, batchId) => withTenant(pool, tenantId, (client) => touch(client, tenantId, batchId)),
    release: (tenantId, batchId, streamIds, reason) =>
      withTenant(pool, tenantId, (client) =>
        releaseWaiting(client, tenantId, { batchId, streamIds }, reason),
      ),
    releaseGathered: ({ tenantId, projectId }, reason) =>
      withTenant(pool, tenantId, (client) => releaseWaiting(client, tenantId, { projectId }, reason)),
    close: (tenantId, batchId) =>
      withTenant(pool, tenantId, async (client) => {
        // Which messages it read is of no use to anybody from now on.
        await client.query("delete from model_batch_requests where tenant_id = $1 and batch_id = $2", [
          tenantId,
          batchId,
        ]);
        await client.query(
          "update model_batches set state = 'closed', seen_at = now() where tenant_id = $1 and id = $2",
          [tenantId, batchId],
        );
      }),
  };
}

async function gather(
  client: pg.PoolClient,
  { tenantId, projectId }: GatheredProject,
  streams: number,
): Promise<boolean> {
  const { rows } = await client.query<{ id: string }>({
    name: "gather_streams",
    text: `select id from streams
           where tenant_id = $1 and project_id = $2 and batch_since is not null and batch_id is null
           order by batch_since, id limit $3 for update skip locked`,
    values: [tenantId, projectId, streams],
  });
  if (rows.length === 0) return false;
  const batchId = uuidv7();
  await client.query(`insert into model_batches (tenant_id, id, project_id) values ($1, $2, $3)`, [
    tenantId,
    batchId,
    projectId,
  ]);
  await client.query({
    name: "put_into_batch",
    text: "update streams set batch_id = $2 where tenant_id = $1 and id = any ($3::uuid[])",
    values: [tenantId, batchId, rows.map(({ id }) => id)],
  });
  await client.query("insert into outbox (tenant_id, topic, key) values ($1, 'batch', $2)", [
    tenantId,
    batchId,
  ]);
  return true;
}

async function get(
  client: pg.PoolClient,
  tenantId: string,
  batchId: string,
): Promise<ModelBatch | undefined> {
  const { rows } = await client.query<{
    id: string;
    project_id: string;
    state: ModelBatch["state"];
    model: string | null;
    extractor_version: string | null;
    provider_id: string | null;
    sending_at: Date | null;
  }>({
    name: "get_batch",
    text: `select id, project_id, state, model, extractor_version, provider_id, sending_at from model_batches
           where tenant_id = $1 and id = $2`,
    values: [tenantId, batchId],
  });
  const row = rows[0];
  return (
    row && {
      id: row.id,
      projectId: row.project_id,
      state: row.state,
      model: row.model ?? undefined,
      extractorVersion: row.extractor_version ?? undefined,
      providerId: row.provider_id ?? undefined,
      sendingAt: row.sending_at ?? undefined,
    }
  );
}

async function insertRequests(
  client: pg.PoolClient,
  tenantId: string,
  batchId: string,
  requests: readonly BatchRequest[],
): Promise<void> {
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

async function readRequests(
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

/** @returns whether a message of somebody who is not fenced still waits for it. */
async function touch(client: pg.PoolClient, tenantId: string, batchId: string): Promise<boolean> {
  const { rows } = await client.query<{ is_waited_for: boolean }>({
    name: "touch_batch",
    text: `update model_batches b set seen_at = now() where b.tenant_id = $1 and b.id = $2
           returning exists (
             select from model_batch_requests r
             join streams s on s.tenant_id = $1 and s.id = r.stream_id
             where r.tenant_id = $1 and r.batch_id = $2
               and exists (select from messages m where m.tenant_id = $1 and m.id = any (r.message_ids)
                 and m.state = 'pending')
               and (s.subject_id is null or exists (select from subjects p where p.tenant_id = $1
                 and p.id = s.subject_id and p.epoch = s.epoch and p.state = 'active'))) as is_waited_for`,
    values: [tenantId, batchId],
  });
  return rows[0]?.is_waited_for ?? false;
}
