import type pg from "pg";
import { releaseEpisodes, summariesOn, withEpisodes } from "./consolidation/resting.ts";
import { forgetAnswersFor } from "./forget-answers.ts";
import { forgetSummariesFor } from "./stream-summaries.ts";

/**
 * Deletes memories with all versions. Keyed tombstones stay, so that the same words, said before, can't bring them back,
 * the index is told to drop them, and what was told of their streams so far is forgotten. A summary that tells any of them
 * goes with it, and what else it told comes back.
 *
 * @returns the ids of these that existed.
 */
export async function removeMemories(
  client: pg.PoolClient,
  tenantId: string,
  memoryIds: readonly string[],
): Promise<string[]> {
  if (memoryIds.length === 0) return [];
  const values = [tenantId, memoryIds];
  await client.query(
    `insert into tombstones (tenant_id, stream_id, audience, text_mac)
     select distinct m.tenant_id, m.stream_id, m.audience, v.text_mac from memories m
     join memory_versions v on v.tenant_id = m.tenant_id and v.memory_id = m.id
     where m.tenant_id = $1 and m.id = any ($2::uuid[]) order by m.stream_id, m.audience, v.text_mac
     on conflict (tenant_id, stream_id, audience, text_mac) do update set created_at = excluded.created_at`,
    values,
  );
  await noteDeletedSources(client, tenantId, memoryIds);
  await forgetSummariesFor(client, tenantId, memoryIds);
  return dropMemories(client, tenantId, memoryIds);
}

/** A summary was said nowhere: its sources are those of what it tells. */
const WAS_SAID =
  "not exists (select from memory_derivations d where d.tenant_id = m.tenant_id and d.memory_id = m.id)";

/** What was said there is not read out of old messages again; replays that have done so forget it. */
async function noteDeletedSources(
  client: pg.PoolClient,
  tenantId: string,
  memoryIds: readonly string[],
): Promise<void> {
  const values = [tenantId, memoryIds];
  await client.query(
    `insert into deleted_sources (tenant_id, stream_id, message_id, span_start, span_end)
     select distinct m.tenant_id, m.stream_id, s.message_id, s.span_start, s.span_end from memories m
     join memory_sources s on s.tenant_id = m.tenant_id and s.memory_id = m.id
     where m.tenant_id = $1 and m.id = any ($2::uuid[]) and ${WAS_SAID} order by 2, 3, 4, 5
     on conflict do nothing`,
    values,
  );
  await client.query(
    `update replay_streams set notes_ct = null where tenant_id = $1 and stream_id = any (array(
       select m.stream_id from memories m where m.tenant_id = $1 and m.id = any ($2::uuid[]) and ${WAS_SAID}))`,
    values,
  );
  await client.query(
    `delete from replay_memories r
     using (select m.stream_id, s.message_id, s.span_start, s.span_end from memories m
            join memory_sources s on s.tenant_id = m.tenant_id and s.memory_id = m.id
            where m.tenant_id = $1 and m.id = any ($2::uuid[]) and ${WAS_SAID}) g
     where r.tenant_id = $1 and r.stream_id = g.stream_id and exists (
       select from jsonb_to_recordset(r.sources) as t ("messageId" uuid, start integer, "end" integer)
       where t."messageId" = g.message_id and t.start < g.span_end and g.span_start < t."end")`,
    values,
  );
}

/**
 * Deletes memories with all versions, and leaves nothing that knows of them but the order to the index to drop them. A
 * summary that tells any of them goes with it, and what else it told comes back.
 *
 * @returns the ids of these that existed.
 */
