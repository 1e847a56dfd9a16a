import type { Turn } from "@mneme/core/extraction/extractor.ts";
import type { PendingMessage, StreamBatch } from "@mneme/core/extraction/ingest-store.ts";
import type { MessageRole, Metadata } from "@mneme/core/memory/memory.ts";
import type { Participant } from "@mneme/core/tenancy/scope.ts";
import type pg from "pg";
import type { Content } from "./content.ts";
import { draftOf, type MessageBody } from "./message-body.ts";

export interface PendingRow {
  id: string;
  stream_id: string;
  position: string;
  extraction_id: string;
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
  participants_ct: Buffer | null;
  summary_ct: Buffer | null;
  fenced: boolean;
}

type TurnRow = Pick<
  PendingRow,
  "id" | "stream_id" | "session_id" | "role" | "body_ct" | "sent_at" | "position"
>;

const PENDING_COLUMNS = `m.id, m.stream_id, m.position, m.extraction_id, m.session_id, m.role, m.body_ct,
  m.sent_at, s.project_id, s.subject_id, s.epoch, e.agent_id, e.app_id, e.team_id, e.metadata_ct,
  s.participants_ct, s.summary_ct,
  s.subject_id is not null and not exists (select from subjects p where p.tenant_id = s.tenant_id
    and p.id = s.subject_id and p.epoch = s.epoch and p.state = 'active') as fenced`;

const PENDING_JOINS = `join streams s on s.tenant_id = m.tenant_id and s.id = m.stream_id
  join extractions e on e.tenant_id = m.tenant_id and e.id = m.extraction_id`;

/** Sealed bodies of one batch, of which several are in memory at once; a single message may be larger. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** A longer turn is no context for the next one, and no window takes it in. */
const CONTEXT_BYTES = 32 * 1024;

/**
 * The streams of the oldest pending messages, and of each the first ones by position: a stream is only
 * ever worked from its front.
 */
const LOAD_TARGET = `
  with oldest as (
    select stream_id from (
      select stream_id from messages
      where tenant_id = $1 and bucket = $2 and state = 'pending' and stream_id <> all ($4::uuid[])
      order by id limit $3) o
    group by stream_id)
  select ${PENDING_COLUMNS}
  from (
    select f.*, row_number() over streams as place, sum(octet_length(f.body_ct)) over streams as bytes
    from oldest o
    cross join lateral (
      select * from messages
      where tenant_id = $1 and bucket = $2 and stream_id = o.stream_id and state = 'pending'
      order by position limit (select greatest(4, $3 / count(*)) from oldest)) f
    window streams as (order by f.stream_id, f.position)) m
  ${PENDING_JOINS}
  where m.place = 1 or m.bytes <= ${BATCH_BYTES}
  order by m.stream_id, m.position`;

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

/** Groups rows by stream and opens them; each group comes with the turns before it. */
export async function toBatches(
  client: pg.PoolClient,
  content: Content,
  tenantId: string,
  rows: readonly PendingRow[],
): Promise<StreamBatch[]> {
  const streams = Map.groupBy(rows, (row) => row.stream_id);
  const context = await selectContext(client, tenantId, streams);
  const contextOf = Map.groupBy(context, (row) => row.stream_id);
  return Promise.all(
    [...streams].map(async ([streamId, pending]) => {
      const first = pending[0] as PendingRow;
      const turns = await Promise.all((contextOf.get(streamId) ?? []).map((row) => openTurn(content, row)));
      return {
        streamId,
        projectId: first.project_id,
        subject: first.subject_id ? { id: first.subject_id, epoch: first.epoch } : undefined,
        participants:
          (await content.openJson<Participant[]>("streams.participants", first.participants_ct)) ?? [],
        summary: (await content.openText("streams.summary", first.summary_ct)) ?? "",
        context: turns.flatMap(({ turn, body }) => (body.draft ? [] : [turn])),
        pending: await Promise.all(pending.map((row) => openPending(content, row))),
      };
    }),
  );
}

/** The 10 turns before each stream's batch, and the 3 before it in each session that it touches. */
async function selectContext(
  client: pg.PoolClient,
  tenantId: string,
  streams: ReadonlyMap<string, readonly PendingRow[]>,
): Promise<TurnRow[]> {
  const starts = [...streams].map(([streamId, rows]) => ({ streamId, position: rows[0]?.position ?? "0" }));
  const sessions = [...streams].flatMap(([streamId, rows]) => {
    const first = rows[0]?.position ?? "0";
    const ids = new Set(rows.map((row) => row.session_id));
    return [...ids].flatMap((id) => (id ? [{ streamId, id, first }] : []));
  });
  const { rows } = await client.query<TurnRow>({
    name: "ingest_load_context",
    text: `
      select m.* from unnest($2::uuid[], $3::bigint[]) as s (stream_id, first)
      cross join lateral (
        select id, stream_id, session_id, role, body_ct, sent_at, position from messages
        where tenant_id = $1 and stream_id = s.stream_id and position < s.first
        order by position desc limit 10) m
      where octet_length(m.body_ct) <= ${CONTEXT_BYTES}
      union
      select m.* from unnest($4::uuid[], $5::uuid[], $6::bigint[]) as s (stream_id, session_id, first)
      cross join lateral (
        select id, stream_id, session_id, role, body_ct, sent_at, position from messages
        where tenant_id = $1 and session_id = s.session_id and stream_id = s.stream_id and position < s.first
        order by position desc limit 3) m
      where octet_length(m.body_ct) <= ${CONTEXT_BYTES}
      order by stream_id, position`,
    values: [
      tenantId,
      starts.map(({ streamId }) => streamId),
      starts.map(({ position }) => position),
      sessions.map(({ streamId }) => streamId),
      sessions.map(({ id }) => id),
      sessions.map(({ first }) => first),
    ],
  });
  return rows;
}

async function openPending(content: Content, row: PendingRow): Promise<PendingMessage> {
  const { turn, body } = await openTurn(content, row);
  return {
    turn,
    extractionId: row.extraction_id,
    ids: {
      subject: row.subject_id ? { id: row.subject_id, epoch: row.epoch } : undefined,
      agentId: row.agent_id ?? undefined,
      appId: row.app_id ?? undefined,
      teamId: row.team_id ?? undefined,
      sessionId: row.session_id ?? undefined,
    },
    metadata: (await content.openJson<Metadata>("extractions.metadata", row.metadata_ct)) ?? {},
    draft: draftOf(body),
  };
}

async function openTurn(content: Content, row: TurnRow): Promise<{ turn: Turn; body: MessageBody }> {
  const body = (await content.openJson<MessageBody>("messages.body", row.body_ct)) ?? {
    name: null,
    text: "",
    toolCalls: [],
    toolCallId: null,
  };
  const turn: Turn = {
    messageId: row.id,
    sessionId: row.session_id ?? undefined,
    role: row.role,
    name: body.name ?? undefined,
    text: body.text,
    sentAt: row.sent_at,
  };
  return { turn, body };
}
