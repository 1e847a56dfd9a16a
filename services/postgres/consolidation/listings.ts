import type { Consolidation } from "@mneme/core/consolidation/consolidation.ts";
import type { ConsolidationListing } from "@mneme/core/consolidation/consolidation-store.ts";
import type { Page } from "@mneme/core/tenancy/page.ts";
import { fenceJoin, notFenced } from "../fence.ts";
import { openPageToken, sealPageToken } from "../page-token.ts";
import type { Query, TenantReader } from "../read-together.ts";
import { scopeFilter } from "../scope-filter.ts";
import { lookUpScope } from "../scope-lookup.ts";
import { openScopes, type ScopeColumns } from "../scope-names.ts";

interface ConsolidationRow extends ScopeColumns {
  readonly id: string;
  readonly summary_id: string;
  readonly state: "active" | "undone";
  readonly extractor: string;
  readonly extractor_version: string;
  readonly rule: string;
  readonly created_at: Date;
  readonly undone_at: Date | null;
  readonly episode_ids: readonly string[];
}

const COLUMNS = `e.id, e.summary_id, e.state, e.extractor, e.extractor_version, e.rule, e.created_at, e.undone_at,
  e.subject_id, e.agent_id, e.app_id, e.team_id, null::uuid as session_id,
  array(select t.memory_id from consolidation_episodes t where t.tenant_id = e.tenant_id and t.consolidation_id = e.id
    order by t.memory_id) as episode_ids`;

/** One page of what was consolidated in a scope, newest first; of fenced people nothing. */
export async function listConsolidations(
  reader: TenantReader,
  { scope, pageSize, pageToken }: ConsolidationListing,
  signal?: AbortSignal,
): Promise<Page<Consolidation>> {
  const filters = ["consolidations", reader.projectId, Object.entries(scope).sort()];
  const after = await openPageToken(reader.mac, filters, pageToken);
  const found = await lookUpScope(reader, scope, signal);
  if (!found) return { items: [], nextPageToken: "" };
  const only = scopeFilter(found.ids, "e", 5);
  const query: Query<ConsolidationRow> = {
    name: `list_consolidations_${only.shape}`,
    text: `select ${COLUMNS} from consolidations e ${fenceJoin("e")}
           where e.tenant_id = $1 and e.project_id = $2 and ${notFenced("e")} and ($3::uuid is null or e.id < $3)
             ${only.text}
           order by e.id desc limit $4`,
    values: [reader.tenantId, reader.projectId, after ?? null, pageSize + 1, ...only.values],
  };
  const [rows] = await reader.read([query], signal);
  const shown = rows.slice(0, pageSize);
  const last = rows.length > shown.length ? shown.at(-1) : undefined;
  return {
    items: await toConsolidations(reader, shown, signal),
    nextPageToken: last ? await sealPageToken(reader.mac, filters, last.id) : "",
  };
}

export async function getConsolidation(
  reader: TenantReader,
  id: string,
  signal?: AbortSignal,
): Promise<Consolidation | undefined> {
  const query: Query<ConsolidationRow> = {
    name: "get_consolidation",
    text: `select ${COLUMNS} from consolidations e ${fenceJoin("e")}
           where e.tenant_id = $1 and e.project_id = $2 and e.id = $3 and ${notFenced("e")}`,
    values: [reader.tenantId, reader.projectId, id],
  };
  const [rows] = await reader.read([query], signal);
  return (await toConsolidations(reader, rows, signal))[0];
}

async function toConsolidations(
  reader: TenantReader,
  rows: readonly ConsolidationRow[],
  signal: AbortSignal | undefined,
): Promise<Consolidation[]> {
  for (const { subject_id } of rows) reader.audit?.about(subject_id);
  const scopes = await openScopes(reader, rows, signal);
  return rows.map((row, i) => ({
    id: row.id,
    summaryId: row.summary_id,
    episodeIds: row.episode_ids,
    state: row.state,
    scope: scopes[i] ?? {},
    extractor: row.extractor,
    extractorVersion: row.extractor_version,
    rule: row.rule,
    createdAt: row.created_at,
    undoneAt: row.undone_at ?? undefined,
  }));
}
