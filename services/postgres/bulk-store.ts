import type { BulkStore, GatheredProject } from "@mneme/core/extraction/bulk/bulk-store.ts";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { readRequests, regatherStreams, touchBatch } from "./batch-requests.ts";
import { beginBatch, closeBatchRow, getBatch, noteSent } from "./batch-rows.ts";
import { releaseWaiting } from "./batch-waits.ts";
import { listGathered, listOverdue, wakeForgottenBatches } from "./list-gathered.ts";
import { withTenant } from "./pool.ts";

/** Streams of one transaction, each of which holds a lock. */
const RELEASED_TOGETHER = 200;

/** Batches of requests to models' servers. @param pool connects as mneme_app. */
export function createBulkStore(pool: pg.Pool): BulkStore {
  return {
    listGathered: (waitedMs, many, limit) => listGathered(pool, waitedMs, many, limit),
    listOverdue: (limit) => listOverdue(pool, limit),
    wakeForgotten: (idleMs, limit) => wakeForgottenBatches(pool, idleMs, limit),
    gather: (project, streams) =>
      withTenant(pool, project.tenantId, (client) => gather(client, project, streams)),
    get: (tenantId, batchId) => withTenant(pool, tenantId, (client) => getBatch(client, tenantId, batchId)),
    streams: (tenantId, batchId) =>
      withTenant(pool, tenantId, async (client) => {
        const { rows } = await client.query<{ id: string }>({
          name: "batch_streams",
          text: "select id from streams where tenant_id = $1 and batch_id = $2 order by batch_since, id",
          values: [tenantId, batchId],
        });
        return rows.map(({ id }) => id);
      }),
    begin: (tenantId, batch, by, requests) =>
      withTenant(pool, tenantId, (client) => beginBatch(client, tenantId, batch, by, requests)),
    sent: (tenantId, batchId, providerId) =>
      withTenant(pool, tenantId, (client) => noteSent(client, tenantId, batchId, providerId)),
    requests: (tenantId, batchId) =>
      withTenant(pool, tenantId, (client) => readRequests(client, tenantId, batchId)),
    touch: (tenantId, batchId) =>
      withTenant(pool, tenantId, (client) => touchBatch(client, tenantId, batchId)),
    cut: (tenantId, batchId) =>
      withTenant(pool, tenantId, async (client) => {
        await client.query("update model_batches set is_cut = true where tenant_id = $1 and id = $2", [
          tenantId,
          batchId,
        ]);
      }),
    regather: (tenantId, batchId, streamIds) =>
      withTenant(pool, tenantId, (client) => regatherStreams(client, tenantId, batchId, streamIds)),
    async release(tenantId, batchId, streamIds, reason) {
      for (let i = 0; i < streamIds.length; i += RELEASED_TOGETHER) {
        const some = { batchId, streamIds: streamIds.slice(i, i + RELEASED_TOGETHER) };
        await withTenant(pool, tenantId, (client) => releaseWaiting(client, tenantId, some, reason));
      }
    },
    async releaseGathered({ tenantId, projectId }, reason, limit) {
      let released = 0;
      while (released < limit) {
        const some = { projectId, limit: Math.min(RELEASED_TOGETHER, limit - released) };
        const count = await withTenant(pool, tenantId, (client) =>
          releaseWaiting(client, tenantId, some, reason),
        );
        if (count === 0) break;
        released += count;
      }
      return released;
    },
    close: (tenantId, batch, left) =>
      withTenant(pool, tenantId, (client) => closeBatchRow(client, tenantId, batch, left)),
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
