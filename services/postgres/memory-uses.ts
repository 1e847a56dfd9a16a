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
                   select id, project_id, subject_id, epoch, team_id, archive_reason from memories
                   where tenant_id = $1 and id = any ($2::uuid[]) order by id for key share),
                 used as (
                   select m.*, n.uses, n.last_used_at from held m
                   join unnest($2::uuid[], $3::bigint[], $4::timestamptz[]) as n (id, uses, last_used_at) on n.id = m.id),
                 returned as (${RETURNED})
                 insert into memory_uses (tenant_id, memory_id, uses, last_used_at)
                 select $1, id, uses, last_used_at from used order by id
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

/** What was archived of a person while they were away is used: they are back, and nobody reads their archive to learn of it. */
const RETURNED = `
  insert into person_activity (tenant_id, project_id, subject_id, epoch, searched_at)
  select $1, m.project_id, s.id, s.epoch, max(m.last_used_at) from used m
  join subjects s on s.tenant_id = $1 and s.id = m.subject_id and s.epoch = m.epoch and s.state = 'active'
  where m.archive_reason = 'inactive' and m.team_id is null
  group by m.project_id, s.id, s.epoch order by m.project_id, s.id
  on conflict (tenant_id, project_id, subject_id) do update
  set epoch = excluded.epoch, searched_at = greatest(person_activity.searched_at, excluded.searched_at)`;
