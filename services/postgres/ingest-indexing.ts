import type { Indexed, IngestTarget, PendingIndexing } from "@mneme/core/extraction/ingest-store.ts";
import type { MemoryKind, MemoryOrigin, MessageRole } from "@mneme/core/memory/memory.ts";
import type { IndexedMemory } from "@mneme/core/search/memory-index.ts";
import type pg from "pg";
import type { Content } from "./content.ts";
import { unlessDamaged } from "./damage.ts";
import type { MemoryDetail } from "./memory-detail.ts";
import { PROJECT_LANGUAGE } from "./project-language.ts";

/** A version with its memory, as `INDEXED_COLUMNS` selects it. */
export interface IndexedRow {
  memory_id: string;
  version: number;
  revision: string;
  text_ct: Buffer;
  detail_ct: Buffer;
  window_ct: Buffer;
  vector_ct: Buffer;
  embedding_model: string;
  kind: MemoryKind;
  category: string;
  origin: MemoryOrigin;
  confidence: number;
  importance: number;
  role: MessageRole | null;
  is_question: boolean;
  has_time: boolean;
  said_at: Date;
  said_again_at: Date[] | null;
  valid_from: Date;
  valid_to: Date | null;
  recorded_from: Date;
  recorded_to: Date | null;
  project_id: string;
  subject_id: string | null;
  epoch: number;
  agent_id: string | null;
  app_id: string | null;
  team_id: string | null;
  audience: string;
  session_ids: string[] | null;
  expires_at: Date | null;
  archived_at: Date | null;
  language: string;
  embedder: string | null;
}

/** Times of being said again that the index is told. */
const SAID_AGAIN = 100;
/** Sessions that the index is told. */
const SESSIONS = 1_000;

/** Columns of `memory_versions v` and `memories m` that make an index document. */
export const INDEXED_COLUMNS = `v.memory_id, v.version, v.revision, v.text_ct, v.detail_ct, v.window_ct,
  v.vector_ct, v.embedding_model, v.kind, v.category, v.origin, v.confidence, v.importance, v.role,
  v.is_question, v.has_time, v.said_at, v.valid_from, v.valid_to, v.recorded_from, v.recorded_to,
  m.project_id, m.subject_id, m.epoch, m.agent_id, m.app_id, m.team_id, m.audience, m.expires_at, m.archived_at,
  ${PROJECT_LANGUAGE},
  (select coalesce(p.settings #>> '{models,embedder}', t.settings #>> '{models,embedder}')
   from projects p join tenants t on t.id = p.tenant_id
   where p.tenant_id = m.tenant_id and p.id = m.project_id) as embedder,
  (select array_agg(session_id)
   from (select session_id from memory_sessions s where s.tenant_id = v.tenant_id and s.memory_id = v.memory_id
         order by session_id desc limit ${SESSIONS}) s) as session_ids,
  (select array_agg(distinct t.sent_at)
   from (select message_id from memory_sources s where s.tenant_id = v.tenant_id and s.memory_id = v.memory_id
         and s.ordinal > 0 order by s.ordinal desc limit ${SAID_AGAIN}) s
   join messages t on t.tenant_id = v.tenant_id and t.id = s.message_id) as said_again_at`;

/** Why a row has no index document: it is archived, or its key is gone and nothing is left to index; or it is damaged. */
type NoDocument = "gone" | "damaged";

/** The index document of a row. */
export async function toIndexedMemory(
  content: Content,
  tenantId: string,
  row: IndexedRow,
): Promise<IndexedMemory | NoDocument> {
  if (row.archived_at !== null) return "gone";
  const opened = await unlessDamaged(() =>
    Promise.all([
      content.openText("memory_versions.text", row.text_ct),
      content.openJson<MemoryDetail>("memory_versions.detail", row.detail_ct),
      // Empty where the turns around the source are not kept any more: the statement stands for itself.
      row.window_ct.length > 0
        ? content.openText("memory_versions.window", row.window_ct)
        : content.openText("memory_versions.text", row.text_ct),
      content.openVector("memory_versions.vector", row.vector_ct),
    ]),
  );
  if ("damage" in opened) return "damaged";
  const [text, detail, window, vector] = opened.value;
  if (text === undefined || !detail || window === undefined || !vector) return "gone";
  return {
    tenantId,
    projectId: row.project_id,
    memoryId: row.memory_id,
    version: row.version,
    revision: Number(row.revision),
    subjectId: row.subject_id ?? undefined,
    subjectEpoch: row.epoch,
    agentId: row.agent_id ?? undefined,
    appId: row.app_id ?? undefined,
    teamId: row.team_id ?? undefined,
    audience: row.audience,
    sessionIds: row.session_ids ?? [],
    text,
    window,
    language: row.language,
    embedder: row.embedder ?? undefined,
    vector,
    embeddingModel: row.embedding_model,
    kind: row.kind,
    category: row.category,
    origin: row.origin,
    confidence: row.confidence,
    importance: row.importance,
    entities: detail.entities.map(({ name }) => name.toLowerCase()),
    speaker: detail.speaker ?? undefined,
    role: row.role ?? undefined,
    isQuestion: row.is_question,
    hasTime: row.has_time,
    saidAt: row.said_at,
    saidAgainAt: row.said_again_at ?? [],
    validFrom: row.valid_from,
    validTo: row.valid_to ?? undefined,
    recordedFrom: row.recorded_from,
    recordedTo: row.recorded_to ?? undefined,
    expiresAt: row.expires_at ?? undefined,
    metadata: detail.metadata,
  };
}

