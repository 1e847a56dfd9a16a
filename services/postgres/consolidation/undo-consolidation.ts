import { consolidationNotFound } from "@mneme/core/consolidation/errors.ts";
import { MnemeError } from "@mneme/core/errors.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import { teamReadOnly } from "@mneme/core/tenancy/reach-errors.ts";
import type { TenantTransaction } from "../database.ts";
import { subjectFenced } from "../fence.ts";
import { isWritable, lockMemories } from "../locked-memories.ts";
import { restoreHeld } from "../memory-archive.ts";
import { removeMemories } from "../memory-removal.ts";
import { wakeIngest } from "../wake-ingest.ts";

/** Freshness of an undoing: once the index has caught up with it, searches find the episodes. */
export interface Undone {
  readonly revision: string;
  readonly buckets: readonly number[];
}

interface UndoRow {
  readonly summary_id: string;
  readonly state: "active" | "undone";
  readonly memory_ids: readonly string[];
}

/** See `ConsolidationStore.undo`. The summary leaves a keyed tombstone. */
export async function undoConsolidation(
  transaction: TenantTransaction,
  tenancy: Tenancy,
  { id, discardChanges }: { readonly id: string; readonly discardChanges: boolean },
): Promise<Undone> {
  const { client } = transaction;
  const { tenantId } = tenancy;
  const before = await read(transaction, tenancy, id);
  const held = await lockMemories(client, tenancy, [before.summary_id, ...before.memory_ids]);
  // Whoever waited for the locks sees what became of it meanwhile.
  const row = await read(transaction, tenancy, id);
  if (row.state === "undone") return { revision: "0", buckets: [] };
  if (held.readOnly.has(row.summary_id)) throw teamReadOnly({ consolidation_id: id });
  const summary = held.memories.get(row.summary_id);
  if (!summary) throw consolidationNotFound(id);
  if (!isWritable(summary, held.active)) throw subjectFenced();
  if (summary.version > 1 && !discardChanges) throw summaryChanged(id, row.summary_id);
  await client.query({
    name: "undo_consolidation",
    text: "update consolidations set state = 'undone', undone_at = $3 where tenant_id = $1 and id = $2",
    values: [tenantId, id, held.moment],
  });
  await removeMemories(client, tenantId, [row.summary_id]);
  const told = row.memory_ids.filter((memoryId) => held.memories.get(memoryId));
  const { rows } = await client.query<{ id: string }>({
    name: "told_by_undone",
    text: `select id from memories where tenant_id = $1 and id = any ($2::uuid[]) and archive_reason = 'consolidated'`,
    values: [tenantId, told],
  });
  const back = await restoreHeld(
    client,
    tenantId,
    rows.map((one) => one.id),
    "undone",
    held.moment,
  );
  await wakeIngest(client, tenantId, [summary.bucket]);
  const revision = back.reduce(
    (most, one) => (BigInt(one.revision) > most ? BigInt(one.revision) : most),
    0n,
  );
  return { revision: String(revision), buckets: [summary.bucket] };
}

async function read(
  { client }: TenantTransaction,
  { tenantId, projectId }: Tenancy,
  id: string,
): Promise<UndoRow> {
  const { rows } = await client.query<UndoRow>({
    name: "read_undoing",
    text: `select c.summary_id, c.state, array(select e.memory_id from consolidation_episodes e
             where e.tenant_id = c.tenant_id and e.consolidation_id = c.id) as memory_ids
           from consolidations c where c.tenant_id = $1 and c.project_id = $2 and c.id = $3`,
    values: [tenantId, projectId, id],
  });
  const [row] = rows;
  if (!row) throw consolidationNotFound(id);
  return row;
}

function summaryChanged(id: string, summaryId: string): MnemeError {
  return new MnemeError(
    "failed_precondition",
    "STATE_CONFLICT",
    "the summary was changed since it was made; undo it with discard_changes, which loses that, or leave it",
    { metadata: { consolidation_id: id, memory_id: summaryId, state: "changed" } },
  );
}
