import type pg from "pg";

/** An episode that was told again, and the summary that tells it. */
export interface RetoldEpisode {
  readonly memory_id: string;
  readonly summary_id: string;
}

/**
 * Has summaries be said again with what they tell: each gets the sources and sessions that its episodes got at this moment.
 * The episodes stay archived with it.
 *
 * @param memoryIds said again at this moment, held by the transaction.
 * @param moment record time, as PostgreSQL prints it.
 * @returns those of them that a summary tells.
 */
export async function joinSummaries(
  client: pg.PoolClient,
  tenantId: string,
  memoryIds: readonly string[],
  moment: string,
): Promise<readonly RetoldEpisode[]> {
  if (memoryIds.length === 0) return [];
  const { rows } = await client.query<RetoldEpisode>({
    name: "told_by_summaries",
    text: `select e.memory_id, c.summary_id from consolidation_episodes e
           join consolidations c on c.tenant_id = e.tenant_id and c.id = e.consolidation_id and c.state = 'active'
           join memories m on m.tenant_id = e.tenant_id and m.id = e.memory_id and m.archive_reason = 'consolidated'
           where e.tenant_id = $1 and e.memory_id = any ($2::uuid[])`,
    values: [tenantId, memoryIds],
  });
  if (rows.length === 0) return [];
  await client.query({
    name: "join_summaries",
    text: `with told as (select * from unnest($2::uuid[], $3::uuid[]) as n (memory_id, summary_id)),
           sessions as (
             insert into memory_sessions (tenant_id, session_id, memory_id)
             select distinct $1::uuid, s.session_id, t.summary_id from told t
             join memory_sessions s on s.tenant_id = $1 and s.memory_id = t.memory_id
             on conflict do nothing),
           spans as (
             select distinct t.summary_id, s.message_id, s.span_start, s.span_end from told t
             join memory_sources s on s.tenant_id = $1 and s.memory_id = t.memory_id
               and s.recorded_at = $4::timestamptz
             where not exists (select from memory_sources o where o.tenant_id = $1 and o.memory_id = t.summary_id
               and o.message_id = s.message_id and o.span_start = s.span_start and o.span_end = s.span_end))
           insert into memory_sources (tenant_id, memory_id, ordinal, message_id, span_start, span_end, recorded_at)
           select $1, summary_id,
             (select coalesce(max(ordinal) + 1, 0) from memory_sources o
              where o.tenant_id = $1 and o.memory_id = summary_id)
               + row_number() over (partition by summary_id order by message_id, span_start) - 1,
             message_id, span_start, span_end, $4::timestamptz
           from spans`,
    values: [
      tenantId,
      rows.map(({ memory_id }) => memory_id),
      rows.map(({ summary_id }) => summary_id),
      moment,
    ],
  });
  return rows;
}
