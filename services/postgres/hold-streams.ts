import type { StreamResult } from "@mneme/core/extraction/ingest-store.ts";
import type pg from "pg";
import type { IngestTransaction } from "./ingest-transaction.ts";
import { lockStreams } from "./stream-locks.ts";

/** A stream that is held for writing, with the key that seals its content. */
export interface WritableStream {
  readonly id: string;
  readonly bucket: number;
  readonly keyId: string;
}

/** What a transaction holds. */
export interface Writable {
  readonly streams: ReadonlyMap<string, WritableStream>;
  /**
   * Record time of everything it writes, as PostgreSQL prints it: read once all is held, so it never runs
   * backwards; whole milliseconds, so that what is told to a client names it exactly.
   */
  readonly moment: string;
}

export interface StreamRow {
  id: string;
  bucket: number;
  subject_id: string | null;
  project_key_id: string;
  /** Null where the person is fenced. */
  subject_key_id: string | null;
  moment: string;
}

/**
 * Holds the streams of results until the transaction ends.
 *
 * @returns only streams that may be written: the person is not fenced, and no message of the batch was
 *   worked by somebody else meanwhile. Messages of a fenced person are dropped.
 */
export async function holdStreams(
  { client, tenantId }: IngestTransaction,
  results: readonly StreamResult[],
): Promise<Writable> {
  const ids = results.map(({ batch }) => batch.streamId);
  await lockStreams(client, ids);
  // The fence is a lock on the person: hold it off until this transaction ends, then look.
  await lockSubjects(
    client,
    tenantId,
    results.flatMap(({ batch }) => batch.subject?.id ?? []),
  );
  const rows = await readStreams(client, tenantId, ids);
  const pending = await stillPending(client, tenantId, results);
  const batches = new Map(results.map(({ batch }) => [batch.streamId, batch]));
  const streams = new Map<string, WritableStream>();
  for (const row of rows) {
    const untouched = batches.get(row.id)?.pending.every(({ turn }) => pending.has(turn.messageId));
    if (row.subject_id && !row.subject_key_id) {
      await dropStream(client, tenantId, row.id);
    } else if (untouched) {
      streams.set(row.id, {
        id: row.id,
        bucket: row.bucket,
        keyId: row.subject_key_id ?? row.project_key_id,
      });
    }
  }
  return { streams, moment: rows[0]?.moment ?? "" };
}

/** Until the transaction ends nobody fences them. */
export async function lockSubjects(
  client: pg.PoolClient,
  tenantId: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  await client.query({
    name: "lock_subjects",
    text: "select from subjects where tenant_id = $1 and id = any ($2::uuid[]) order by id for share",
    values: [tenantId, ids],
  });
}

/** Streams, each with the keys that seal what is theirs. */
export async function readStreams(
  client: pg.PoolClient,
  tenantId: string,
  ids: readonly string[],
): Promise<StreamRow[]> {
  const { rows } = await client.query<StreamRow>({
    name: "read_streams",
    text: `select s.id, s.bucket, s.subject_id, p.key_id as project_key_id, u.key_id as subject_key_id,
             date_trunc('milliseconds', clock_timestamp())::text as moment
           from streams s
           join projects p on p.tenant_id = s.tenant_id and p.id = s.project_id
           left join subjects u on u.tenant_id = s.tenant_id and u.id = s.subject_id and u.epoch = s.epoch
             and u.state = 'active'
           where s.tenant_id = $1 and s.id = any ($2::uuid[])`,
    values: [tenantId, ids],
  });
  return rows;
}

async function stillPending(
  client: pg.PoolClient,
  tenantId: string,
  results: readonly StreamResult[],
): Promise<Set<string>> {
  const ids = results.flatMap(({ batch }) => batch.pending.map(({ turn }) => turn.messageId));
  const { rows } = await client.query<{ id: string }>({
    name: "still_pending",
    text: "select id from messages where tenant_id = $1 and id = any ($2::uuid[]) and state = 'pending'",
    values: [tenantId, ids],
  });
  return new Set(rows.map(({ id }) => id));
}

/** Drops what a fenced person still has waiting. */
export async function dropStream(client: pg.PoolClient, tenantId: string, streamId: string): Promise<void> {
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