export async function dropMemories(
  client: pg.PoolClient,
  tenantId: string,
  memoryIds: readonly string[],
): Promise<string[]> {
  if (memoryIds.length === 0) return [];
  const gone = [...new Set([...memoryIds, ...(await summariesOn(client, tenantId, memoryIds))])];
  await holdAll(client, tenantId, await withEpisodes(client, tenantId, gone));
  await releaseEpisodes(client, tenantId, gone);
  const values = [tenantId, gone];
  await client.query(
    `insert into index_removals (tenant_id, memory_id, bucket)
     select tenant_id, id, bucket from memories where tenant_id = $1 and id = any ($2::uuid[])
     on conflict (tenant_id, memory_id) do update
     set may_return = false, revision = excluded.revision where index_removals.may_return`,
    values,
  );
  const { rows: mentioned } = await client.query<Mentioned>(
    `select distinct t.entity_id, m.stream_id, m.audience from memory_entities t
     join memories m on m.tenant_id = t.tenant_id and m.id = t.memory_id
     where t.tenant_id = $1 and t.memory_id = any ($2::uuid[])`,
    values,
  );
  await forgetAnswersFor(client, tenantId, gone);
  await client.query(
    "delete from extraction_memories where tenant_id = $1 and memory_id = any ($2::uuid[])",
    values,
  );
  await client.query(
    "delete from memory_derivations where tenant_id = $1 and from_memory_id = any ($2::uuid[])",
    values,
  );
  const { rows: removed } = await client.query<{ id: string }>(
    "delete from memories where tenant_id = $1 and id = any ($2::uuid[]) returning id",
    values,
  );
  await forgetNames(client, tenantId, mentioned);
  await removeOrphans(
    client,
    tenantId,
    mentioned.map((row) => row.entity_id),
  );
  const asked = new Set(memoryIds);
  return removed.map(({ id }) => id).filter((id) => asked.has(id));
}

/** In the order of ids, as all writers: a statement that deletes takes them as it finds them. */
async function holdAll(client: pg.PoolClient, tenantId: string, ids: readonly string[]): Promise<void> {
  await client.query({
    name: "hold_removed",
    text: "select from memories where tenant_id = $1 and id = any ($2::uuid[]) order by id for update",
    values: [tenantId, ids],
  });
}

/** An entity, and where memories mentioned it. */
interface Mentioned {
  readonly entity_id: string;
  readonly stream_id: string;
  readonly audience: string;
}

/** What names were compared by, and what they were merged with, where no memory names them any more. */
async function forgetNames(
  client: pg.PoolClient,
  tenantId: string,
  mentioned: readonly Mentioned[],
): Promise<void> {
  if (mentioned.length === 0) return;
  const values = [
    tenantId,
    mentioned.map(({ entity_id }) => entity_id),
    mentioned.map(({ stream_id }) => stream_id),
    mentioned.map(({ audience }) => audience),
  ];
  const unnamed = `unnamed as materialized (
    select n.* from unnest($2::uuid[], $3::uuid[], $4::uuid[]) as n (entity_id, stream_id, audience)
    where not exists (select from memory_entities t
      join memories m on m.tenant_id = t.tenant_id and m.id = t.memory_id
      where t.tenant_id = $1 and t.entity_id = n.entity_id and m.stream_id = n.stream_id and m.audience = n.audience))`;
  await client.query(
    `with ${unnamed},
     keys as (delete from entity_keys k using unnamed u where k.tenant_id = $1 and k.entity_id = u.entity_id
       and k.stream_id = u.stream_id and k.audience = u.audience)
     delete from entity_merges g using unnamed u where g.tenant_id = $1 and g.stream_id = u.stream_id
       and g.audience = u.audience and (g.entity_id = u.entity_id or g.other_id = u.entity_id)`,
    values,
  );
}

/** Entities that no memory mentions any more. */
async function removeOrphans(client: pg.PoolClient, tenantId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  // Whoever is tying a memory to one of them commits first, and is then seen.
  await client.query(
    "select from entities where tenant_id = $1 and id = any ($2::uuid[]) order by id for update",
    [tenantId, ids],
  );
  await client.query(
    `delete from entities e where e.tenant_id = $1 and e.id = any ($2::uuid[])
     and e.id <> all (array(select tied_entities($2::uuid[])))`,
    [tenantId, ids],
  );
}
