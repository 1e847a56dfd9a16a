import { WINDOW_AFTER, WINDOW_BEFORE } from "@mneme/core/search/turn-features.ts";
import type pg from "pg";
import { forgetAnswersOf } from "./forget-answers.ts";
import { wakeIngest } from "./wake-ingest.ts";

interface Forgotten {
  readonly id: string;
  readonly stream_id: string;
  readonly audience: string;
}

/**
 * Takes the words of messages that were worked: their bodies, the windows that hold them, what models answered about them,
 * and the summary of what was said where none of its messages is left. Statements and their spans stay.
 *
 * @returns how many messages had words.
 */
export async function forgetMessages(
  client: pg.PoolClient,
  tenantId: string,
  messageIds: readonly string[],
): Promise<number> {
  const { rows } = await client.query<Forgotten>(
    `update messages set body_ct = null
     where tenant_id = $1 and id = any ($2::uuid[]) and state <> 'pending' and body_ct is not null
     returning id, stream_id, audience`,
    [tenantId, messageIds],
  );
  if (rows.length === 0) return 0;
  const ids = rows.map(({ id }) => id);
  await forgetInReplays(client, tenantId, rows);
  await closeWindows(client, tenantId, ids);
  await forgetSummaries(client, tenantId, rows);
  await forgetAnswersOf(
    client,
    tenantId,
    rows.map(({ stream_id }) => stream_id),
    ids,
  );
  return rows.length;
}

/** How far behind a turn without a session the turns of its window may be: those of one batch, and its context. */
const REACH = 256;

/** Turns around a message, each with windows that the message's words may be in: those just before and just behind it. */
const AROUND = `
  select $1::uuid as tenant_id, id as message_id from gone
  union
  select $1::uuid, n.id from gone g
  cross join lateral (
    (select id from messages
     where g.session_id is not null and tenant_id = $1 and session_id = g.session_id and stream_id = g.stream_id
       and audience = g.audience and not is_finished and position > g.position
     order by position limit ${WINDOW_BEFORE})
    union all
    (select id from messages
     where g.session_id is not null and tenant_id = $1 and session_id = g.session_id and stream_id = g.stream_id
       and audience = g.audience and not is_finished and position < g.position
     order by position desc limit ${WINDOW_AFTER})
    union all
    (select id from messages
     where g.session_id is null and tenant_id = $1 and stream_id = g.stream_id and session_id is null
       and audience = g.audience and not is_finished
       and position > g.position and position <= g.position + ${REACH}
     order by position limit ${WINDOW_BEFORE})
    union all
    (select id from messages
     where g.session_id is null and tenant_id = $1 and stream_id = g.stream_id and session_id is null
       and audience = g.audience and not is_finished
       and position < g.position and position >= g.position - ${REACH}
     order by position desc limit ${WINDOW_AFTER})) n`;

/** Where the words around a statement are gone, its own stand for it in the index. */
async function closeWindows(
  client: pg.PoolClient,
  tenantId: string,
  messageIds: readonly string[],
): Promise<void> {
  const { rows } = await client.query<{ bucket: number }>(
    `with gone as (select id, stream_id, audience, session_id, position from messages
                   where tenant_id = $1 and id = any ($2::uuid[])),
       around as (${AROUND}),
       held as (
         select v.memory_id, v.version from around a
         join memory_sources s on s.tenant_id = $1 and s.message_id = a.message_id
           and (s.ordinal = 0 or exists (select from memory_derivations d where d.tenant_id = $1 and d.memory_id = s.memory_id))
         join memory_versions v on v.tenant_id = $1 and v.memory_id = s.memory_id and v.window_ct <> ''
         order by v.memory_id, v.version for no key update of v)
     update memory_versions v set window_ct = '', revision = nextval('index_revision')
     from held h where v.tenant_id = $1 and v.memory_id = h.memory_id and v.version = h.version
     returning v.bucket`,
    [tenantId, messageIds],
  );
  await wakeIngest(
    client,
    tenantId,
    rows.map(({ bucket }) => bucket),
  );
}

/** What a replay has read stays, without the words around it and without what it noted of the whole. */
async function forgetInReplays(
  client: pg.PoolClient,
  tenantId: string,
  forgotten: readonly Forgotten[],
): Promise<void> {
  const streamIds = [...new Set(forgotten.map(({ stream_id }) => stream_id))];
  const { rowCount } = await client.query(
    "update replay_streams set notes_ct = null where tenant_id = $1 and stream_id = any ($2::uuid[])",
    [tenantId, streamIds],
  );
  if (!rowCount) return;
  await client.query(
    `with gone as (select id, stream_id, audience, session_id, position from messages
                   where tenant_id = $1 and id = any ($2::uuid[])),
       around as (${AROUND})
     update replay_memories r set window_ct = null
     where r.tenant_id = $1 and r.stream_id = any ($3::uuid[]) and r.window_ct is not null and exists (
       select from jsonb_to_recordset(r.sources) as s ("messageId" uuid) join around a on a.message_id = s."messageId")`,
    [tenantId, forgotten.map(({ id }) => id), streamIds],
  );
}

/** The newest message goes last: without its words, none of the others has any. */
async function forgetSummaries(
  client: pg.PoolClient,
  tenantId: string,
  forgotten: readonly Forgotten[],
): Promise<void> {
  await client.query(
    `delete from stream_summaries u
     using (select distinct * from unnest($2::uuid[], $3::uuid[]) as n (stream_id, audience)) g
     where u.tenant_id = $1 and u.stream_id = g.stream_id and u.audience = g.audience
       and (select m.body_ct is null from messages m
            where m.tenant_id = $1 and m.stream_id = g.stream_id and m.audience = g.audience
            order by m.position desc limit 1)`,
    [tenantId, forgotten.map(({ stream_id }) => stream_id), forgotten.map(({ audience }) => audience)],
  );
}
