import { bucketOf } from "@mneme/core/extraction/bucket.ts";
import type { Accepted, AcceptInput, ConversationStore } from "@mneme/core/memory/conversation-store.ts";
import type { MessageRole } from "@mneme/core/memory/memory.ts";
import { audienceOf } from "@mneme/core/tenancy/audience.ts";
import { countedKey, type Tenancy } from "@mneme/core/tenancy/caller.ts";
import { v7 as uuidv7 } from "uuid";
import { type Database, type TenantTransaction, transact } from "./database.ts";
import { EXTRACTION_COLUMNS, type ExtractionRow, toExtraction } from "./extraction-rows.ts";
import { claimRequest } from "./idempotency.ts";
import { toMessageBody } from "./message-body.ts";
import { allOf } from "./pool.ts";
import { ensureScope, lockSubject, type WritableScope } from "./scopes.ts";
import { streamIdentity } from "./stream-identity.ts";
import { wakeIngest } from "./wake-ingest.ts";

/** Keeps conversations in the record. */
export function createConversationStore(database: Database): ConversationStore {
  return {
    accept: (tenancy, input, signal) =>
      transact(
        database,
        tenancy,
        async (transaction) => {
          const { tenantId } = tenancy;
          const extractionId = uuidv7();
          const [done, subject] = await allOf([
            claimRequest(transaction, tenantId, input.request, { extractionId }),
            lockSubject(transaction, tenantId, input.scope.userId),
          ]);
          transaction.audit?.about(subject?.id);
          transaction.audit?.touches("extraction", done?.extractionId ?? extractionId);
          if (done) {
            // Which lets the call see what it kept for a team.
            if (input.scope.teamId || input.scope.sharedWith)
              await ensureScope(database, transaction, tenantId, input.scope, subject);
            return {
              ...(await readAccepted(transaction, tenantId, done.extractionId, input)),
              isRepeated: true,
            };
          }
          const scope = await ensureScope(database, transaction, tenantId, input.scope, subject);
          const [stream, sealed] = await allOf([
            reservePositions(transaction, tenancy, scope, input.items.length),
            sealInput(transaction, input, scope),
          ]);
          // None needs another's answer, and each is sent as it is called: all leave in one round trip.
          const written = await allOf([
            insertExtraction(transaction, tenancy, scope, stream, extractionId, sealed, input.processing),
            insertMessages(transaction, tenancy, scope, stream, extractionId, sealed),
            wakeIngest(transaction.client, tenantId, [stream.bucket]),
            readAccepted(transaction, tenantId, extractionId, input),
            transaction.commit(),
          ]);
          return written[3];
        },
        signal,
      ),
  };
}

interface ReservedStream {
  readonly id: string;
  readonly bucket: number;
  /** Where its new messages lie: with those before them that wait for a budget. */
  readonly messageBucket: number;
  readonly firstPosition: number;
}

/** Finds or makes the stream and takes the next places in it; its row stays locked until the commit. */
async function reservePositions(
  { client, mac }: TenantTransaction,
  { tenantId, projectId }: Tenancy,
  { ids }: WritableScope,
  count: number,
): Promise<ReservedStream> {
  const identityMac = await mac("stream", streamIdentity(ids));
  const reserve = () =>
    client.query<{ id: string; bucket: number; message_bucket: number; first: string }>({
      name: "reserve_positions",
      text: `update streams set next_position = next_position + $4
             where tenant_id = $1 and project_id = $2 and identity_mac = $3
             returning id, bucket, next_position - $4 as first,
               case when held_until is null then bucket else -1 - bucket end as message_bucket`,
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
  return {
    id: row.id,
    bucket: row.bucket,
    messageBucket: row.message_bucket,
    firstPosition: Number(row.first),
  };
}

interface SealedInput {
  readonly metadata: Buffer | null;
  readonly messages: readonly {
    readonly id: string;
    readonly role: MessageRole;
    readonly body: Buffer;
    readonly isFinished: boolean;
    readonly sentAt: Date;
  }[];
}

async function sealInput(
  { content }: TenantTransaction,
  { items, metadata }: AcceptInput,
  { keyId }: WritableScope,
): Promise<SealedInput> {
  const messages = items.map(async (item) => {
    const body = toMessageBody(item);
    const role = item.type === "turn" ? item.message.role : "user";
    return {
      id: uuidv7(),
      role,
      body: await content.sealJson(keyId, "messages.body", body),
      isFinished: body.draft !== undefined,
      sentAt: item.type === "turn" ? item.message.sentAt : item.sentAt,
    };
  });
  const hasMetadata = Object.keys(metadata).length > 0;
  return {
    metadata: hasMetadata ? await content.sealJson(keyId, "extractions.metadata", metadata) : null,
    messages: await Promise.all(messages),
  };
}

async function insertExtraction(
  { client }: TenantTransaction,
  tenancy: Tenancy,
  { ids }: WritableScope,
  stream: ReservedStream,
  extractionId: string,
  { messages, metadata }: SealedInput,
  processing: AcceptInput["processing"] = "now",
): Promise<void> {
  const { tenantId, projectId, apiKeyId, firstKeyId } = tenancy;
  await client.query({
    name: "insert_extraction",
    text: `insert into extractions (tenant_id, id, project_id, stream_id, bucket, subject_id, epoch, agent_id,
             app_id, team_id, session_id, message_count, pending_count, metadata_ct, api_key_id,
             processing)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14, $15)`,
    values: [
      tenantId,
      extractionId,
      projectId,
      stream.id,
      stream.bucket,
      ids.subject?.id ?? null,
      ids.subject?.epoch ?? 0,
      ids.agentId ?? null,
      ids.appId ?? null,
      ids.teamId ?? null,
      ids.sessionId ?? null,
      messages.length,
      metadata,
      apiKeyId === undefined ? null : countedKey({ apiKeyId, firstKeyId }),
      processing,
    ],
  });
}

async function insertMessages(
  { client }: TenantTransaction,
  { tenantId, projectId }: Tenancy,
  { ids }: WritableScope,
  stream: ReservedStream,
  extractionId: string,
  { messages }: SealedInput,
): Promise<void> {
  await client.query({
    name: "insert_messages",
    text: `insert into messages (tenant_id, project_id, stream_id, bucket, extraction_id, subject_id, epoch,
             audience, session_id, id, position, role, body_ct, is_finished,
             sent_at)
           select $1, $2, $3, $4, $5, $6, $7, $8, $9, m.* from unnest($10::uuid[], $11::bigint[], $12::text[],
             $13::bytea[], $14::boolean[], $15::timestamptz[]) as m`,
    values: [
      tenantId,
      projectId,
      stream.id,
      stream.messageBucket,
      extractionId,
      ids.subject?.id ?? null,
      ids.subject?.epoch ?? 0,
      audienceOf(ids),
      ids.sessionId ?? null,
      messages.map(({ id }) => id),
      messages.map((_, index) => stream.firstPosition + index),
      messages.map(({ role }) => role),
      messages.map(({ body }) => body),
      messages.map(({ isFinished }) => isFinished),
      messages.map(({ sentAt }) => sentAt),
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
