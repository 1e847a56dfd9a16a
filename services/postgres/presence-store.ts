import { restoreAllOf } from "@mneme/core/ageing/inactivity.ts";
import type { PresenceStore } from "@mneme/core/ageing/presence.ts";
import type pg from "pg";
import { createInactivityStore } from "./inactivity-store.ts";
import { createMemoryArchive } from "./memory-archive.ts";
import { withTenant } from "./pool.ts";

/** When persons were searched for: rows of their own, so that a search touches neither memory nor person. */
export function createPresenceStore(pool: pg.Pool): PresenceStore {
  const deps = { inactivity: createInactivityStore(pool), archive: createMemoryArchive(pool) };
  return {
    note: (tenantId, seen) =>
      withTenant(pool, tenantId, async (client) => {
        await client.query({
          name: "note_presence",
          text: `insert into person_activity (tenant_id, project_id, subject_id, epoch, searched_at)
                 select $1, n.project_id, s.id, s.epoch, n.at
                 from unnest($2::uuid[], $3::uuid[], $4::integer[], $5::timestamptz[])
                   as n (project_id, subject_id, epoch, at)
                 join subjects s on s.tenant_id = $1 and s.id = n.subject_id and s.epoch = n.epoch
                   and s.state = 'active' order by n.project_id, s.id
                 on conflict (tenant_id, project_id, subject_id) do update
                 set epoch = excluded.epoch, searched_at = greatest(person_activity.searched_at, excluded.searched_at)`,
          values: [
            tenantId,
            seen.map(({ projectId }) => projectId),
            seen.map(({ subject }) => subject.id),
            seen.map(({ subject }) => subject.epoch),
            seen.map(({ at }) => at),
          ],
        });
      }),
    async bringBack(tenantId, projectId, subjectId) {
      await restoreAllOf(deps, tenantId, { projectId, subjectId });
    },
  };
}
