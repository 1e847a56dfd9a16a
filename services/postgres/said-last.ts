import type { LastQuery } from "@mneme/core/extraction/ingest-store.ts";
import type pg from "pg";

/** Messages before it that are looked through: what was said longer ago is not what was just said. */
const BACK = 20;

/** See `IngestStore.findLast`. */
export async function findLast(
  client: pg.PoolClient,
  tenantId: string,
  asked: readonly LastQuery[],
): Promise<string[][]> {
  const { rows } = await client.query<{ place: string; memory_id: string }>({
    name: "find_last",
    text: `with asked as (
             select n.place, q.stream_id, q.audience, q.session_id, q.position
             from unnest($2::uuid[], $3::uuid[], $4::uuid[]) with ordinality as n (stream_id, audience, message_id, place)
             join messages q on q.tenant_id = $1 and q.id = n.message_id and q.stream_id = n.stream_id
               and q.audience = n.audience)
           select a.place, s.memory_id from asked a
           cross join lateral (
             select p.id from messages p
             where p.tenant_id = $1 and p.stream_id = a.stream_id and p.position < a.position
               and p.position >= a.position - ${BACK} and p.audience = a.audience and p.role = 'user'
               and p.session_id is not distinct from a.session_id
               and exists (
                 select from memory_sources o join memories m on m.tenant_id = $1 and m.id = o.memory_id and m.state = 'active'
                 where o.tenant_id = $1 and o.message_id = p.id)
             order by p.position desc limit 1) l
           join memory_sources s on s.tenant_id = $1 and s.message_id = l.id
           join memories m on m.tenant_id = $1 and m.id = s.memory_id and m.state = 'active' and m.stream_id = a.stream_id
             and m.audience = a.audience`,
    values: [
      tenantId,
      asked.map(({ streamId }) => streamId),
      asked.map(({ audience }) => audience),
      asked.map(({ messageId }) => messageId),
    ],
  });
  const found: string[][] = asked.map(() => []);
  for (const { place, memory_id } of rows) found[Number(place) - 1]?.push(memory_id);
  return found.map((ids) => [...new Set(ids)]);
}
