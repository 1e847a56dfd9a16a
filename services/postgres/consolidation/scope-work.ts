import {
  type ConsolidatedNow,
  type ConsolidationCounts,
  MOST_LEFT,
} from "@mneme/core/consolidation/consolidation.ts";
import type { ScopeAsked, ScopePosition, ScopeWork } from "@mneme/core/consolidation/consolidation-store.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import { teamReadOnly } from "@mneme/core/tenancy/reach-errors.ts";
import type { TenantTransaction } from "../database.ts";
import { refuseFencedScope } from "../fence.ts";
import { FENCE, NOT_FENCED } from "../memory-rows.ts";
import { openPageToken, sealPageToken } from "../page-token.ts";
import { readerInside } from "../read-together.ts";
import { scopeFilter } from "../scope-filter.ts";
import { lookUpScope } from "../scope-lookup.ts";
import { mayWriteTeam, requireDefaultProject } from "../scopes.ts";
import { unindexedOf } from "../unindexed.ts";
import { IS_EPISODE } from "./episode-rows.ts";

const STREAMS_AT_ONCE = 200;
const NOBODY = { agentId: undefined, appId: undefined, teamId: undefined };

/** Where a scope's memories are, of which the call may change all. See `ConsolidationStore.begin`. */
export async function findScopeWork(
  transaction: TenantTransaction,
  tenancy: Tenancy,
  asked: ScopeAsked,
): Promise<ScopeWork> {
  const { client } = transaction;
  const { tenantId, projectId } = tenancy;
  const { scope } = asked;
  const from = await openPosition(transaction, tenancy, asked);
  if (scope.sharedWith === "tenant") await requireDefaultProject({ client, projectId }, tenantId);
  await refuseFencedScope(transaction, tenantId, scope);
  const found = await lookUpScope(readerInside(transaction, tenancy), scope);
  if (!found) return { streams: [], after: undefined, next: undefined, toldTo: NOBODY };
  const { ids } = found;
  if (ids.teamId !== undefined && !(await mayWriteTeam(transaction, ids.teamId))) throw teamReadOnly();
  const only = scopeFilter(ids, "m", 5);
  const { rows } = await client.query<{ stream_id: string }>({
    name: `streams_to_consolidate_${only.shape}`,
    text: `select distinct m.stream_id from memories m
           where m.tenant_id = $1 and m.project_id = $2 and ($3::uuid is null or m.stream_id >= $3) ${only.text}
           order by m.stream_id limit $4`,
    values: [tenantId, projectId, from?.streamId ?? null, STREAMS_AT_ONCE + 1, ...only.values],
  });
  const streams = rows.map(({ stream_id: streamId }) => ({ streamId, projectId }));
  const behind = streams[STREAMS_AT_ONCE];
  return {
    streams: streams.slice(0, STREAMS_AT_ONCE),
    after: streams[0]?.streamId === from?.streamId ? from?.after : undefined,
    next: behind && { streamId: behind.streamId, after: undefined },
    toldTo: { agentId: ids.agentId, appId: ids.appId, teamId: ids.teamId },
  };
}

/** What a call answers that stopped there. */
export async function answerScopeWork(
  transaction: TenantTransaction,
  tenancy: Tenancy,
  asked: ScopeAsked,
  came: {
    readonly streamIds: readonly string[];
    readonly counts: ConsolidationCounts;
    readonly at: ScopePosition | undefined;
    readonly before: Date;
  },
): Promise<ConsolidatedNow> {
  const { streamIds, counts, at, before } = came;
  const episodesLeft = at ? await countLeft(transaction, tenancy, asked, at, before) : 0;
  const nextPageToken =
    at && episodesLeft > 0
      ? await sealPageToken(transaction.mac, filtersOf(tenancy, asked), `${at.streamId}/${at.after ?? ""}`)
      : "";
  const ids = { name: "streams", ids: "select unnest($2::uuid[])", values: [streamIds] };
  const written = await unindexedOf(transaction, tenancy.tenantId, ids);
  return { ...counts, episodesLeft, nextPageToken, written };
}

const filtersOf = ({ projectId }: Tenancy, { scope }: ScopeAsked) => [
  "consolidate",
  projectId,
  Object.entries(scope).sort(),
];

async function openPosition(
  { mac }: TenantTransaction,
  tenancy: Tenancy,
  asked: ScopeAsked,
): Promise<ScopePosition | undefined> {
  const position = await openPageToken(mac, filtersOf(tenancy, asked), asked.pageToken);
  const [streamId, after] = position?.split("/") ?? [];
  return streamId ? { streamId, after: after || undefined } : undefined;
}

async function countLeft(
  transaction: TenantTransaction,
  tenancy: Tenancy,
  { scope }: ScopeAsked,
  at: ScopePosition,
  before: Date,
): Promise<number> {
  const found = await lookUpScope(readerInside(transaction, tenancy), scope);
  if (!found) return 0;
  const only = scopeFilter(found.ids, "m", 8);
  const { rows } = await transaction.client.query<{ episodes: number }>({
    name: `episodes_left_${only.shape}`,
    text: `select count(*)::integer as episodes from (
             select from memories m
             join memory_versions v on v.tenant_id = m.tenant_id and v.memory_id = m.id and v.version = m.current_version
             ${FENCE}
             where m.tenant_id = $1 and m.project_id = $2 and ${NOT_FENCED} and ${IS_EPISODE}
               and (m.stream_id > $3 or m.stream_id = $3 and ($4::uuid is null or m.id > $4))
               and v.said_at < $5 and v.valid_from < $5 and m.team_id is not distinct from $6::uuid ${only.text}
             limit $7) behind`,
    values: [
      tenancy.tenantId,
      tenancy.projectId,
      at.streamId,
      at.after ?? null,
      before,
      found.ids.teamId ?? null,
      MOST_LEFT,
      ...only.values,
    ],
  });
  return rows[0]?.episodes ?? 0;
}
