import type { AgedMemory, AgeingStore } from "@mneme/core/ageing/ageing-store.ts";
import type { MemoryKind } from "@mneme/core/memory/memory.ts";
import type pg from "pg";
import { CURRENT_VERSION, FENCE, NOT_ARCHIVED, NOT_EXPIRED, NOT_FENCED } from "./memory-rows.ts";
import { withTenant } from "./pool.ts";

const FIRST = "00000000-0000-0000-0000-000000000000";

interface AgedRow {
  readonly id: string;
  readonly version: number;
  readonly revision: string;
  readonly kind: MemoryKind;
  readonly importance: number;
  readonly refreshed_at: Date;
}

/** A tenant's memories as ageing looks at them, over all of its projects. */
export function createAgeingStore(pool: pg.Pool): AgeingStore {
  return {
    nextProject: (tenantId, after, signal) =>
      withTenant(
        pool,
        tenantId,
        async (client) => {
          const { rows } = await client.query<{ id: string }>({
            name: "ageing_next_project",
            text: "select id from projects where tenant_id = $1 and id > $2 order by id limit 1",
            values: [tenantId, after ?? FIRST],
          });
          return rows[0]?.id;
        },
        signal,
      ),
    aged: (tenantId, projectId, { kinds, after, limit }, signal) =>
      withTenant(
        pool,
        tenantId,
        async (client) => {
          const { rows } = await client.query<AgedRow>({
            name: "ageing_aged",
            text: AGED,
            values: [tenantId, projectId, after ?? FIRST, limit, [...kinds.keys()], [...kinds.values()]],
          });
          return rows.map(toAged);
        },
        signal,
      ),
  };
}

/**
 * What refreshes a memory: it is told, first or again, gets a version, is returned by a search, or is restored. Not that a
 * review found it unconfirmed, nor that a summary of it was undone.
 */
export const REFRESHED_AT = `greatest(m.created_at,
  (select max(w.recorded_from) from memory_versions w where w.tenant_id = m.tenant_id and w.memory_id = m.id
     and w.extractor <> 'review'),
  (select u.last_used_at from memory_uses u where u.tenant_id = m.tenant_id and u.memory_id = m.id),
  (select max(s.recorded_at) from memory_sources s where s.tenant_id = m.tenant_id and s.memory_id = m.id),
  (select max(a.restored_at) from memory_archivings a where a.tenant_id = m.tenant_id and a.memory_id = m.id
     and a.restored_because <> 'undone'))`;

const AGED = `
  select m.id, v.version, v.revision, v.kind, v.importance, ${REFRESHED_AT} as refreshed_at
  from memories m ${CURRENT_VERSION} ${FENCE}
  join unnest($5::text[], $6::timestamptz[]) as k (kind, before) on k.kind = v.kind
  where m.tenant_id = $1 and m.project_id = $2 and m.id > $3 and m.state = 'active' and m.created_at < k.before
    and ${NOT_ARCHIVED} and ${NOT_EXPIRED} and ${NOT_FENCED}
  order by m.id limit $4`;

function toAged({ id, version, revision, kind, importance, refreshed_at: refreshedAt }: AgedRow): AgedMemory {
  return { memoryId: id, version, revision, kind, importance, refreshedAt };
}
