import { createHash } from "node:crypto";
import type { ArchiveReason } from "@mneme/core/memory/archive.ts";
import type {
  Memory,
  MemoryKind,
  MemoryOrigin,
  MemorySource,
  MessageRole,
  ReconcileOutcome,
} from "@mneme/core/memory/memory.ts";
import type { ShownMemory } from "@mneme/core/search/search-store.ts";
import type { Layer, Scope } from "@mneme/core/tenancy/scope.ts";
import type { Content } from "./content.ts";
import { openOr, unlessDamaged } from "./damage.ts";
import { fenceJoin, notFenced } from "./fence.ts";
import type { MemoryDetail } from "./memory-detail.ts";
import type { MessageBody } from "./message-body.ts";
import type { Query, TenantReader } from "./read-together.ts";
import { openScopes, type ScopeColumns } from "./scope-names.ts";

export interface MemoryRow extends ScopeColumns {
  readonly id: string;
  readonly version: number;
  readonly text_ct: Buffer;
  readonly detail_ct: Buffer;
  readonly kind: MemoryKind;
  readonly category: string;
  readonly confidence: number;
  readonly importance: number;
  readonly origin: MemoryOrigin;
  readonly role: MessageRole | null;
  readonly said_at: Date;
  readonly valid_from: Date;
  readonly valid_to: Date | null;
  readonly recorded_from: Date;
  readonly recorded_to: Date | null;
  readonly replaced_by: string | null;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly review_at: Date | null;
  readonly extractor: string;
  readonly extractor_version: string;
  readonly embedding_model: string;
  readonly extraction_id: string | null;
  readonly outcome: ReconcileOutcome;
  readonly rule: string | null;
  readonly derived_from: string[] | null;
  readonly archived_at: Date | null;
  readonly archive_reason: ArchiveReason | null;
  /** Where the scope has places. */
  readonly layer?: Layer | null;
}

/**
 * What replaced `memories m`, while that exists; of an older version only if its replacement was known by then.
 */
const REPLACED_BY = `(select r.id from memories r
   where r.tenant_id = m.tenant_id and r.id = m.replaced_by
     and (v.recorded_to is null or v.valid_to is not null and exists (
       select from memory_versions f where f.tenant_id = m.tenant_id and f.memory_id = r.id and f.version = 1
         and f.recorded_from <= v.recorded_from))) as replaced_by`;

/** Columns of `memories m join memory_versions v` that `toMemories` reads. */
export const MEMORY_COLUMNS = `m.id, v.version, v.text_ct, v.detail_ct, v.kind, v.category,
  v.confidence, v.importance, v.origin, v.role, v.said_at, m.subject_id, m.agent_id, m.app_id, m.team_id,
  m.session_id, v.valid_from, v.valid_to, v.recorded_from, v.recorded_to, m.created_at, m.expires_at, m.review_at,
  v.extractor, v.extractor_version, v.embedding_model, v.extraction_id, v.outcome, v.rule, m.archived_at,
  m.archive_reason, ${REPLACED_BY},
  (select array_agg(d.from_memory_id order by d.from_memory_id) from memory_derivations d
   where d.tenant_id = m.tenant_id and d.memory_id = m.id) as derived_from`;

/**
 * Of `memories m` known by their ids: those of a project, which `$2` names, and those that are shared with all projects as
 * far as row-level security lets them through.
 */
export const OF_PROJECT = "(m.project_id = $2 or m.team_id = wide_scope($1::uuid))";

/** Joins `memory_versions v` to `memories m`: its current version. */
export const CURRENT_VERSION = `join memory_versions v on v.tenant_id = m.tenant_id and v.memory_id = m.id
  and v.version = m.current_version`;

/** Joins all of its versions: one is to be chosen. */
export const ANY_VERSION = "join memory_versions v on v.tenant_id = m.tenant_id and v.memory_id = m.id";

/** The fence, for `memories m`: the join and what it must have found. */
export const FENCE = fenceJoin("m");
export const NOT_FENCED = notFenced("m");

export const NOT_EXPIRED = "(m.expires_at is null or m.expires_at > now())";

/** What is archived is read by its id, and listed where that is asked for. */
export const NOT_ARCHIVED = "m.archived_at is null";

export interface SourceRow {
  readonly memory_id: string;
  readonly message_id: string;
  readonly span_start: number;
  readonly span_end: number;
  readonly role: MessageRole | null;
  readonly body_ct: Buffer | null;
  /** Of `body_ct`, also where that was left out. */
  readonly body_bytes: number | null;
  readonly sent_at: Date | null;
  readonly recorded_at: Date | null;
}

/** Sources of a memory that are read: the first, which says it, and the newest that say it again. */
const SOURCES = 20;

export interface SourcesOptions {
  /**
   * Where the bodies of the memories up to one come to more, it and those behind it come without; the first never
   * does.
   */
  readonly maxBytes?: number;
  /** Only those that were known then; the first always was. */
  readonly knownAt?: Date | undefined;
}

