import type pg from "pg";

/** Forgets what models answered when they were shown any of these messages. */
export async function forgetAnswersOf(
  client: pg.PoolClient,
  tenantId: string,
  streamIds: readonly string[],
  messageIds: readonly string[],
): Promise<void> {
  await client.query({
    name: "forget_model_answers",
    text: `delete from model_answers
           where tenant_id = $1 and stream_id = any ($2::uuid[]) and message_ids && $3::uuid[]`,
    values: [tenantId, [...new Set(streamIds)], messageIds],
  });
}

/**
 * Forgets answers that memories were read out of, and those that models gave when they were shown one: its words may stand
 * in them. Where nobody knows which memories a model was shown, all answers of the memories' streams go.
 */
export async function forgetAnswersFor(
  client: pg.PoolClient,
  tenantId: string,
  memoryIds: readonly string[],
): Promise<void> {
  await client.query({
    name: "forget_answers_for_memories",
    text: `with told as (
             select m.stream_id, coalesce(array_agg(s.message_id) filter (where s.message_id is not null), '{}') as ids
             from memories m left join memory_sources s on s.tenant_id = m.tenant_id and s.memory_id = m.id
             where m.tenant_id = $1 and m.id = any ($2::uuid[]) group by m.stream_id)
           delete from model_answers a using told t
           where a.tenant_id = $1 and a.stream_id = t.stream_id
             and (a.memory_ids is null or a.memory_ids && $2::uuid[] or a.message_ids && t.ids)`,
    values: [tenantId, memoryIds],
  });
}
