import type { TenantTransaction } from "./database.ts";

/** What the index has not seen yet: all versions of these buckets up to a revision. */
export interface Unindexed {
  readonly revision: string;
  readonly buckets: readonly number[];
}

export const NOTHING_UNINDEXED: Unindexed = { revision: "0", buckets: [] };

/**
 * What the index has not seen of some streams' buckets.
 *
 * @param streams a subquery of their ids; its parameters begin with `$2`.
 */
export async function unindexedOf(
  { client }: Pick<TenantTransaction, "client">,
  tenantId: string,
  streams: { readonly name: string; readonly ids: string; readonly values: readonly unknown[] },
): Promise<Unindexed> {
  const { rows } = await client.query<Unindexed>({
    name: `unindexed_of_${streams.name}`,
    text: `select max(v.revision)::text as revision, array_agg(distinct v.bucket) as buckets from memory_versions v
           where v.tenant_id = $1 and v.indexed_revision < v.revision
             and v.bucket in (select s.bucket from streams s where s.tenant_id = $1 and s.id in (${streams.ids}))
           having count(*) > 0`,
    values: [tenantId, ...streams.values],
  });
  return rows[0] ?? NOTHING_UNINDEXED;
}
