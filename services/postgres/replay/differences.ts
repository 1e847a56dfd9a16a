import type { MemoryKind, MemoryOrigin } from "@mneme/core/memory/memory.ts";
import type { ChangedField } from "@mneme/core/replay/compare-generations.ts";
import type { DifferencesAsked, ReplayDifference, ReplayedMemory } from "@mneme/core/replay/replay-store.ts";
import type { Page } from "@mneme/core/tenancy/page.ts";
import { openOr } from "../damage.ts";
import { fenceJoin, notFenced } from "../fence.ts";
import { openPageToken, sealPageToken } from "../page-token.ts";
import type { Query, TenantReader } from "../read-together.ts";
import { openScopes, type ScopeColumns } from "../scope-names.ts";
import { openShadow } from "./shadow-rows.ts";

/** A side that stands in a memory's version, in columns that begin with its name. */
type Side<Name extends "before" | "after"> = {
  readonly [K in `${Name}_text`]: Buffer | null;
} & { readonly [K in `${Name}_row`]: VersionColumns };

interface VersionColumns {
  readonly kind: MemoryKind;
  readonly category: string;
  readonly confidence: number;
  readonly importance: number;
  readonly origin: MemoryOrigin;
  readonly valid_from: string;
  readonly valid_to: string | null;
}

interface DifferenceRow extends Side<"before">, Side<"after">, ScopeColumns {
  readonly id: string;
  readonly change: ReplayDifference["change"];
  readonly state: ReplayDifference["state"];
  readonly fields: readonly ChangedField[];
  readonly memory_id: string | null;
  readonly body_ct: Buffer | null;
  readonly vector_ct: Buffer | null;
}

const side = (alias: string, name: string) => `${alias}.text_ct as ${name}_text,
  jsonb_build_object('kind', ${alias}.kind, 'category', ${alias}.category, 'confidence', ${alias}.confidence,
    'importance', ${alias}.importance, 'origin', ${alias}.origin, 'valid_from', ${alias}.valid_from,
    'valid_to', ${alias}.valid_to) as ${name}_row`;

/**
 * What a replay adds stands in its shadow, and in the memory once it is promoted; rows whose memory the reader may not see, or
 * that is gone, are left out.
 */
function differencesQuery(
  { tenantId, projectId }: TenantReader,
  { replayId, change, pageSize }: DifferencesAsked,
  after: string | undefined,
): Query<DifferenceRow> {
  return {
    name: `list_replay_differences_${change ? "change" : "any"}`,
    text: `select f.id, f.change, f.state, f.fields, m.id as memory_id, r.body_ct, r.vector_ct,
             ${side("b", "before")}, ${side("a", "after")},
             f.subject_id, coalesce(m.agent_id, s.agent_id) as agent_id, coalesce(m.app_id, s.app_id) as app_id,
             coalesce(m.team_id, r.team_id) as team_id, coalesce(m.session_id, s.session_id) as session_id
           from replay_differences f ${fenceJoin("f")}
           left join replay_memories r on r.tenant_id = $1 and r.replay_id = f.replay_id and r.id = f.shadow_id
           left join memories m on m.tenant_id = $1
             and m.id = coalesce(f.memory_id, case when f.state = 'applied' then f.shadow_id end)
           left join messages t on t.tenant_id = $1 and t.id = (r.sources -> 0 ->> 'messageId')::uuid
           left join extractions s on s.tenant_id = $1 and s.id = t.extraction_id
           left join memory_versions b on b.tenant_id = $1 and b.memory_id = f.memory_id and b.version = f.memory_version
           left join memory_versions a on a.tenant_id = $1 and a.memory_id = m.id and f.state = 'applied'
             and f.change <> 'removed' and a.version = coalesce(f.memory_version, 0) + 1
           where f.tenant_id = $1 and f.project_id = $2 and f.replay_id = $3 and ($4::uuid is null or f.id > $4)
             and ${change ? "f.change = $6" : "$6::text is null"} and ${notFenced("f")}
             and (m.expires_at is null or m.expires_at > now())
             and (f.memory_id is null or b.memory_id is not null and m.id is not null)
             and (f.shadow_id is null or r.id is not null or a.memory_id is not null or f.state = 'kept')
           order by f.id limit $5`,
    values: [tenantId, projectId, replayId, after ?? null, pageSize + 1, change ?? null],
  };
}

/** One page, in the order in which they were found. */
export async function listDifferences(
  reader: TenantReader,
  asked: DifferencesAsked,
  signal: AbortSignal | undefined,
): Promise<Page<ReplayDifference>> {
  const filters = ["replay_differences", reader.projectId, asked.replayId, asked.change ?? null];
  const after = await openPageToken(reader.mac, filters, asked.pageToken);
  const [rows] = await reader.read([differencesQuery(reader, asked, after)], signal);
  const shown = rows.slice(0, asked.pageSize);
  for (const { subject_id } of shown) reader.audit?.about(subject_id);
  const scopes = await openScopes(reader, shown, signal);
  const last = rows.length > shown.length ? shown.at(-1) : undefined;
  return {
    items: await Promise.all(
      shown.map(async (row, i): Promise<ReplayDifference> => {
        return {
          id: row.id,
          change: row.change,
          state: row.state,
          fields: row.fields,
          memoryId: row.memory_id ?? undefined,
          scope: scopes[i] ?? {},
          before: await openVersion(reader, row.before_text, row.before_row),
          after:
            (await openVersion(reader, row.after_text, row.after_row)) ?? (await openShadowOf(reader, row)),
        };
      }),
    ),
    nextPageToken: last ? await sealPageToken(reader.mac, filters, last.id) : "",
  };
}

async function openVersion(
  { content }: TenantReader,
  sealed: Buffer | null,
  row: VersionColumns,
): Promise<ReplayedMemory | undefined> {
  const text = await openOr(() => content.openText("memory_versions.text", sealed), undefined);
  if (text === undefined) return undefined;
  const { valid_from: from, valid_to: to, ...rest } = row;
  return { ...rest, text, validFrom: new Date(from), validTo: to === null ? undefined : new Date(to) };
}

async function openShadowOf(
  { content }: TenantReader,
  { id, body_ct, vector_ct }: DifferenceRow,
): Promise<ReplayedMemory | undefined> {
  if (!body_ct || !vector_ct) return undefined;
  const row = { id, body_ct, vector_ct, window_ct: null, embedding_model: "" };
  const shadow = await openOr(() => openShadow(content, row), undefined);
  if (!shadow || (shadow.content.expiresAt && shadow.content.expiresAt <= new Date())) return undefined;
  const { text, kind, category, confidence, importance, origin, valid } = shadow.content.statement;
  const validFrom = valid.from ?? shadow.content.features.saidAt;
  return { text, kind, category, confidence, importance, origin, validFrom, validTo: valid.to };
}
