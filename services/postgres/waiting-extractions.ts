import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import type { ScopeIds } from "@mneme/core/tenancy/scope.ts";
import type { TenantTransaction } from "./database.ts";
import { scopeFilter } from "./scope-filter.ts";
import { mayWriteTeam } from "./scopes.ts";
import { lockStreams } from "./stream-locks.ts";

interface WaitingRow {
  readonly id: string;
  readonly stream_id: string;
  readonly team_id: string | null;
}

/**
 * Drops what was accepted in a scope and is not read yet, or could not be: nothing is made of it any more. Whoever reads it
 * just now writes nothing.
 */
export async function dropWaiting(
  transaction: TenantTransaction,
  tenancy: Tenancy,
  ids: ScopeIds,
): Promise<void> {
  const { client } = transaction;
  const { tenantId, projectId } = tenancy;
  const only = scopeFilter(ids, "e", 3);
  const { rows } = await client.query<WaitingRow>({
    name: `waiting_of_scope_${only.shape}`,
    text: `select e.id, e.stream_id, e.team_id from extractions e
           where e.tenant_id = $1 and e.project_id = $2 and e.state in ('queued', 'running', 'failed') ${only.text}`,
    values: [tenantId, projectId, ...only.values],
  });
  const teams = new Set(rows.flatMap(({ team_id }) => team_id ?? []));
  const writable = new Set<string | null>([null]);
  for (const teamId of teams) if (await mayWriteTeam(transaction, teamId)) writable.add(teamId);
  const ours = rows.filter(({ team_id }) => writable.has(team_id));
  if (ours.length === 0) return;
  await lockStreams(client, [...new Set(ours.map(({ stream_id }) => stream_id))]);
  const extractionIds = ours.map(({ id }) => id);
  // In the order in which RetryExtraction holds them.
  await client.query({
    name: "drop_waiting_extractions",
    text: `update extractions set state = 'dropped', pending_count = 0
           where tenant_id = $1 and id = any ($2::uuid[]) and state in ('queued', 'running', 'failed')`,
    values: [tenantId, extractionIds],
  });
  await client.query({
    name: "drop_waiting_messages",
    text: `update messages set state = 'dropped'
           where tenant_id = $1 and extraction_id = any ($2::uuid[]) and state in ('pending', 'failed')`,
    values: [tenantId, extractionIds],
  });
}
