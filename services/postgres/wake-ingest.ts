import type pg from "pg";

/** Notes in the write's own transaction that ingest workflows have something to index or to work. */
export async function wakeIngest(
  client: pg.PoolClient,
  tenantId: string,
  buckets: readonly number[],
): Promise<void> {
  const keys = [...new Set(buckets)].map(String);
  if (keys.length === 0) return;
  await client.query({
    name: "wake_ingest",
    text: "insert into outbox (tenant_id, topic, key) select $1, 'ingest', key from unnest($2::text[]) as k (key)",
    values: [tenantId, keys],
  });
}
