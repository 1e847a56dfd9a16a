import type { ConsolidationCounts } from "@mneme/core/consolidation/consolidation.ts";
import type {
  ConsolidationStore,
  EpisodeStore,
  EpisodeStream,
} from "@mneme/core/consolidation/consolidation-store.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import { teamReadOnly } from "@mneme/core/tenancy/reach-errors.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";
import { type Database, type TenantTransaction, transact } from "../database.ts";
import { refuseFencedScope } from "../fence.ts";
import { claimRequest, recordResult } from "../idempotency.ts";
import { type IngestTransaction, ingestTransactions } from "../ingest-transaction.ts";
import { openReader, readerInside } from "../read-together.ts";
import { scopeFilter } from "../scope-filter.ts";
import { lookUpScope } from "../scope-lookup.ts";
import { mayWriteTeam } from "../scopes.ts";
import { applySummary } from "./apply-summary.ts";
import { readEpisodes } from "./episode-rows.ts";
import { getConsolidation, listConsolidations } from "./listings.ts";
import { type Undone, undoConsolidation } from "./undo-consolidation.ts";

/** Episodes and summaries over all projects of a tenant. */
export function createEpisodeStore(database: Database): EpisodeStore {
  const run = ingestTransactions(database);
  return {
    streams: (tenantId, asked, signal) =>
      run(tenantId, (transaction) => listStreams(transaction, asked), signal),
    episodes: (tenantId, stream, asked, signal) =>
      run(tenantId, (transaction) => readEpisodes(transaction, stream, asked), signal),
    apply: (tenantId, planned, signal) =>
      run(tenantId, (transaction) => applySummary(transaction, planned), signal),
  };
}

const FIRST = "00000000-0000-0000-0000-000000000000";

async function listStreams(
  { client, tenantId }: IngestTransaction,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<EpisodeStream[]> {
  const { rows } = await client.query<{ id: string; project_id: string }>({
    name: "consolidated_streams",
    text: `select s.id, s.project_id from streams s
           join projects p on p.tenant_id = s.tenant_id and p.id = s.project_id
           join tenants t on t.id = s.tenant_id
           where s.tenant_id = $1 and s.id > $2
             and coalesce(p.settings #>> '{consolidation,afterDays}', t.settings #>> '{consolidation,afterDays}')
               is not null
           order by s.id limit $3`,
    values: [tenantId, after ?? FIRST, limit],
  });
  return rows.map(({ id, project_id }) => ({ streamId: id, projectId: project_id }));
}

/** What was consolidated, as calls see it. */
export function createConsolidationStore(database: Database): ConsolidationStore {
  return {
    async list(tenancy, listing, signal) {
      return listConsolidations(await openReader(database, tenancy), listing, signal);
    },
    async get(tenancy, id, signal) {
      return getConsolidation(await openReader(database, tenancy), id, signal);
    },
    undo: (tenancy, target, request, signal) =>
      transact(
        database,
        tenancy,
        async (transaction) => {
          const done = await claimRequest<Undone>(transaction, tenancy.tenantId, request);
          const undone = done ?? (await undoConsolidation(transaction, tenancy, target));
          if (!done) await recordResult(transaction, tenancy.tenantId, request, undone);
          return { revision: BigInt(undone.revision), buckets: undone.buckets };
        },
        signal,
      ),
    begin: (tenancy, scope, request, signal) =>
      transact(
        database,
        tenancy,
        async (transaction) => {
          const claimed = await claimRequest<Partial<ConsolidationCounts>>(
            transaction,
            tenancy.tenantId,
            request,
          );
          if (claimed?.episodes !== undefined) return { done: claimed as ConsolidationCounts };
          return findStreams(transaction, tenancy, scope);
        },
        signal,
      ),
    finish: (tenancy, request, counts, signal) =>
      transact(
        database,
        tenancy,
        (transaction) => recordResult(transaction, tenancy.tenantId, request, counts),
        signal,
      ),
  };
}

const NOBODY = { agentId: undefined, appId: undefined, teamId: undefined };

/** Where a scope's memories are, of which the call may change all. */
async function findStreams(transaction: TenantTransaction, tenancy: Tenancy, scope: Scope) {
  const { client } = transaction;
  const { tenantId, projectId } = tenancy;
  await refuseFencedScope(transaction, tenantId, scope);
  const found = await lookUpScope(readerInside(transaction, tenancy), scope);
  if (!found) return { streams: [], toldTo: NOBODY };
  const { ids } = found;
  if (ids.teamId !== undefined && !(await mayWriteTeam(transaction, ids.teamId))) throw teamReadOnly();
  const only = scopeFilter(ids, "m", 3);
  const { rows } = await client.query<{ stream_id: string }>({
    name: `streams_to_consolidate_${only.shape}`,
    text: `select distinct m.stream_id from memories m
           where m.tenant_id = $1 and m.project_id = $2 ${only.text} order by m.stream_id`,
    values: [tenantId, projectId, ...only.values],
  });
  return {
    streams: rows.map(({ stream_id: streamId }) => ({ streamId, projectId })),
    toldTo: { agentId: ids.agentId, appId: ids.appId, teamId: ids.teamId },
  };
}