/** The sources of memories, each memory's in order. */
export function sourcesQuery(
  tenantId: string,
  memoryIds: readonly string[],
  { maxBytes, knownAt }: SourcesOptions = {},
): Query<SourceRow> {
  const body =
    maxBytes === undefined
      ? "t.body_ct"
      : `case when m.place = 1 or sum(octet_length(t.body_ct)) over (order by m.place) <= ${maxBytes}
         then t.body_ct end as body_ct`;
  return {
    name: maxBytes === undefined ? "memory_sources" : "memory_sources_within",
    text: `select s.memory_id, s.message_id, s.span_start, s.span_end, t.role, ${body},
             octet_length(t.body_ct) as body_bytes, t.sent_at, s.recorded_at
           from unnest($2::uuid[]) with ordinality as m (id, place)
           cross join lateral (
             (select * from memory_sources where tenant_id = $1 and memory_id = m.id and ordinal = 0)
             union all
             (select * from memory_sources where tenant_id = $1 and memory_id = m.id and ordinal > 0
                and ($3::timestamptz is null or recorded_at is null or recorded_at <= $3)
              order by ordinal desc limit ${SOURCES - 1})) s
           left join messages t on t.tenant_id = s.tenant_id and t.id = s.message_id
           order by s.memory_id, s.ordinal`,
    values: [tenantId, memoryIds, knownAt ?? null],
  };
}

/**
 * Opens memories, in the order of the rows. A memory whose key is gone is left out: it was shredded.
 *
 * @param sources of these memories and perhaps others.
 * @throws DamagedValueError
 */
export async function toMemories(
  reader: TenantReader,
  rows: readonly MemoryRow[],
  sources: readonly SourceRow[],
  signal?: AbortSignal,
): Promise<Memory[]> {
  return openMemories(reader, rows, sources, (open) => open(), signal);
}

/** As `toMemories`, without those that are damaged; `onDamaged` is told. */
export async function toSoundMemories(
  reader: TenantReader,
  rows: readonly MemoryRow[],
  sources: readonly SourceRow[],
  onDamaged: (memoryId: string) => void,
  signal?: AbortSignal,
): Promise<ShownMemory[]> {
  const leaveOut: Opening = async (open, { id }) => {
    const opened = await unlessDamaged(open);
    if ("value" in opened) return opened.value;
    onDamaged(id);
    return undefined;
  };
  return openMemories(reader, rows, sources, leaveOut, signal);
}

type Opening = (
  open: () => Promise<ShownMemory | undefined>,
  row: MemoryRow,
) => Promise<ShownMemory | undefined>;

async function openMemories(
  reader: TenantReader,
  rows: readonly MemoryRow[],
  sources: readonly SourceRow[],
  opening: Opening,
  signal: AbortSignal | undefined,
): Promise<ShownMemory[]> {
  if (rows.length === 0) return [];
  for (const { subject_id } of rows) reader.audit?.about(subject_id);
  const sourcesOf = Map.groupBy(sources, (source) => source.memory_id);
  const scopes = await openScopes(reader, rows, signal);
  const memories = await Promise.all(
    rows.map((row, index) =>
      opening(() => toMemory(reader.content, row, sourcesOf.get(row.id) ?? [], scopes[index] ?? {}), row),
    ),
  );
  return memories.filter((memory) => memory !== undefined);
}

/** Opaque: names the version, whatever the index is told of it later. */
export function etagOf({ id, version }: { readonly id: string; readonly version: number }): string {
  return createHash("sha256").update(`${id}/${version}`).digest("base64url").slice(0, 16);
}

async function toMemory(
  content: Content,
  row: MemoryRow,
  sources: readonly SourceRow[],
  scope: Scope,
): Promise<ShownMemory | undefined> {
  const [text, detail, opened] = await Promise.all([
    content.openText("memory_versions.text", row.text_ct),
    content.openJson<MemoryDetail>("memory_versions.detail", row.detail_ct),
    Promise.all(sources.map((source) => toSource(content, source, row))),
  ]);
  if (text === undefined || detail === undefined) return undefined;
  return {
    id: row.id,
    version: row.version,
    etag: etagOf(row),
    text,
    kind: row.kind,
    category: row.category,
    confidence: row.confidence,
    importance: row.importance,
    origin: row.origin,
    scope,
    entities: detail.entities,
    sources: opened,
    derivedFrom: row.derived_from ?? [],
    metadata: detail.metadata,
    validFrom: row.valid_from,
    validTo: row.valid_to ?? undefined,
    recordedFrom: row.recorded_from,
    recordedTo: row.recorded_to ?? undefined,
    replacedBy: row.replaced_by ?? undefined,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    reviewAt: row.review_at ?? undefined,
    extractor: row.extractor,
    extractorVersion: row.extractor_version,
    embeddingModel: row.embedding_model,
    extractionId: row.extraction_id ?? undefined,
    outcome: row.outcome,
    rule: row.rule ?? undefined,
    archived:
      row.archived_at && row.archive_reason ? { at: row.archived_at, reason: row.archive_reason } : undefined,
    ...(row.layer && { layer: row.layer }),
    ...(detail.speaker && { speaker: detail.speaker }),
  };
}

/** A turn that is not kept any more, or is damaged, leaves its span, its role and its time. */
async function toSource(content: Content, source: SourceRow, memory: MemoryRow): Promise<MemorySource> {
  const body = await openOr(() => content.openJson<MessageBody>("messages.body", source.body_ct), undefined);
  return {
    messageId: source.message_id,
    start: source.span_start,
    end: source.span_end,
    role: source.role ?? memory.role ?? "user",
    name: body?.name ?? undefined,
    text: body?.text ?? "",
    sentAt: source.sent_at ?? memory.said_at,
    recordedAt: source.recorded_at ?? undefined,
  };
}
