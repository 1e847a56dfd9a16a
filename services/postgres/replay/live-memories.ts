import type { MemoryKind, MemoryOrigin, SourceSpan } from "@mneme/core/memory/memory.ts";
import { isBeside, type SpansByMessage } from "@mneme/core/replay/beside-deleted.ts";
import type { LeftOut, ReplayPlan } from "@mneme/core/replay/replay.ts";
import type { LiveMemory } from "@mneme/core/replay/report-on.ts";
import { openOr } from "../damage.ts";
import type { IngestTransaction } from "../ingest-transaction.ts";
import { scopeFilter } from "../scope-filter.ts";

interface LiveRow {
  readonly id: string;
  readonly audience: string;
  readonly state: "active" | "superseded";
  readonly version: number;
  readonly text_ct: Buffer;
  readonly vector_ct: Buffer;
  readonly embedding_model: string;
  readonly kind: MemoryKind;
  readonly category: string;
  readonly confidence: number;
  readonly importance: number;
  readonly origin: MemoryOrigin;
  readonly valid_from: Date;
  readonly valid_to: Date | null;
  readonly replaced_by: string | null;
  readonly sources: readonly SourceSpan[];
  readonly is_given: boolean;
  readonly is_by_hand: boolean;
  readonly is_derived: boolean;
  readonly is_archived: boolean;
  readonly is_read: boolean | null;
  /** Its words were deleted before, and told anew. */
  readonly is_told_again: boolean;
  readonly has_feedback: boolean;
}

/** Where memories of a stream are compared. */
export interface LiveBounds {
  readonly streamId: string;
  readonly through: bigint;
  readonly deleted: SpansByMessage;
}

/**
 * The memories of a stream, as far as the replay's scope goes, current or ended; one that can't be opened any more is gone.
 * Each says why it is left out, where it is.
 */
export async function readLive(
  { client, tenantId, content }: IngestTransaction,
  { replayId, ids, teams }: ReplayPlan,
  { streamId, through, deleted }: LiveBounds,
): Promise<LiveMemory[]> {
  const only = scopeFilter({ ...ids, sessionId: undefined }, "m", 6);
  const { rows } = await client.query<LiveRow>({
    name: `read_live_${only.shape}`,
    text: `select m.id, m.audience, m.state, v.version, v.text_ct, v.vector_ct, v.embedding_model, v.kind, v.category,
             v.confidence, v.importance, v.origin, v.valid_from, v.valid_to, m.replaced_by,
             coalesce(o.sources, '[]') as sources,
             exists (select from memory_versions w where w.tenant_id = $1 and w.memory_id = m.id
               and w.extractor = 'import') as is_given,
             exists (select from memory_versions w where w.tenant_id = $1 and w.memory_id = m.id
               and w.extractor = 'api') as is_by_hand,
             m.archived_at is not null as is_archived,
             exists (select from memory_derivations d where d.tenant_id = $1 and d.memory_id = m.id) as is_derived,
             (select t.state = 'done' and t.body_ct is not null and t.position <= $3
                and t.position <> all (select unnest(r.unread) from replay_streams r
                  where r.tenant_id = $1 and r.replay_id = $5 and r.stream_id = $2)
              from memory_sources s join messages t on t.tenant_id = $1 and t.id = s.message_id
              where s.tenant_id = $1 and s.memory_id = m.id and s.ordinal = 0) as is_read,
             exists (select from tombstones t where t.tenant_id = $1 and t.stream_id = $2 and t.audience = m.audience
               and t.text_mac = v.text_mac) as is_told_again,
             exists (select from feedback f where f.tenant_id = $1 and f.memory_id = m.id) as has_feedback
           from memories m
           join memory_versions v on v.tenant_id = $1 and v.memory_id = m.id and v.version = m.current_version
           left join lateral (
             select jsonb_agg(jsonb_build_object('messageId', s.message_id, 'start', s.span_start, 'end', s.span_end))
               as sources
             from memory_sources s where s.tenant_id = $1 and s.memory_id = m.id) o on true
           where m.tenant_id = $1 and m.stream_id = $2 and (m.expires_at is null or m.expires_at > now())
             and ($4::uuid[] is null or m.team_id is null or m.team_id = any ($4)) ${only.text}
           order by m.id`,
    values: [tenantId, streamId, through, teams ?? null, replayId, ...only.values],
  });
  const opened = await Promise.all(
    rows.map(async (row): Promise<LiveMemory | undefined> => {
      const opening = () =>
        Promise.all([
          content.openText("memory_versions.text", row.text_ct),
          content.openVector("memory_versions.vector", row.vector_ct),
        ]);
      const [text, vector] = (await openOr(opening, undefined)) ?? [];
      return text === undefined || vector === undefined ? undefined : toLive(row, text, vector, deleted);
    }),
  );
  return opened.filter((memory) => memory !== undefined);
}

function toLive(row: LiveRow, text: string, vector: Float32Array, deleted: SpansByMessage): LiveMemory {
  return {
    id: row.id,
    audience: row.audience,
    text,
    kind: row.kind,
    category: row.category,
    confidence: row.confidence,
    importance: row.importance,
    origin: row.origin,
    validFrom: row.valid_from,
    validTo: row.valid_to ?? undefined,
    vector,
    embeddingModel: row.embedding_model,
    messageIds: [...new Set(row.sources.map(({ messageId }) => messageId))],
    version: row.version,
    isEnded: row.state === "superseded",
    replacedBy: row.replaced_by ?? undefined,
    leftOut: leftOutOf(row, deleted),
    hasFeedback: row.has_feedback,
    sources: row.sources,
  };
}

function leftOutOf(row: LiveRow, deleted: SpansByMessage): LeftOut | undefined {
  if (row.is_by_hand) return "changed_by_hand";
  if (row.is_given) return "given";
  if (row.is_derived) return "derived";
  if (row.is_archived) return "archived";
  if (!row.is_read) return "not_read";
  return row.is_told_again || row.sources.some((span) => isBeside(span, deleted))
    ? "beside_deleted"
    : undefined;
}
