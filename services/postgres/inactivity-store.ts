import type { InactivityStore, MovingPerson } from "@mneme/core/ageing/inactivity-store.ts";
import type { ArchiveTarget } from "@mneme/core/memory/archive.ts";
import type pg from "pg";
import { REFRESHED_AT } from "./ageing-store.ts";
import { archiveUnchanged } from "./memory-archive.ts";
import { CURRENT_VERSION } from "./memory-rows.ts";
import { withTenant } from "./pool.ts";
import { RESTORED_AT } from "./signs-of-life.ts";

const FIRST = "00000000-0000-0000-0000-000000000000";

/** Who was active when, over all persons of a tenant. */
export function createInactivityStore(pool: pg.Pool): InactivityStore {
  const read = <R extends pg.QueryResultRow>(
    query: { readonly name: string; readonly text: string; readonly values: readonly [string, ...unknown[]] },
    signal: AbortSignal | undefined,
  ): Promise<R[]> =>
    withTenant(
      pool,
      query.values[0],
      async (client) => (await client.query<R>({ ...query, values: [...query.values] })).rows,
      signal,
    );
  return {
    async persons(tenantId, projectId, { activeSince, after, limit }, signal) {
      const values = [tenantId, projectId, after ?? FIRST, limit, activeSince] as const;
      const rows = await read<PersonRow>({ name: "inactivity_persons", text: PERSONS, values }, signal);
      return {
        moving: rows.flatMap(toMoving),
        next: rows.length < limit ? undefined : rows.at(-1)?.id,
      };
    },
    async present(tenantId, projectId, subjectId, limit, signal) {
      const values = [tenantId, projectId, subjectId, limit] as const;
      return read<ArchiveTarget & pg.QueryResultRow>(
        { name: "inactivity_present", text: PRESENT, values },
        signal,
      );
    },
    archiveAway(tenantId, { projectId, subjectId, activeSince }, targets, signal) {
      return withTenant(
        pool,
        tenantId,
        (client) =>
          archiveUnchanged(client, tenantId, targets, "inactive", async () => {
            const values = [tenantId, projectId, subjectId, activeSince];
            const { rows } = await client.query<{ is_active: boolean }>({
              name: "inactivity_still_away",
              text: STILL_AWAY,
              values,
            });
            return rows.length > 0 && rows.every(({ is_active }) => !is_active);
          }),
        signal,
      );
    },
    async asleep(tenantId, projectId, subjectId, limit, signal) {
      const values = [tenantId, projectId, subjectId, limit] as const;
      const rows = await read<{ id: string }>({ name: "inactivity_asleep", text: ASLEEP, values }, signal);
      return rows.map(({ id }) => id);
    },
  };
}

interface PersonRow {
  readonly id: string;
  readonly has_present: boolean;
  readonly has_asleep: boolean;
  readonly is_active: boolean;
}

function toMoving({ id, has_present, has_asleep, is_active }: PersonRow): MovingPerson[] {
  if (is_active) return has_asleep ? [{ subjectId: id, state: "back" }] : [];
  return has_present ? [{ subjectId: id, state: "away" }] : [];
}

/** A person's own, of one project and of the epoch that is. What they told a team is the team's too, and stays. */
const OWN = `m.tenant_id = $1 and m.project_id = $2 and m.subject_id = s.id and m.epoch = s.epoch and m.team_id is null`;

/** What a summary shows of its person: what came of it since it was written, which is our doing and nobody's. */
const SUMMARY_ALIVE_AT = `greatest(
  (select max(w.recorded_from) from memory_versions w where w.tenant_id = m.tenant_id and w.memory_id = m.id
     and w.version > 1 and w.extractor <> 'review'),
  (select u.last_used_at from memory_uses u where u.tenant_id = m.tenant_id and u.memory_id = m.id),
  (select max(s.recorded_at) from memory_sources s where s.tenant_id = m.tenant_id and s.memory_id = m.id
     and s.recorded_at > (select f.recorded_from from memory_versions f
       where f.tenant_id = m.tenant_id and f.memory_id = m.id and f.version = 1)),
  ${RESTORED_AT})`;
const IS_SUMMARY =
  "exists (select from memory_derivations d where d.tenant_id = m.tenant_id and d.memory_id = m.id)";
const ALIVE_AT = `case when ${IS_SUMMARY} then ${SUMMARY_ALIVE_AT} else ${REFRESHED_AT} end`;

/** Whether `subjects s` was active in the project since a time. */
const isActive = (since: string) =>
  `(exists (select from person_activity a where a.tenant_id = $1 and a.project_id = $2 and a.subject_id = s.id
              and a.epoch = s.epoch and a.searched_at >= ${since})
    or exists (select from streams t
         cross join lateral (select e.created_at from extractions e
           where e.tenant_id = $1 and e.stream_id = t.id order by e.id desc limit 1) l
         where t.tenant_id = $1 and t.project_id = $2 and t.subject_id = s.id and t.epoch = s.epoch
           and l.created_at >= ${since})
    or exists (select from memories m ${CURRENT_VERSION} where ${OWN} and ${ALIVE_AT} >= ${since}))`;

const STILL_AWAY = `
  select ${isActive("$4")} as is_active from subjects s
  where s.tenant_id = $1 and s.id = $3 and s.state = 'active'`;

const PERSONS = `
  select s.id,
    exists (select from memories m where ${OWN} and m.archived_at is null) as has_present,
    exists (select from memories m where ${OWN} and m.archived_at is not null and m.archive_reason = 'inactive')
      as has_asleep,
    ${isActive("$5")} as is_active
  from (select id, epoch from subjects where tenant_id = $1 and id > $3 and state = 'active' order by id limit $4) s
  order by s.id`;

const PRESENT = `
  select m.id as "memoryId", v.version, v.revision
  from subjects s join memories m on ${OWN} ${CURRENT_VERSION}
  where s.tenant_id = $1 and s.id = $3 and s.state = 'active' and m.archived_at is null
  order by m.id desc limit $4`;

const ASLEEP = `
  select m.id from subjects s join memories m on ${OWN}
  where s.tenant_id = $1 and s.id = $3 and m.archived_at is not null and m.archive_reason = 'inactive'
  order by m.id desc limit $4`;
