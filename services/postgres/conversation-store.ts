import { bucketOf } from "@mneme/core/extraction/bucket.ts";
import type { Accepted, AcceptInput, ConversationStore } from "@mneme/core/memory/conversation-store.ts";
import { normalizeStatement } from "@mneme/core/memory/normalize.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import { v7 as uuidv7 } from "uuid";
import { type Database, type TenantTransaction, transact } from "./database.ts";
import { EXTRACTION_COLUMNS, type ExtractionRow, toExtraction } from "./extraction-rows.ts";
import { claimRequest, recordResult } from "./idempotency.ts";
import { toMessageBody } from "./message-body.ts";
import { ensureScope, type WritableScope } from "./scopes.ts";

/** Keeps conversations in the record. */
export function createConversationStore(database: Database): ConversationStore {
  return {
    accept: (tenancy, input, signal) =>
      transact(
        database,
        tenancy,
        async (transaction) => {
          const { tenantId } = tenancy;
          const done = await claimRequest<{ extractionId: string }>(transaction, tenantId, input.request);
          if (done) return readAccepted(transaction, tenantId, done.extractionId, input);
          const scope = await ensureScope(database, transaction, tenantId, input.scope);
          const stream = await reservePositions(transaction, tenancy, scope, input.items.length);
          const extractionId = await insertExtraction(transaction, tenancy, input, scope, stream);
          await insertMessages(transaction, tenancy, input, scope, stream, extractionId);
          await transaction.client.query(
            "insert into outbox (tenant_id, topic, key) values ($1, 'ingest', $2)",
            [tenantId, String(stream.bucket)],
          );
          await recordResult(transaction, tenantId, input.request, { extractionId });
          return readAccepted(transaction, tenantId, extractionId, input);
        },
        signal,
      ),
  };
}

interface ReservedStream {
  readonly id: string;
  readonly bucket: number;
  readonly firstPosition: number;
}

/** Finds or makes the stream and takes the next places in it; its row stays locked until the commit. */
async function reservePositions(
  { client, mac }: TenantTransaction,
  { tenantId, projectId }: Tenancy,
  { ids }: WritableScope,
  count: number,
): Promise<ReservedStream> {
  const identity = ids.subject
    ? `subject/${ids.subject.id}/${ids.subject.epoch}`
    : `shared/${[ids.agentId, ids.appId, ids.teamId, ids.sessionId].map((id) => id ?? "").join("/")}`;
  const identityMac = await mac("stream", identity);
  const reserve = () =>
    client.query<{ id: string; bucket: number; first: string }>({
      name: "reserve_positions",
      text: `update streams set next_position = next_position + $4
             where tenant_id = $1 and project_id = $2 and identity_mac = $3
             returning id, bucket, next_position - $4 as first`,
      values: [tenantId, projectId, identityMac, count],
    });
  let row = (await reserve()).rows[0];
  if (!row) {
    const id = uuidv7();
    await client.query(
      `insert into streams (tenant_id, id, project_id, subject_id, epoch, identity_mac, bucket)
       values ($1, $2, $3, $4, $5, $6, $7) on conflict (tenant_id, project_id, identity_mac) do nothing`,
      [tenantId, id, projectId, ids.subject?.id ?? null, ids.subject?.epoch ?? 0, identityMac, bucketOf(id)],
    );
    row = (await reserve()).rows[0];
  }
  if (!row) throw new Error("a stream vanished while it was made");
  return { id: row.id, bucket: row.bucket, firstPosition: Number(row.first) };
}

async function insertExtraction(
  { client, content }: TenantTransaction,
  { tenantId, projectId }: Tenancy,
  input: AcceptInput,
  { ids, keyId }: WritableScope,
  stream: ReservedStream,
): Promise<string> {
  const id = uuidv7();
  const hasMetadata = Object.keys(input.metadata).length > 0;
  await client.query({
    name: "insert_extraction",
    text: `insert into extractions (tenant_id, id, project_id, stream_id, bucket, subject_id, epoch, agent_id,
             app_id, team_id, session_id, message_count, pending_count, metadata_ct)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13)`,
    values: [
      tenantId,
      id,
      projectId,
      stream.id,
      stream.bucket,
      ids.subject?.id ?? null,
      ids.subject?.epoch ?? 0,
      ids.agentId ?? null,
      ids.appId ?? null,
      ids.teamId ?? null,
      ids.sessionId ?? null,
      input.items.length,
      hasMetadata ? await content.sealJson(keyId, "extractions.metadata", input.metadata) : null,
    ],
  });
  return id;
}

async function insertMessages(
  { client, content, mac }: TenantTransaction,
  { tenantId, projectId }: Tenancy,
  input: AcceptInput,
  { ids, keyId }: WritableScope,
  stream: ReservedStream,
  extractionId: string,
): Promise<void> {
  const rows = await Promise.all(
    input.items.map(async (item, index) => {
      const body = toMessageBody(item);
      const role = item.type === "turn" ? item.message.role : "user";
      return {
        id: uuidv7(),
        position: stream.firstPosition + index,
        role,
        body: await content.sealJson(keyId, "messages.body", body),
        bodyMac: await mac("turn", `${role}\0${body.name ?? ""}\0${normalizeStatement(body.text)}`),
        sentAt: item.type === "turn" ? item.message.sentAt : item.sentAt,
      };
    }),
  );
  await client.query({
    name: "insert_messages",
    text: `insert into messages (tenant_id, project_id, stream_id, bucket, extraction_id, subject_id, epoch,
             session_id, id, position, role, body_ct, body_mac, sent_at)
           select $1, $2, $3, $4, $5, $6, $7, $8, m.* from unnest($9::uuid[], $10::bigint[], $11::text[],
             $12::bytea[], $13::bytea[], $14::timestamptz[]) as m`,
    values: [
      tenantId,
      projectId,
      stream.id,
      stream.bucket,
      extractionId,
      ids.subject?.id ?? null,
      ids.subject?.epoch ?? 0,
      ids.sessionId ?? null,
      rows.map((row) => row.id),
      rows.map((row) => row.position),
      rows.map((row) => row.role),
      rows.map((row) => row.body),
      rows.map((row) => row.bodyMac),
      rows.map((row) => row.sentAt),
    ],
  });
}

async function readAccepted(
  { client }: TenantTransaction,
  tenantId: string,
  extractionId: string,
  input: AcceptInput,
): Promise<Accepted> {
  const { rows } = await client.query<ExtractionRow & { message_ids: string[] | null }>({
    name: "read_accepted",
    text: `select ${EXTRACTION_COLUMNS},
             (select array_agg(m.id order by m.position) from messages m
              where m.tenant_id = e.tenant_id and m.extraction_id = e.id) as message_ids
           from extractions e where e.tenant_id = $1 and e.id = $2`,
    values: [tenantId, extractionId],
  });
  const row = rows[0];
  if (!row) throw new Error("an accepted extraction vanished");
  return { extraction: toExtraction(row, input.scope), messageIds: row.message_ids ?? [] };
}