export async function selectUnindexed(
  client: pg.PoolClient,
  content: Content,
  { tenantId, bucket }: IngestTarget,
  limit: number,
): Promise<PendingIndexing> {
  const versions = await client.query<IndexedRow>({
    name: "select_unindexed",
    text: `select ${INDEXED_COLUMNS} from memory_versions v
           join memories m on m.tenant_id = v.tenant_id and m.id = v.memory_id
           where v.tenant_id = $1 and v.bucket = $2 and v.indexed_revision < v.revision
           order by v.revision limit $3`,
    values: [tenantId, bucket, limit],
  });
  const removals = await client.query<{
    memory_id: string;
    revision: string;
    may_return: boolean;
  }>({
    name: "select_removals",
    text: `select memory_id, revision, may_return from index_removals where tenant_id = $1 and bucket = $2
           order by revision limit $3`,
    values: [tenantId, bucket, limit],
  });
  const documents = await Promise.all(versions.rows.map((row) => toIndexedMemory(content, tenantId, row)));
  const without = (why: NoDocument) =>
    versions.rows
      .filter((_, i) => documents[i] === why)
      .map(({ memory_id, version, revision }) => ({
        memoryId: memory_id,
        version,
        revision: Number(revision),
      }));
  return {
    documents: documents.filter((document) => typeof document !== "string"),
    unreadable: without("gone"),
    damaged: without("damaged"),
    removals: removals.rows.map((row) => {
      return { memoryId: row.memory_id, revision: BigInt(row.revision), mayReturn: row.may_return };
    }),
  };
}

export async function markIndexed(
  client: pg.PoolClient,
  { tenantId, bucket }: IngestTarget,
  { versions, removals }: Indexed,
): Promise<void> {
  await client.query({
    name: "mark_indexed",
    text: `with held as (
             select v.memory_id, v.version, n.revision, n.refused
             from unnest($2::uuid[], $3::integer[], $4::bigint[], $5::boolean[])
               as n (memory_id, version, revision, refused)
             join memory_versions v on v.tenant_id = $1 and v.memory_id = n.memory_id and v.version = n.version
             order by v.memory_id, v.version for no key update of v)
           update memory_versions v
           set indexed_revision = greatest(v.indexed_revision, h.revision), refused = h.refused
           from held h where v.tenant_id = $1 and v.memory_id = h.memory_id and v.version = h.version`,
    values: [
      tenantId,
      versions.map(({ memoryId }) => memoryId),
      versions.map(({ version }) => version),
      versions.map(({ revision }) => revision),
      versions.map(({ refused }) => refused),
    ],
  });
  await client.query({
    name: "forget_removals",
    text: `delete from index_removals r using unnest($2::uuid[], $3::bigint[]) as n (memory_id, revision)
           where r.tenant_id = $1 and r.memory_id = n.memory_id and r.revision = n.revision`,
    values: [
      tenantId,
      removals.map(({ memoryId }) => memoryId),
      removals.map(({ revision }) => String(revision)),
    ],
  });
  // Once written a version can be found; a later change of its window does not take that back.
  await client.query({
    name: "close_extractions",
    text: `update extractions e set state = 'searchable', searchable_at = now()
           where e.tenant_id = $1 and e.bucket = $2 and e.state = 'extracted' and not exists (
             select from extraction_memories em
             join memory_versions v on v.tenant_id = em.tenant_id and v.memory_id = em.memory_id
             where em.tenant_id = e.tenant_id and em.extraction_id = e.id and v.indexed_revision = 0)`,
    values: [tenantId, bucket],
  });
}
