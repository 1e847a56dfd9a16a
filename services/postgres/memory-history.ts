import type { ArchiveReason, Archiving, RestoreReason } from "@mneme/core/memory/archive.ts";
import type { Memory } from "@mneme/core/memory/memory.ts";
import { openFitting } from "./memory-reads.ts";
import {
  ANY_VERSION,
  FENCE,
  MEMORY_COLUMNS,
  type MemoryRow,
  NOT_EXPIRED,
  NOT_FENCED,
  OF_PROJECT,
} from "./memory-rows.ts";
import type { Query, TenantReader } from "./read-together.ts";

/** Steps from a memory to those that it replaced, and to what replaced it. */
const STEPS = 10;
/** Memories and versions that one history reads. */
const MEMORIES = 50;
const VERSIONS = 200;
/** Of one memory. */
const ARCHIVINGS = 20;

/**
 * All versions of a memory and of those that it replaced or was replaced by, as far as they exist and may be read, with
 * when they were archived; none where the memory itself may not.
 */
export async function readChain(
  reader: TenantReader,
  memoryId: string,
  signal?: AbortSignal,
): Promise<{
  readonly versions: readonly Memory[];
  readonly archivings: readonly Archiving[];
  readonly truncated: boolean;
}> {
  const [linked] = await reader.read([linksQuery(reader, memoryId)], signal);
  const ids = linked.slice(0, MEMORIES).map(({ id }) => id);
  if (!ids.includes(memoryId)) return { versions: [], archivings: [], truncated: false };
  const [rows, archivings] = await reader.read(
    [versionsQuery(reader, ids), archivingsQuery(reader.tenantId, ids)],
    signal,
  );
  const { memories, beyond } = await openFitting(reader, rows.slice(0, VERSIONS), {}, signal);
  const truncated = linked.length > MEMORIES || rows.length > VERSIONS || beyond !== undefined;
  return { versions: memories, archivings: archivings.map(toArchiving), truncated };
}

/** Both ways by `replaced_by`, the nearest first. */
function linksQuery(reader: TenantReader, memoryId: string): Query<{ readonly id: string }> {
  return {
    name: "history_links",
    text: `with recursive later (id, step) as (
             select $3::uuid, 0
             union select m.replaced_by, l.step + 1
             from later l join memories m on m.tenant_id = $1 and ${OF_PROJECT} and m.id = l.id
             where m.replaced_by is not null and l.step < ${STEPS}),
           earlier (id, step) as (
             select $3::uuid, 0
             union select m.id, e.step + 1
             from earlier e join memories m on m.tenant_id = $1 and ${OF_PROJECT} and m.replaced_by = e.id
             where e.step < ${STEPS}),
           linked as (
             select id, min(step) as step from (select * from later union all select * from earlier) l group by id)
           select m.id from linked l join memories m on m.tenant_id = $1 and m.id = l.id ${FENCE}
           where ${OF_PROJECT} and ${NOT_EXPIRED} and ${NOT_FENCED}
           order by l.step, m.id limit ${MEMORIES + 1}`,
    values: [reader.tenantId, reader.projectId, memoryId],
  };
}

function versionsQuery(reader: TenantReader, ids: readonly string[]): Query<MemoryRow> {
  return {
    name: "history_versions",
    text: `select ${MEMORY_COLUMNS}
           from unnest($3::uuid[]) with ordinality as r (memory_id, place)
           join memories m on m.tenant_id = $1 and m.id = r.memory_id ${ANY_VERSION} ${FENCE}
           where ${OF_PROJECT} and ${NOT_EXPIRED} and ${NOT_FENCED}
           order by r.place, v.version limit ${VERSIONS + 1}`,
    values: [reader.tenantId, reader.projectId, ids],
  };
}

interface ArchivingRow {
  readonly memory_id: string;
  readonly archived_at: Date;
  readonly reason: ArchiveReason;
  readonly restored_at: Date | null;
  readonly restored_because: RestoreReason | null;
}

/** The newest of each memory. */
function archivingsQuery(tenantId: string, ids: readonly string[]): Query<ArchivingRow> {
  return {
    name: "history_archivings",
    text: `select a.* from unnest($2::uuid[]) as r (id)
           cross join lateral (
             select memory_id, archived_at, reason, restored_at, restored_because from memory_archivings
             where tenant_id = $1 and memory_id = r.id order by archived_at desc limit ${ARCHIVINGS}) a`,
    values: [tenantId, ids],
  };
}

function toArchiving(row: ArchivingRow): Archiving {
  const { restored_at: at, restored_because: because } = row;
  return {
    memoryId: row.memory_id,
    archivedAt: row.archived_at,
    reason: row.reason,
    restored: at && because ? { at, because } : undefined,
  };
}
