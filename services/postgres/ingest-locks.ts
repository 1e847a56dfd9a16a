import type { StreamResult } from "@mneme/core/extraction/ingest-store.ts";
import type { ApplyTransaction } from "./ingest-apply.ts";

/** A stream that is locked for writing, with the key that seals its content. */
export interface LockedStream {
  readonly id: string;
  readonly bucket: number;
  readonly keyId: string;
  readonly projectKeyId: string;
}

interface StreamRow {
  id: string;
  bucket: number;
  subject_id: string | null;
  project_key_id: string;
  subject_key_id: string | null;
}

/**
 * Locks the streams of results in one order for all writers.
 *
 * @returns only streams that may be written: the person is not fenced, and no message of the batch was
 *   worked by somebody else meanwhile. Messages of a fenced person are dropped.
 */
export async function lockStreams(
  { client, tenantId }: ApplyTransaction,
  results: readonly StreamResult[],
): Promise<Map<string, LockedStream>> {
  const { rows } = await client.query<StreamRow>({
    name: "lock_streams",
    text: `select id, bucket, subject_id, project_id,
             (select p.key_id from projects p where p.tenant_id = s.tenant_id and p.id = s.project_id)
               as project_key_id,
             (select u.key_id from subjects u where u.tenant_id = s.tenant_id and u.id = s.subject_id
                and u.epoch = s.epoch and u.state = 'active') as subject_key_id
           from streams s where tenant_id = $1 and id = any ($2::uuid[]) order by id for update`,
    values: [tenantId, results.map(({ batch }) => batch.streamId)],
  });
  // The fence is a lock on the subject: hold it off until this transaction ends, then look again.
  const subjects = rows.flatMap(({ subject_id }) => (subject_id ? [subject_id] : []));
  const active = await lockSubjects(client, tenantId, subjects);
  const pending = await stillPending(client, tenantId, results);
  const streams = new Map<string, LockedStream>();
  for (const row of rows) {
    const result = results.find(({ batch }) => batch.streamId === row.id);
    const untouched = result?.batch.pending.every(({ turn }) => pending.has(turn.messageId));
    if (row.subject_id && (!active.has(row.subject_id) || !row.subject_key_id)) {
      await dropStream(client, tenantId, row.id);
    } else if (untouched) {
      streams.set(row.id, {
        id: row.id,
        bucket: row.bucket,
        keyId: row.subject_key_id ?? row.project_key_id,
        projectKeyId: row.project_key_id,
      });
    }
  }
  return streams;
}

async function lockSubjects(
  client: ApplyTransaction["client"],
  tenantId: string,
  ids: readonly string[],
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const { rows } = await client.query<{ id: string }>({
    name: "lock_subjects",
    text: `select id from subjects where tenant_id = $1 and id = any ($2::uuid[]) and state = 'active'
           order by id for share`,
    values: [tenantId, ids],
  });
  return new Set(rows.map(({ id }) => id));
}

async function stillPending(
  client: ApplyTransaction["client"],
  tenantId: string,
  results: readonly StreamResult[],
): Promise<Set<string>> {
  const ids = results.flatMap(({ batch }) => batch.pending.map(({ turn }) => turn.messageId));
  const { rows } = await client.query<{ id: string }>({
    name: "still_pending",
    text: `select id from messages where tenant_id = $1 and id = any ($2::uuid[]) and state = 'pending'`,
    values: [tenantId, ids],
  });
  return new Set(rows.map(({ id }) => id));
}

/** Drops what a fenced person still has waiting. */
export async function dropStream(
  client: ApplyTransaction["client"],
  tenantId: string,
  streamId: string,
): Promise<void> {
  await client.query(
    "update messages set state = 'dropped' where tenant_id = $1 and stream_id = $2 and state = 'pending'",
    [tenantId, streamId],
  );
  await client.query(
    `update extractions set state = 'dropped', pending_count = 0
     where tenant_id = $1 and stream_id = $2 and state in ('queued', 'running')`,
    [tenantId, streamId],
  );
}
