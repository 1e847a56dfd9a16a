import type { UseStore } from "@mneme/core/search/uses.ts";
import type pg from "pg";
import { withTenant } from "./pool.ts";

/** How often memories were returned: rows of their own, so that a count touches neither memory nor index. */
export function createUseStore(pool: pg.Pool): UseStore {
  return {
    add: (tenantId, uses) =>
      withTenant(pool, tenantId, async (client) => {
        await client.query({
          name: "add_uses",
          // In the order of ids: two processes that count the same memories wait for each other. The memories first, as whoever
          // deletes them does: a count that waits for one holds none of the counts that go with it.
          text: `with held as materialized (
                   select id from memories where tenant_id = $1 and id = any ($2::uuid[]) order by id for key share)
                 insert into memory_uses (tenant_id, memory_id, uses, last_used_at)
                 select $1, m.id, n.uses, n.last_used_at
                 from unnest($2::uuid[], $3::bigint[], $4::timestamptz[]) as n (id, uses, last_used_at)
                 join held m on m.id = n.id order by m.id
                 on conflict (tenant_id, memory_id) do update set uses = memory_uses.uses + excluded.uses,
                   last_used_at = greatest(memory_uses.last_used_at, excluded.last_used_at)`,
          values: [
            tenantId,
            uses.map(({ memoryId }) => memoryId),
            uses.map((use) => use.uses),
            uses.map(({ lastUsedAt }) => lastUsedAt),
          ],
        });
      }),
  };
}
