import type { AnswerOwner, ModelAnswers } from "@mneme/core/extraction/model-answers.ts";
import type pg from "pg";
import { openOr } from "./damage.ts";
import type { Database } from "./database.ts";
import { deletedSince } from "./deleted-since.ts";
import { type IngestTransaction, ingestTransactions } from "./ingest-transaction.ts";
import { lockStreams } from "./stream-locks.ts";

export interface ModelAnswersOptions {
  /** How long an answer is kept at most. */
  readonly days: number;
}

/** Models' answers in the record, each sealed under the key of whoever it is about. */
export function createModelAnswers(database: Database, { days }: ModelAnswersOptions): ModelAnswers {
  const run = ingestTransactions(database);
  return {
    find: ({ tenantId, streamId }, asked, signal) =>
      run(tenantId, (transaction) => findAnswer(transaction, streamId, asked), signal),
    keep: (owner, asked, answer, signal) =>
      run(owner.tenantId, (transaction) => keepAnswer(transaction, owner, { asked, answer, days }), signal),
  };
}

async function findAnswer(
  { client, tenantId, content, mac }: IngestTransaction,
  streamId: string,
  asked: string,
): Promise<string | undefined> {
  const { rows } = await client.query<{ answer_ct: Buffer }>({
    name: "find_model_answer",
    text: `select answer_ct from model_answers
           where tenant_id = $1 and stream_id = $2 and asked_mac = $3 and expires_at > now()`,
    values: [tenantId, streamId, await mac("model_answer", asked)],
  });
  const sealed = rows[0]?.answer_ct;
  if (!sealed) return undefined;
  // A model can be asked anew.
  return openOr(() => content.openText("model_answers.answer", sealed), undefined);
}

async function keepAnswer(
  { client, tenantId, content, mac }: IngestTransaction,
  { streamId, projectId, subject, purpose, messageIds, memoryIds, quietSince }: AnswerOwner,
  { asked, answer, days }: { readonly asked: string; readonly answer: string; readonly days: number },
): Promise<void> {
  if (quietSince) await lockStreams(client, [streamId]);
  const { rows } = await client.query<{ key_id: string }>({
    name: `key_of_model_answer_${subject ? "person" : "project"}`,
    text: subject
      ? `select key_id from subjects where tenant_id = $1 and id = $2 and epoch = $3 and state = 'active' for share`
      : "select key_id from projects where tenant_id = $1 and id = $2",
    values: subject ? [tenantId, subject.id, subject.epoch] : [tenantId, projectId],
  });
  const keyId = rows[0]?.key_id;
  if (keyId === undefined || !(await areKept(client, tenantId, messageIds))) return;
  if (!(await areThere(client, tenantId, streamId, memoryIds ?? []))) return;
  if (quietSince && (await deletedSince(client, tenantId, [{ streamId, since: quietSince }])).size > 0)
    return;
  const [askedMac, sealed] = await Promise.all([
    mac("model_answer", asked),
    content.sealText(keyId, "model_answers.answer", answer),
  ]);
  await client.query({
    name: "keep_model_answer",
    text: `insert into model_answers (tenant_id, stream_id, asked_mac, project_id, subject_id, epoch, purpose, message_ids,
             memory_ids, answer_ct, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now() + make_interval(days => $11))
           on conflict (tenant_id, stream_id, asked_mac) do update
             set answer_ct = excluded.answer_ct, message_ids = excluded.message_ids,
               memory_ids = excluded.memory_ids, kept_at = now(),
               expires_at = excluded.expires_at`,
    values: [
      tenantId,
      streamId,
      askedMac,
      projectId,
      subject?.id ?? null,
      subject?.epoch ?? 0,
      purpose,
      messageIds,
      memoryIds ?? null,
      sealed,
      days,
    ],
  });
}

/** Holds off whoever deletes one of these memories, and then deletes the answer too: one beside its own stream's it would miss. */
async function areThere(
  client: pg.PoolClient,
  tenantId: string,
  streamId: string,
  memoryIds: readonly string[],
): Promise<boolean> {
  const { rowCount } = await client.query({
    name: "memories_of_model_answer",
    text: `select from memories where tenant_id = $1 and stream_id = $2 and id = any ($3::uuid[])
           order by id for share`,
    values: [tenantId, streamId, memoryIds],
  });
  return rowCount === memoryIds.length;
}

/** Holds off whoever takes the messages' words: what they said would outlive them in the answer. */
async function areKept(
  client: pg.PoolClient,
  tenantId: string,
  messageIds: readonly string[],
): Promise<boolean> {
  const { rows } = await client.query<{ is_kept: boolean }>({
    name: "messages_of_model_answer",
    text: `select body_ct is not null as is_kept from messages
           where tenant_id = $1 and id = any ($2::uuid[]) order by id for share`,
    values: [tenantId, messageIds],
  });
  return rows.every((row) => row.is_kept);
}
