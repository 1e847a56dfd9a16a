import { eventOfService } from "@mneme/core/audit/auditor.ts";
import type {
  ArchivedReport,
  ArchiveReason,
  ArchiveTarget,
  MemoryArchive,
  RestoreReason,
} from "@mneme/core/memory/archive.ts";
import type pg from "pg";
import { insertEvents } from "./audit-rows.ts";
import { lockPersonsOf, lockStreamsOf } from "./locked-memories.ts";
import { withTenant } from "./pool.ts";
import { wakeIngest } from "./wake-ingest.ts";

/** The archive over all projects of a tenant. */
export function createMemoryArchive(pool: pg.Pool): MemoryArchive {
  return {
    archiveAll: (tenantId, targets, reason, signal) =>
      withTenant(
        pool,
        tenantId,
        async (client) => archiveUnchanged(client, tenantId, targets, reason),
        signal,
      ),
    restoreAll: (tenantId, memoryIds, { archivedFor, because }, signal) =>
      withTenant(
        pool,
        tenantId,
        async (client) => {
          const { memories, moment } = await hold(client, tenantId, memoryIds);
          const ids = [...memories].filter(([, { reason }]) => reason === archivedFor).map(([id]) => id);
          const restored = await restoreHeld(client, tenantId, ids, because, moment);
          await auditAgeing(client, tenantId, "ageing/restored", restored);
          return restored.map(({ id }) => id);
        },
        signal,
      ),
  };
}

/**
 * Archives what is still as it was read, under the locks of all writers.
 *
 * @param mayStill asked once they are held; false leaves all alone.
 */
export async function archiveUnchanged(
  client: pg.PoolClient,
  tenantId: string,
  targets: readonly ArchiveTarget[],
  reason: ArchiveReason,
  mayStill: () => Promise<boolean> = async () => true,
): Promise<ArchivedReport> {
  const ids = targets.map(({ memoryId }) => memoryId);
  const held = await hold(client, tenantId, ids);
  if (!(await mayStill())) return { archived: [], left: ids };
  const unchanged = targets.filter(({ memoryId, version, revision, refreshedAt }) => {
    const now = held.memories.get(memoryId);
    if (now?.version !== version || (revision !== undefined && now.revision !== revision)) return false;
    return refreshedAt === undefined || !isUsedSince(now, refreshedAt);
  });
  const kept = unchanged.map(({ memoryId }) => memoryId);
  const archived = await archiveHeld(client, tenantId, kept, reason, held.moment);
  await auditAgeing(client, tenantId, `ageing/${reason}`, archived);
  const done = new Set(archived.map(({ id }) => id));
  return { archived: [...done], left: ids.filter((id) => !done.has(id)) };
}

/** In the write's own transaction: nothing is hidden from searches without a trace. */
export async function auditAgeing(
  client: pg.PoolClient,
  tenantId: string,
  action: string,
  memories: readonly Pick<Moved, "id">[],
): Promise<void> {
  if (memories.length === 0) return;
  const resources = memories.map(({ id }) => ({ type: "memory", id }) as const);
  await client.query(insertEvents(tenantId, [eventOfService({ service: "ageing", action, resources })]));
}

/** A memory as it is under the locks. */
interface Held {
  readonly id: string;
  readonly version: number;
  readonly revision: string;
  readonly reason: ArchiveReason | null;
  readonly last_used_at: Date | null;
  readonly subject_id: string | null;
  readonly epoch: number;
  readonly moment: string;
}

/** Whether a search returned it after a time; while it is held none counts another use. */
export function isUsedSince({ last_used_at: used }: Held, time: Date | undefined): boolean {
  return used !== null && (time === undefined || used > time);
}

