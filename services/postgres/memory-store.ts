import type { ChangeResult, MemoryStore } from "@mneme/core/memory/memory-store.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import { type Database, type TenantTransaction, transact } from "./database.ts";
import { foreseeRetellings } from "./foreseen-retelling.ts";
import { claimRequest, recordResult } from "./idempotency.ts";
import { type LockedMemory, requireMemories } from "./locked-memories.ts";
import { archiveHeld, restoreHeld } from "./memory-archive.ts";
import { writeChanges } from "./memory-changes.ts";
import { deleteAllMemories, deleteMemories } from "./memory-deletion.ts";
import { readChain } from "./memory-history.ts";
import { getMemories, listMemories, listVersions, openFitting } from "./memory-reads.ts";
import { FENCE, MEMORY_COLUMNS, type MemoryRow, NOT_FENCED } from "./memory-rows.ts";
import { openReader, type Query, readerInside } from "./read-together.ts";

/** What a repeated change answers with. */
interface ChangeRecord {
  readonly versions: readonly { readonly memoryId: string; readonly version: number }[];
  readonly revision: string;
  readonly buckets: readonly number[];
}

/** The record of memories. */
export function createMemoryStore(database: Database): MemoryStore {
  return {
    async get(tenancy, memoryIds, times, signal) {
      return getMemories(await openReader(database, tenancy), memoryIds, times, signal);
    },
    async list(tenancy, listing, signal) {
      return listMemories(await openReader(database, tenancy), listing, signal);
    },
    async versions(tenancy, listing, signal) {
      return listVersions(await openReader(database, tenancy), listing, signal);
    },
    async chain(tenancy, memoryId, signal) {
      return readChain(await openReader(database, tenancy), memoryId, signal);
    },
    async change(tenancy, changes, request, signal) {
      const reader = await openReader(database, tenancy);
      const foreseen = await foreseeRetellings(reader, changes, request, signal);
      return transact(
        database,
        tenancy,
        async (transaction) => {
          const { tenantId } = tenancy;
          const done = await claimRequest<ChangeRecord>(transaction, tenantId, request);
          if (done) return answer(transaction, tenancy, done);
          const versions = await writeChanges(transaction, tenancy, changes, foreseen);
          const record: ChangeRecord = {
            versions: versions.map(({ memoryId, version }) => ({ memoryId, version })),
            revision: String(versions.map(({ revision }) => BigInt(revision)).reduce(larger, 0n)),
            buckets: [...new Set(versions.map(({ bucket }) => bucket))],
          };
          await recordResult(transaction, tenantId, request, record);
          return answer(transaction, tenancy, record);
        },
        signal,
      );
    },
    archive: (tenancy, target, request, signal) =>
      transact(
        database,
        tenancy,
        async (transaction) => {
          const { tenantId } = tenancy;
          const done = await claimRequest<ChangeRecord>(transaction, tenantId, request);
          if (done) return answer(transaction, tenancy, done);
          const record = await moveMemory(transaction, tenancy, target);
          await recordResult(transaction, tenantId, request, record);
          return answer(transaction, tenancy, record);
        },
        signal,
      ),
    delete: (tenancy, targets, request, signal) =>
      transact(
        database,
        tenancy,
        async (transaction) => {
          const { tenantId } = tenancy;
          const done = await claimRequest<{ deleted: number }>(transaction, tenantId, request);
          if (done) return done.deleted;
          const deleted = await deleteMemories(transaction, tenancy, targets);
          await recordResult(transaction, tenantId, request, { deleted });
          return deleted;
        },
        signal,
      ),
    deleteAll: (tenancy, scope, request, signal) =>
      deleteAllMemories(database, tenancy, scope, request, signal),
  };
}

/** Into the archive, or out of it. */
async function moveMemory(
  { client }: TenantTransaction,
  tenancy: Tenancy,
  target: { readonly memoryId: string; readonly etag: string; readonly to: "archived" | "restored" },
): Promise<ChangeRecord> {
  const { tenantId } = tenancy;
  const { memoryId, to } = target;
  const { memories, moment } = await requireMemories(client, tenancy, [target]);
  const move = to === "archived" ? archiveHeld : restoreHeld;
  const [moved] = await move(client, tenantId, [memoryId], "by_hand", moment);
  const { version, revision, bucket } = memories.get(memoryId) as LockedMemory;
  return { versions: [{ memoryId, version }], revision: moved?.revision ?? revision, buckets: [bucket] };
}

const larger = (a: bigint, b: bigint) => (a > b ? a : b);

/** The versions that a change left, as many as one answer holds; what was deleted or fenced since is left out. */
async function answer(
  transaction: TenantTransaction,
  tenancy: Tenancy,
  record: ChangeRecord,
): Promise<ChangeResult> {
  const reader = readerInside(transaction, tenancy);
  const [rows] = await reader.read([versionsQuery(tenancy, record)]);
  const { memories } = await openFitting(reader, rows);
  return { memories, revision: BigInt(record.revision), buckets: record.buckets };
}

function versionsQuery({ tenantId, projectId }: Tenancy, { versions }: ChangeRecord): Query<MemoryRow> {
  return {
    name: "read_changed_versions",
    text: `select ${MEMORY_COLUMNS}
           from unnest($3::uuid[], $4::integer[]) with ordinality as r (memory_id, version, place)
           join memories m on m.tenant_id = $1 and m.id = r.memory_id
           join memory_versions v
             on v.tenant_id = $1 and v.memory_id = r.memory_id and v.version = r.version
           ${FENCE}
           where m.project_id = $2 and ${NOT_FENCED}
           order by r.place`,
    values: [
      tenantId,
      projectId,
      versions.map(({ memoryId }) => memoryId),
      versions.map(({ version }) => version),
    ],
  };
}
