import type { AgedMemory, AgeingStore } from "@mneme/core/ageing/ageing-store.ts";
import type { MemoryKind } from "@mneme/core/memory/memory.ts";
import type pg from "pg";
import { CURRENT_VERSION, FENCE, NOT_ARCHIVED, NOT_EXPIRED, NOT_FENCED } from "./memory-rows.ts";
import { withTenant } from "./pool.ts";
import { RESTORED_AT } from "./signs-of-life.ts";

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
    fadingRule: (tenantId, projectId, signal) =>
      withTenant(
        pool,
        tenantId,
        async (client) => {
          const { rows } = await client.query<{ rule: string }>({
            name: "ageing_fading_rule",
            text: "select rule from fading_rules where tenant_id = $1 and project_id = $2",
            values: [tenantId, projectId],
          });
          return rows[0]?.rule;
        },
        signal,
      ),
    forgetFadingRule: (tenantId, projectId, signal) =>
      withTenant(
        pool,
        tenantId,
        async (client) => {
          await client.query({
            name: "ageing_forget_rule",
            text: "delete from fading_rules where tenant_id = $1 and project_id = $2",
            values: [tenantId, projectId],
          });
        },
        signal,
      ),
    noteFadingRule: (tenantId, projectId, rule, signal) =>
      withTenant(
        pool,
        tenantId,
        async (client) => {
          await client.query({
            name: "ageing_note_rule",
            text: `insert into fading_rules (tenant_id, project_id, rule) values ($1, $2, $3)
                   on conflict (tenant_id, project_id) do update set rule = excluded.rule`,
            values: [tenantId, projectId, rule],
          });
        },
        signal,
      ),
    noteFading: (tenantId, memories, signal) =>
      withTenant(
        pool,
        tenantId,
        async (client) => {
          if (memories.length === 0) return;
          await client.query({
            name: "ageing_note_fading",
            text: NOTE_FADING,
            values: [
              tenantId,
              memories.map(({ memoryId }) => memoryId),
              memories.map(({ version }) => version),
              memories.map(({ fadesAt }) => fadesAt?.toISOString() ?? "infinity"),
            ],
          });
        },
        signal,
      ),
    aged: (tenantId, projectId, { due, after, limit }, signal) =>
      withTenant(
        pool,
        tenantId,
        async (client) => {
          const { rows } = await client.query<AgedRow>({
            name: due ? "ageing_due" : "ageing_aged",
            text: aged(due ? "and m.fades_at <= $5" : ""),
            values: [tenantId, projectId, after ?? FIRST, limit, ...(due ? [due] : [])],
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
  ${RESTORED_AT})`;

const aged = (restriction: string) => `
  select m.id, v.version, v.revision, v.kind, v.importance, ${REFRESHED_AT} as refreshed_at
  from memories m ${CURRENT_VERSION} ${FENCE}
  where m.tenant_id = $1 and m.project_id = $2 and m.id > $3 and m.state = 'active' ${restriction}
    and ${NOT_ARCHIVED} and ${NOT_EXPIRED} and ${NOT_FENCED}
  order by m.id limit $4`;

/** Locks in the order of all writers. */
const NOTE_FADING = `
  with held as (
    select m.id, n.fades_at from memories m
    join unnest($2::uuid[], $3::integer[], $4::timestamptz[]) as n (id, version, fades_at)
      on n.id = m.id and n.version = m.current_version
    where m.tenant_id = $1 order by m.id for update of m)
  update memories m set fades_at = held.fades_at from held where m.tenant_id = $1 and m.id = held.id`;

function toAged({ id, version, revision, kind, importance, refreshed_at: refreshedAt }: AgedRow): AgedMemory {
  return { memoryId: id, version, revision, kind, importance, refreshedAt };
}
