import type pg from "pg";

/**
 * Deletes memories with all versions. Keyed tombstones stay, so that the same words, said before, can't bring them back,
 * and the index is told to drop them.
 *
 * @returns the ids that existed.
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
  return dropMemories(client, tenantId, memoryIds);
}

/**
 * Deletes memories with all versions, and leaves nothing that knows of them but the order to the index to drop them.
 *
 * @returns the ids that existed.
 */
export async function dropMemories(
  client: pg.PoolClient,
  tenantId: string,
  memoryIds: readonly string[],
): Promise<string[]> {
  if (memoryIds.length === 0) return [];
  const values = [tenantId, memoryIds];
  await client.query(
    `insert into index_removals (tenant_id, memory_id, bucket)
     select tenant_id, id, bucket from memories where tenant_id = $1 and id = any ($2::uuid[])
     on conflict do nothing`,
    values,
  );
  const { rows: mentioned } = await client.query<{ entity_id: string }>(
    "select distinct entity_id from memory_entities where tenant_id = $1 and memory_id = any ($2::uuid[])",
    values,
  );
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
  await removeOrphans(
    client,
    tenantId,
    mentioned.map((row) => row.entity_id),
  );
  return removed.map(({ id }) => id);
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
     and not exists (select from memory_entities t where t.tenant_id = e.tenant_id and t.entity_id = e.id)
     and not exists (select from relations r where r.tenant_id = e.tenant_id
       and (r.source_entity_id = e.id or r.target_entity_id = e.id))`,
    [tenantId, ids],
  );
}
