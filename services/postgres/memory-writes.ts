import type { ExtractorVersion } from "@mneme/core/extraction/extractor.ts";
import type { MemoryContent } from "@mneme/core/extraction/ingest-store.ts";
import type { ReconcileOutcome, SourceSpan } from "@mneme/core/memory/memory.ts";
import { normalizeStatement } from "@mneme/core/memory/normalize.ts";
import type { ScopeIds } from "@mneme/core/tenancy/scope.ts";
import type pg from "pg";
import type { Content } from "./content.ts";
import type { MemoryDetail } from "./memory-detail.ts";

/** A memory's row. */
export interface NewMemory {
  readonly id: string;
  readonly projectId: string;
  readonly streamId: string;
  readonly bucket: number;
  /** Of the key that it counts as. */
  readonly apiKeyId: string | undefined;
  readonly ids: ScopeIds;
  readonly audience: string;
  readonly expiresAt: Date | undefined;
  /** As of `Expiry`. */
  readonly isExpiryGiven: boolean | undefined;
  readonly reviewAt: Date | undefined;
}

/** A version's row, still in the open. */
export interface NewVersion {
  readonly memoryId: string;
  readonly version: number;
  readonly streamId: string;
  readonly bucket: number;
  readonly keyId: string;
  readonly content: MemoryContent;
  readonly outcome: ReconcileOutcome;
  readonly rule: string;
  readonly extractor: ExtractorVersion;
  readonly embeddingModel: string;
  /** Undefined of what no extraction made. */
  readonly extractionId: string | undefined;
}

export interface NewSource {
  readonly memoryId: string;
  readonly span: SourceSpan;
}

/** A session that a memory was said in. */
export interface NewSession {
  readonly memoryId: string;
  readonly sessionId: string;
}

/** Since when a statement holds: since it was said, unless it says so itself. */
export function validFromOf({ statement, features }: MemoryContent): Date {
  return statement.valid.from ?? features.saidAt;
}

export async function insertMemories(
  client: pg.PoolClient,
  tenantId: string,
  memories: readonly NewMemory[],
): Promise<void> {
  if (memories.length === 0) return;
  await client.query({
    name: "insert_memories",
    text: `insert into memories (tenant_id, current_version, id, project_id, stream_id, bucket, subject_id,
             epoch, agent_id, app_id, team_id, audience, session_id, expires_at,
             api_key_id, review_at, expires_given)
           select $1, 1, m.* from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::smallint[], $6::uuid[],
             $7::integer[], $8::uuid[], $9::uuid[], $10::uuid[], $11::uuid[], $12::uuid[],
             $13::timestamptz[], $14::uuid[], $15::timestamptz[], $16::boolean[]) as m`,
    values: [
      tenantId,
      memories.map(({ id }) => id),
      memories.map(({ projectId }) => projectId),
      memories.map(({ streamId }) => streamId),
      memories.map(({ bucket }) => bucket),
      memories.map(({ ids }) => ids.subject?.id ?? null),
      memories.map(({ ids }) => ids.subject?.epoch ?? 0),
      memories.map(({ ids }) => ids.agentId ?? null),
      memories.map(({ ids }) => ids.appId ?? null),
      memories.map(({ ids }) => ids.teamId ?? null),
      memories.map(({ audience }) => audience),
      memories.map(({ ids }) => ids.sessionId ?? null),
      memories.map(({ expiresAt }) => expiresAt ?? null),
      memories.map(({ apiKeyId }) => apiKeyId ?? null),
      memories.map(({ reviewAt }) => reviewAt ?? null),
      memories.map(({ isExpiryGiven }) => isExpiryGiven ?? false),
    ],
  });
}

/**
 * Seals and writes versions. Where a memory gets several at once, only the last one is current.
 *
 * @param textMac the keyed hash of a normalised statement.
 * @param moment their record time, as PostgreSQL prints it.
 */
