import type { ConsolidatedNow } from "@mneme/core/consolidation/consolidation.ts";
import type {
  ConsolidationStore,
  EpisodeStore,
  EpisodeStream,
} from "@mneme/core/consolidation/consolidation-store.ts";
import { type Database, transact } from "../database.ts";
import { claimRequest, recordResult } from "../idempotency.ts";
import { type IngestTransaction, ingestTransactions } from "../ingest-transaction.ts";
import { openReader } from "../read-together.ts";
import { NOTHING_UNINDEXED } from "../unindexed.ts";
import { applySummary } from "./apply-summary.ts";
import { readEpisodes } from "./episode-rows.ts";
import { getConsolidation, listConsolidations } from "./listings.ts";
import { noteLook, unlooked } from "./looks.ts";
import { answerScopeWork, findScopeWork } from "./scope-work.ts";
import { type Undone, undoConsolidation } from "./undo-consolidation.ts";

/** Episodes and summaries over all projects of a tenant. */
export function createEpisodeStore(database: Database): EpisodeStore {
  const run = ingestTransactions(database);
  return {
    streams: (tenantId, asked, signal) =>
      run(tenantId, (transaction) => listStreams(transaction, asked), signal),
    episodes: (tenantId, stream, asked, signal) =>
      run(tenantId, (transaction) => readEpisodes(transaction, stream, asked), signal),
    unlooked: (tenantId, asked, signal) =>
      run(tenantId, (transaction) => unlooked(transaction, asked), signal),
    noteLook: (tenantId, look, signal) => run(tenantId, (transaction) => noteLook(transaction, look), signal),
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
    begin: (tenancy, asked, request, signal) =>
      transact(
        database,
        tenancy,
        async (transaction) => {
          const claimed = await claimRequest<Partial<ConsolidatedNow>>(
            transaction,
            tenancy.tenantId,
            request,
          );
          if (claimed?.episodes === undefined) return findScopeWork(transaction, tenancy, asked);
          return {
            done: {
              episodesLeft: 0,
              nextPageToken: "",
              written: NOTHING_UNINDEXED,
              ...claimed,
            } as ConsolidatedNow,
          };
        },
        signal,
      ),
    finish: (tenancy, asked, request, came, signal) =>
      transact(
        database,
        tenancy,
        async (transaction) => {
          const answer = await answerScopeWork(transaction, tenancy, asked, came);
          await recordResult(transaction, tenancy.tenantId, request, answer);
          return answer;
        },
        signal,
      ),
  };
}
