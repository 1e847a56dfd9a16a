import type pg from "pg";
import { restoreHeld } from "../memory-archive.ts";

/** Summaries that rest on any of these memories. */
export async function summariesOn(
  client: pg.PoolClient,
  tenantId: string,
  memoryIds: readonly string[],
): Promise<string[]> {
  if (memoryIds.length === 0) return [];
  const { rows } = await client.query<{ summary_id: string }>({
    name: "summaries_on",
    text: `select distinct c.summary_id from consolidation_episodes e
           join consolidations c on c.tenant_id = e.tenant_id and c.id = e.consolidation_id
           where e.tenant_id = $1 and e.memory_id = any ($2::uuid[]) and c.state = 'active'`,
    values: [tenantId, memoryIds],
  });
  return rows.map(({ summary_id }) => summary_id);
}

/**
 * These memories, and of those that are summaries what they tell: whoever deletes what a summary says means that, and what
 * leaves for a policy makes no room if it brings several others back.
 */
export async function withEpisodes(
  client: pg.PoolClient,
  tenantId: string,
  memoryIds: readonly string[],
): Promise<string[]> {
  if (memoryIds.length === 0) return [];
  const { rows } = await client.query<{ memory_id: string }>({
    name: "episodes_of_summaries",
    text: `select e.memory_id from consolidations c
           join consolidation_episodes e on e.tenant_id = c.tenant_id and e.consolidation_id = c.id
           where c.tenant_id = $1 and c.summary_id = any ($2::uuid[]) and c.state = 'active'`,
    values: [tenantId, memoryIds],
  });
  return [...new Set([...memoryIds, ...rows.map(({ memory_id }) => memory_id)])];
}

/**
 * Brings back what summaries told that are about to go, but for what goes itself, and forgets that they were made: what is
 * left may be consolidated anew. Called under the locks of whoever removes them, which are those of the same stream.
 *
 * @param gone memories that are about to be removed, the summaries among them.
 */
export async function releaseEpisodes(
  client: pg.PoolClient,
  tenantId: string,
  gone: readonly string[],
): Promise<void> {
  if (gone.length === 0) return;
  const { rows } = await client.query<{ memory_id: string; moment: string }>({
    name: "released_episodes",
    text: `select e.memory_id, date_trunc('milliseconds', clock_timestamp())::text as moment from consolidations c
           join consolidation_episodes e on e.tenant_id = c.tenant_id and e.consolidation_id = c.id
           join memories m on m.tenant_id = e.tenant_id and m.id = e.memory_id and m.archive_reason = 'consolidated'
           where c.tenant_id = $1 and c.summary_id = any ($2::uuid[]) and c.state = 'active'
             and e.memory_id <> all ($2::uuid[])
           order by m.id for update of m`,
    values: [tenantId, gone],
  });
  const left = rows.map(({ memory_id }) => memory_id);
  await restoreHeld(client, tenantId, left, "undone", rows[0]?.moment ?? "");
  await client.query({
    name: "forget_consolidations",
    text: `delete from consolidations c where c.tenant_id = $1 and c.state = 'active' and c.summary_id = any ($2::uuid[])`,
    values: [tenantId, gone],
  });
  // Apart from those: one condition for both would look through all consolidations of the tenant.
  await client.query({
    name: "forget_undone",
    text: `delete from consolidations c where c.tenant_id = $1 and c.state = 'undone'
             and c.id = any (array(select e.consolidation_id from consolidation_episodes e
               where e.tenant_id = $1 and e.memory_id = any ($2::uuid[])))
             and not exists (
               select from consolidation_episodes e where e.tenant_id = $1 and e.consolidation_id = c.id
                 and e.memory_id <> all ($2::uuid[]))`,
    values: [tenantId, gone],
  });
}

/** What those of these memories tell that are summaries: a list a memory, in order. */
export async function episodesOfEach(
  client: pg.PoolClient,
  tenantId: string,
  memoryIds: readonly string[],
): Promise<string[][]> {
  const { rows } = await client.query<{ place: string; memory_id: string }>({
    name: "episodes_of_each",
    text: `select n.place, e.memory_id from unnest($2::uuid[]) with ordinality as n (id, place)
           join consolidations c on c.tenant_id = $1 and c.summary_id = n.id and c.state = 'active'
           join consolidation_episodes e on e.tenant_id = $1 and e.consolidation_id = c.id`,
    values: [tenantId, memoryIds],
  });
  const episodes: string[][] = memoryIds.map(() => []);
  for (const { place, memory_id } of rows) episodes[Number(place) - 1]?.push(memory_id);
  return episodes;
}
