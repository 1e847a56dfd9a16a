import type pg from "pg";

/** Clocks of two machines may differ by so much, and a deletion take as long. */
const APART = "1 minute";

/**
 * Under the streams' locks.
 *
 * @returns those of the streams of which a memory was deleted on request since, or shortly before.
 */
export async function deletedSince(
  client: pg.PoolClient,
  tenantId: string,
  streams: readonly { readonly streamId: string; readonly since: Date }[],
): Promise<ReadonlySet<string>> {
  if (streams.length === 0) return new Set();
  const { rows } = await client.query<{ stream_id: string }>({
    name: "streams_deleted_since",
    text: `select distinct n.stream_id from unnest($2::uuid[], $3::timestamptz[]) as n (stream_id, since)
           where exists (select from tombstones t where t.tenant_id = $1 and t.stream_id = n.stream_id
             and t.created_at >= n.since - interval '${APART}')`,
    values: [tenantId, streams.map(({ streamId }) => streamId), streams.map(({ since }) => since)],
  });
  return new Set(rows.map(({ stream_id }) => stream_id));
}
