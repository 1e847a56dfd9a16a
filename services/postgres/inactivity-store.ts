import type { InactivityStore, MovingPerson } from "@mneme/core/ageing/inactivity-store.ts";
import type { ArchiveTarget } from "@mneme/core/memory/archive.ts";
import type pg from "pg";
import { isActive, OWN, PERSONS } from "./inactive-persons.ts";
import { archiveUnchanged } from "./memory-archive.ts";
import { CURRENT_VERSION } from "./memory-rows.ts";
import { withTenant } from "./pool.ts";

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
  /** False: not looked at, and the others say nothing. */
  readonly is_due: boolean;
  readonly has_present: boolean | null;
  readonly has_asleep: boolean | null;
  readonly is_active: boolean;
}

function toMoving({ id, is_due, has_present, has_asleep, is_active }: PersonRow): MovingPerson[] {
  if (!is_due) return [];
  if (is_active) return has_asleep ? [{ subjectId: id, state: "back" }] : [];
  return has_present ? [{ subjectId: id, state: "away" }] : [];
}

const STILL_AWAY = `
  select ${isActive("$4")} as is_active from subjects s
  where s.tenant_id = $1 and s.id = $3 and s.state = 'active'`;

const PRESENT = `
  select m.id as "memoryId", v.version, v.revision
  from subjects s join memories m on ${OWN} ${CURRENT_VERSION}
  where s.tenant_id = $1 and s.id = $3 and s.state = 'active' and m.archived_at is null
  order by m.id desc limit $4`;

const ASLEEP = `
  select m.id from subjects s join memories m on ${OWN}
  where s.tenant_id = $1 and s.id = $3 and m.archived_at is not null and m.archive_reason = 'inactive'
  order by m.id desc limit $4`;
