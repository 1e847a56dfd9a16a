import type pg from "pg";
import { dropMemories } from "./memory-removal.ts";
import { lockStreams } from "./stream-locks.ts";
import { wakeIngest } from "./wake-ingest.ts";

/**
 * Removes memories that have expired, with all versions, from the record and then from the index. They may be learnt
 * again: nothing remembers that they were there.
 *
 * @returns how many; one whose time was prolonged meanwhile stays.
 */
export async function removeExpired(
  client: pg.PoolClient,
  tenantId: string,
  memoryIds: readonly string[],
): Promise<number> {
  const values = [tenantId, memoryIds];
  const { rows: streams } = await client.query<{ stream_id: string }>(
    "select distinct stream_id from memories where tenant_id = $1 and id = any ($2::uuid[])",
    values,
  );
  await lockStreams(
    client,
    streams.map(({ stream_id }) => stream_id),
  );
  const { rows } = await client.query<{ id: string; bucket: number }>(
    `select id, bucket from memories where tenant_id = $1 and id = any ($2::uuid[]) and expires_at < now()
     order by id for update`,
    values,
  );
  const removed = await dropMemories(
    client,
    tenantId,
    rows.map(({ id }) => id),
  );
  await wakeIngest(
    client,
    tenantId,
    rows.map(({ bucket }) => bucket),
  );
  return removed.length;
}