/** Locks memories in the order of all writers; those of fenced persons are absent. */
export async function hold(
  client: pg.PoolClient,
  tenantId: string,
  ids: readonly string[],
): Promise<{ readonly memories: ReadonlyMap<string, Held>; readonly moment: string }> {
  await lockStreamsOf(client, tenantId, ids);
  const active = await lockPersonsOf(client, tenantId, ids);
  await client.query(
    "select from memories where tenant_id = $1 and id = any ($2::uuid[]) order by id for update",
    [tenantId, ids],
  );
  const { rows } = await client.query<Held>({
    name: "read_for_archive",
    text: `select m.id, m.current_version as version, v.revision, m.archive_reason as reason, u.last_used_at, m.subject_id, m.epoch,
             date_trunc('milliseconds', clock_timestamp())::text as moment
           from memories m join memory_versions v on v.tenant_id = m.tenant_id and v.memory_id = m.id
             and v.version = m.current_version
           left join memory_uses u on u.tenant_id = m.tenant_id and u.memory_id = m.id
           where m.tenant_id = $1 and m.id = any ($2::uuid[])`,
    values: [tenantId, ids],
  });
  const free = rows.filter((row) => row.subject_id === null || active.get(row.subject_id) === row.epoch);
  return { memories: new Map(free.map((row) => [row.id, row])), moment: rows[0]?.moment ?? "" };
}

/** A memory that went into the archive, or came out of it. */
export interface Moved {
  readonly id: string;
  readonly bucket: number;
  /** Once the index has caught up with it, it knows. */
  readonly revision: string;
}

/**
 * Archives memories that the transaction holds; those that are archived already stay as they are.
 *
 * @param moment record time, as PostgreSQL prints it.
 */
export async function archiveHeld(
  client: pg.PoolClient,
  tenantId: string,
  ids: readonly string[],
  reason: ArchiveReason,
  moment: string,
): Promise<readonly Moved[]> {
  if (ids.length === 0) return [];
  // Whoever marks a version to be indexed anew was first, with a lower revision than the removal's, or waits and sees.
  await lockVersions(client, tenantId, ids);
  const { rows } = await client.query<Moved>({
    name: "archive_memories",
    text: `with gone as (
             update memories set archived_at = $3::timestamptz, archive_reason = $4
             where tenant_id = $1 and id = any ($2::uuid[]) and archived_at is null returning id, bucket),
           noted as (
             insert into memory_archivings (tenant_id, memory_id, archived_at, reason)
             select $1, id, $3::timestamptz, $4 from gone)
           insert into index_removals (tenant_id, memory_id, bucket, may_return)
           select $1, id, bucket, true from gone
           returning memory_id as id, bucket, revision`,
    values: [tenantId, ids, moment, reason],
  });
  await wakeIngest(
    client,
    tenantId,
    rows.map(({ bucket }) => bucket),
  );
  return rows;
}

/** Brings memories that the transaction holds back; those that are not archived stay as they are. */
export async function restoreHeld(
  client: pg.PoolClient,
  tenantId: string,
  ids: readonly string[],
  because: RestoreReason,
  moment: string,
): Promise<readonly Moved[]> {
  if (ids.length === 0) return [];
  const { rows: back } = await client.query<{ id: string }>({
    name: "restore_memories",
    text: `with back as (
             update memories set archived_at = null, archive_reason = null
             where tenant_id = $1 and id = any ($2::uuid[]) and archived_at is not null returning id),
           noted as (
             update memory_archivings a set restored_at = $3::timestamptz, restored_because = $4
             from back b where a.tenant_id = $1 and a.memory_id = b.id and a.restored_at is null),
           wanted as (
             delete from index_removals r using back b
             where r.tenant_id = $1 and r.memory_id = b.id and r.may_return)
           select id from back`,
    values: [tenantId, ids, moment, because],
  });
  if (back.length === 0) return [];
  const returned = back.map(({ id }) => id);
  await lockVersions(client, tenantId, returned);
  const { rows } = await client.query<Moved>({
    name: "index_restored",
    text: `with marked as (
             update memory_versions set revision = nextval('index_revision'), indexed_revision = 0, refused = false
             where tenant_id = $1 and memory_id = any ($2::uuid[]) returning memory_id, bucket, revision)
           select memory_id as id, bucket, max(revision) as revision from marked group by memory_id, bucket`,
    values: [tenantId, returned],
  });
  await wakeIngest(
    client,
    tenantId,
    rows.map(({ bucket }) => bucket),
  );
  return rows;
}

async function lockVersions(client: pg.PoolClient, tenantId: string, ids: readonly string[]): Promise<void> {
  await client.query({
    name: "lock_versions",
    text: `select from memory_versions where tenant_id = $1 and memory_id = any ($2::uuid[])
           order by memory_id, version for no key update`,
    values: [tenantId, ids],
  });
}
