import type {
  BatchReading,
  BatchRequest,
  BegunBatch,
  LeftReason,
  ModelBatch,
} from "@mneme/core/extraction/bulk/bulk-store.ts";
import type pg from "pg";
import { deleteRequests, replaceRequests } from "./batch-requests.ts";

/** As `BulkStore.get`. */
export async function getBatch(
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
    server: string | null;
    provider_id: string | null;
    sending_at: Date | null;
    sends: number;
    is_cut: boolean;
  }>({
    name: "get_batch",
    text: `select id, project_id, state, model, extractor_version, server, provider_id, sending_at, sends, is_cut
           from model_batches where tenant_id = $1 and id = $2`,
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
      server: row.server ?? undefined,
      providerId: row.provider_id ?? undefined,
      sendingAt: row.sending_at ?? undefined,
      sends: row.sends,
      isCut: row.is_cut,
    }
  );
}

/** As `BulkStore.begin`. */
export async function beginBatch(
  client: pg.PoolClient,
  tenantId: string,
  { id, sends }: Pick<ModelBatch, "id" | "sends">,
  by: BatchReading,
  requests: readonly BatchRequest[],
): Promise<BegunBatch | undefined> {
  const { rows } = await client.query<{ sending_at: Date; sends: number }>({
    name: "begin_batch",
    text: `update model_batches set state = 'sending', model = $4, extractor_version = $5, server = $6, seen_at = now(),
             sending_at = coalesce(sending_at, now()), sends = sends + 1
           where tenant_id = $1 and id = $2 and sends = $3 and state in ('gathered', 'sending')
           returning sending_at, sends`,
    values: [tenantId, id, sends, by.model, by.extractorVersion, by.server],
  });
  const [row] = rows;
  if (!row) return undefined;
  await replaceRequests(client, tenantId, id, requests);
  await client.query({
    name: "leave_for_next_batch",
    text: `update streams set batch_id = null
           where tenant_id = $1 and batch_id = $2 and id <> all ($3::uuid[])`,
    values: [tenantId, id, requests.map(({ streamId }) => streamId)],
  });
  return { sends: row.sends, at: row.sending_at };
}

/** As `BulkStore.sent`. */
export async function noteSent(
  client: pg.PoolClient,
  tenantId: string,
  batchId: string,
  providerId: string,
): Promise<boolean> {
  const { rows } = await client.query({
    name: "batch_sent",
    text: `update model_batches set state = 'sent', provider_id = $3, seen_at = now()
           where tenant_id = $1 and id = $2
             and (state = 'sending' and provider_id is null or state = 'sent' and provider_id = $3)
           returning id`,
    values: [tenantId, batchId, providerId],
  });
  if (rows.length > 0) return true;
  await noteStray(client, tenantId, batchId);
  return false;
}

/** Has a batch closed again that another sending has come to; one that is being closed is not done by now. */
async function noteStray(client: pg.PoolClient, tenantId: string, batchId: string): Promise<void> {
  const { rows } = await client.query<{ state: ModelBatch["state"] }>({
    name: "batch_stray",
    text: `update model_batches set sends = sends + 1, seen_at = now(),
             state = case state when 'closed' then 'closing' else state end
           where tenant_id = $1 and id = $2 returning state`,
    values: [tenantId, batchId],
  });
  if (rows[0]?.state !== "closing") return;
  await client.query("insert into outbox (tenant_id, topic, key) values ($1, 'batch', $2)", [
    tenantId,
    batchId,
  ]);
}

/** As `BulkStore.close`. */
export async function closeBatchRow(
  client: pg.PoolClient,
  tenantId: string,
  { id, sends }: Pick<ModelBatch, "id" | "sends">,
  left: LeftReason | undefined,
): Promise<boolean> {
  const { rows } = await client.query({
    name: "close_batch",
    text: `update model_batches set state = 'closed', left_reason = $4, seen_at = now()
           where tenant_id = $1 and id = $2 and sends = $3 returning id`,
    values: [tenantId, id, sends, left ?? null],
  });
  if (rows.length === 0) return false;
  // Which messages it read is of no use to anybody from now on.
  await deleteRequests(client, tenantId, id);
  return true;
}
