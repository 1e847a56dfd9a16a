import type { MessageRole } from "@mneme/core/memory/memory.ts";
import type pg from "pg";

/** A message that waits, with what it needs to be read. */
export interface PendingRow {
  id: string;
  stream_id: string;
  position: string;
  extraction_id: string;
  audience: string;
  is_finished: boolean;
  session_id: string | null;
  role: MessageRole;
  body_ct: Buffer | null;
  sent_at: Date;
  project_id: string;
  subject_id: string | null;
  epoch: number;
  agent_id: string | null;
  app_id: string | null;
  team_id: string | null;
  metadata_ct: Buffer | null;
  api_key_id: string | null;
  participants_ct: Buffer | null;
  summary_ct: Buffer | null;
  fenced: boolean;
  may_wait: boolean;
  attempts: number;
}

/** Of `messages m` with `PENDING_JOINS`. */
export const PENDING_COLUMNS = `m.id, m.stream_id, m.position, m.extraction_id, m.audience, m.is_finished, m.session_id,
  m.role, m.body_ct, m.sent_at, s.project_id, s.subject_id, s.epoch, e.agent_id, e.app_id, e.team_id, e.metadata_ct,
  e.api_key_id, s.participants_ct, (select u.summary_ct from stream_summaries u where u.tenant_id = m.tenant_id
    and u.stream_id = m.stream_id and u.audience = m.audience) as summary_ct,
  s.subject_id is not null and not exists (select from subjects p where p.tenant_id = s.tenant_id
    and p.id = s.subject_id and p.epoch = s.epoch and p.state = 'active') as fenced,
  e.processing = 'bulk' and e.direct_reason is null and not m.is_finished as may_wait, e.attempts`;

export const PENDING_JOINS = `join streams s on s.tenant_id = m.tenant_id and s.id = m.stream_id
  join extractions e on e.tenant_id = m.tenant_id and e.id = m.extraction_id`;

/** Sealed bodies of one batch, of which several are in memory at once; a single message may be larger. */
const BATCH_BYTES = 4 * 1024 * 1024;

/**
 * Whose messages wait: the streams of the oldest ones, and as many more by a walk from stream to stream, whom a
 * flood in front would hide. Of each the first messages by position: a stream is only ever worked from its front.
 * Where not all fit, those who have waited longest go first.
 */
const LOAD_TARGET = `
  with recursive walk as (
    (select stream_id, 1 as step from messages
     where tenant_id = $1 and bucket = $2 and state = 'pending' order by stream_id limit 1)
    union all
    select n.stream_id, w.step + 1 from walk w
    cross join lateral (
      select stream_id from messages
      where tenant_id = $1 and bucket = $2 and state = 'pending' and stream_id > w.stream_id
      order by stream_id limit 1) n
    where w.step < $3),
  waiting as (
    select stream_id from (
      select stream_id from messages
      where tenant_id = $1 and bucket = $2 and state = 'pending' and stream_id <> all ($4::uuid[])
      order by id limit $3) o
    union select stream_id from walk where stream_id <> all ($4::uuid[])),
  turns as (
    select w.stream_id, row_number() over (order by f.id) as turn
    from waiting w
    cross join lateral (
      select id from messages
      where tenant_id = $1 and bucket = $2 and stream_id = w.stream_id and state = 'pending'
      order by position limit 1) f
    order by f.id limit $3)
  select ${PENDING_COLUMNS}
  from (
    select f.*, t.turn, row_number() over (partition by f.stream_id order by f.position) as place,
      sum(octet_length(f.body_ct)) over (order by t.turn, f.position) as bytes
    from turns t
    cross join lateral (
      select * from messages
      where tenant_id = $1 and bucket = $2 and stream_id = t.stream_id and state = 'pending'
      order by position limit (select greatest(4, $3 / count(*)) from turns)) f) m
  ${PENDING_JOINS}
  where m.turn = 1 and m.place = 1 or m.bytes <= ${BATCH_BYTES}
  order by m.turn, m.position`;

/** Only the messages of the first extraction: what fails is known by it. */
const LOAD_STREAM = `
  with first as (
    select extraction_id from messages
    where tenant_id = $1 and stream_id = $2 and state = 'pending' order by position limit 1)
  select ${PENDING_COLUMNS}
  from (
    select *, row_number() over stream as place, sum(octet_length(body_ct)) over stream as bytes
    from messages
    where tenant_id = $1 and stream_id = $2 and state = 'pending'
      and extraction_id = (select extraction_id from first)
    window stream as (order by position)
    order by position limit $3) m
  ${PENDING_JOINS}
  where m.place = 1 or m.bytes <= ${BATCH_BYTES}
  order by m.position`;

/** The first messages of a stream, whatever was added with them. */
const LOAD_NEXT = `
  select ${PENDING_COLUMNS}
  from (
    select *, row_number() over stream as place, sum(octet_length(body_ct)) over stream as bytes
    from messages
    where tenant_id = $1 and stream_id = $2 and state = 'pending'
    window stream as (order by position)
    order by position limit $3) m
  ${PENDING_JOINS}
  where m.place = 1 or m.bytes <= ${BATCH_BYTES}
  order by m.position`;

const LOAD_THESE = `
  select ${PENDING_COLUMNS}
  from messages m
  ${PENDING_JOINS}
  where m.tenant_id = $1 and m.id = any ($2::uuid[]) and m.state = 'pending'
  order by m.position`;

export async function selectPending(
  client: pg.PoolClient,
  tenantId: string,
  bucket: number,
  limit: number,
  exclude: readonly string[],
): Promise<PendingRow[]> {
  const { rows } = await client.query<PendingRow>({
    name: "ingest_load_target",
    text: LOAD_TARGET,
    values: [tenantId, bucket, limit, exclude],
  });
  return rows;
}

export async function selectPendingOfStream(
  client: pg.PoolClient,
  tenantId: string,
  streamId: string,
  limit: number,
): Promise<PendingRow[]> {
  const { rows } = await client.query<PendingRow>({
    name: "ingest_load_stream",
    text: LOAD_STREAM,
    values: [tenantId, streamId, limit],
  });
  return rows;
}

/** The stream's next messages, up to the first that may not wait. */
export async function selectWaiting(
  client: pg.PoolClient,
  tenantId: string,
  streamId: string,
  limit: number,
): Promise<PendingRow[]> {
  const { rows } = await client.query<PendingRow>({
    name: "ingest_load_waiting",
    text: LOAD_NEXT,
    values: [tenantId, streamId, limit],
  });
  const end = rows.findIndex((row) => !row.may_wait);
  return end < 0 ? rows : rows.slice(0, end);
}

/** Those of these messages that are still to be worked. */
export async function selectThese(
  client: pg.PoolClient,
  tenantId: string,
  messageIds: readonly string[],
): Promise<PendingRow[]> {
  const { rows } = await client.query<PendingRow>({
    name: "ingest_load_these",
    text: LOAD_THESE,
    values: [tenantId, messageIds],
  });
  return rows;
}

/** Whether earlier messages of its stream are to be worked before this one. */
export async function hasEarlierPending(
  client: pg.PoolClient,
  tenantId: string,
  { stream_id, position }: Pick<PendingRow, "stream_id" | "position">,
): Promise<boolean> {
  const { rows } = await client.query({
    name: "ingest_is_behind",
    text: `select from messages
           where tenant_id = $1 and stream_id = $2 and state = 'pending' and position < $3 limit 1`,
    values: [tenantId, stream_id, position],
  });
  return rows.length > 0;
}