export async function insertVersions(
  client: pg.PoolClient,
  tenantId: string,
  content: Content,
  textMac: (normalized: string) => Promise<Buffer>,
  versions: readonly NewVersion[],
  moment: string,
): Promise<void> {
  if (versions.length === 0) return;
  const newest = new Map(versions.map(({ memoryId, version }) => [memoryId, version]));
  const sealed = await Promise.all(versions.map((version) => sealVersion(content, textMac, version)));
  const column = <K extends keyof (typeof sealed)[number]>(key: K) => sealed.map((row) => row[key]);
  await client.query({
    name: "insert_versions",
    text: `insert into memory_versions (tenant_id, memory_id, version, bucket, text_ct, text_mac, detail_ct,
             window_ct, vector_ct, embedding_model, kind, category, origin, confidence, importance, role,
             is_question, has_time, said_at, valid_from, valid_to, outcome, extractor, extractor_version,
             extraction_id, recorded_from, recorded_to, stream_id, rule)
           select $1, v.* from unnest($2::uuid[], $3::integer[], $4::smallint[], $5::bytea[], $6::bytea[],
             $7::bytea[], $8::bytea[], $9::bytea[], $10::text[], $11::text[], $12::text[], $13::text[],
             $14::real[], $15::real[], $16::text[], $17::boolean[], $18::boolean[], $19::timestamptz[],
             $20::timestamptz[], $21::timestamptz[], $22::text[], $23::text[], $24::text[], $25::uuid[],
             $26::timestamptz[], $27::timestamptz[], $28::uuid[], $29::text[]) as v`,
    values: [
      tenantId,
      versions.map(({ memoryId }) => memoryId),
      versions.map(({ version }) => version),
      versions.map(({ bucket }) => bucket),
      column("text"),
      column("textMac"),
      column("detail"),
      column("window"),
      column("vector"),
      versions.map(({ embeddingModel }) => embeddingModel),
      versions.map(({ content: { statement } }) => statement.kind),
      versions.map(({ content: { statement } }) => statement.category),
      versions.map(({ content: { statement } }) => statement.origin),
      versions.map(({ content: { statement } }) => statement.confidence),
      versions.map(({ content: { statement } }) => statement.importance),
      versions.map(({ content: { features } }) => features.role ?? null),
      versions.map(({ content: { features } }) => features.isQuestion),
      versions.map(({ content: { features } }) => features.hasTime),
      versions.map(({ content: { features } }) => features.saidAt),
      versions.map(({ content: one }) => validFromOf(one)),
      versions.map(({ content: { statement } }) => statement.valid.to ?? null),
      versions.map(({ outcome }) => outcome),
      versions.map(({ extractor }) => extractor.name),
      versions.map(({ extractor }) => extractor.version),
      versions.map(({ extractionId }) => extractionId ?? null),
      versions.map(() => moment),
      versions.map(({ memoryId, version }) => (newest.get(memoryId) === version ? null : moment)),
      versions.map(({ streamId }) => streamId),
      versions.map(({ rule }) => rule),
    ],
  });
}

async function sealVersion(
  content: Content,
  textMac: (normalized: string) => Promise<Buffer>,
  { keyId, content: { statement, features, metadata, vector } }: NewVersion,
) {
  const detail: MemoryDetail = {
    metadata,
    entities: statement.entities,
    speaker: features.speaker ?? null,
  };
  const [text, mac, detailCt, window, vectorCt] = await Promise.all([
    content.sealText(keyId, "memory_versions.text", statement.text),
    textMac(normalizeStatement(statement.text)),
    content.sealJson(keyId, "memory_versions.detail", detail),
    content.sealText(keyId, "memory_versions.window", features.window),
    content.sealVector(keyId, "memory_versions.vector", vector),
  ]);
  return { text, textMac: mac, detail: detailCt, window, vector: vectorCt };
}

/**
 * Adds sources behind those that a memory has; a span that it has already is not added again.
 *
 * @param moment their record time, as PostgreSQL prints it.
 */
export async function insertSources(
  client: pg.PoolClient,
  tenantId: string,
  sources: readonly NewSource[],
  moment: string,
): Promise<void> {
  if (sources.length === 0) return;
  await client.query({
    name: "insert_sources",
    text: `insert into memory_sources (tenant_id, memory_id, ordinal, message_id, span_start, span_end,
             recorded_at)
           select $1, n.memory_id,
             coalesce((select max(ordinal) + 1 from memory_sources o
                       where o.tenant_id = $1 and o.memory_id = n.memory_id), 0)
               + row_number() over (partition by n.memory_id order by n.place) - 1,
             n.message_id, n.span_start, n.span_end, $6::timestamptz
           from unnest($2::uuid[], $3::uuid[], $4::integer[], $5::integer[])
             with ordinality as n (memory_id, message_id, span_start, span_end, place)
           where not exists (select from memory_sources o where o.tenant_id = $1
             and o.memory_id = n.memory_id and o.message_id = n.message_id
             and o.span_start = n.span_start and o.span_end = n.span_end)`,
    values: [
      tenantId,
      sources.map(({ memoryId }) => memoryId),
      sources.map(({ span }) => span.messageId),
      sources.map(({ span }) => span.start),
      sources.map(({ span }) => span.end),
      moment,
    ],
  });
}

/** Adds to the sessions that memories are found in. */
export async function insertSessions(
  client: pg.PoolClient,
  tenantId: string,
  sessions: readonly NewSession[],
): Promise<void> {
  if (sessions.length === 0) return;
  await client.query({
    name: "insert_sessions",
    text: `insert into memory_sessions (tenant_id, session_id, memory_id)
           select distinct $1::uuid, n.* from unnest($2::uuid[], $3::uuid[]) as n
           on conflict do nothing`,
    values: [tenantId, sessions.map(({ sessionId }) => sessionId), sessions.map(({ memoryId }) => memoryId)],
  });
}
