import type {
  EpisodePage,
  EpisodeStream,
  EpisodesAsked,
} from "@mneme/core/consolidation/consolidation-store.ts";
import type { Episode } from "@mneme/core/consolidation/episode.ts";
import type { MemoryOrigin, MessageRole } from "@mneme/core/memory/memory.ts";
import type { Content } from "../content.ts";
import { openOr } from "../damage.ts";
import type { IngestTransaction } from "../ingest-transaction.ts";
import type { MemoryDetail } from "../memory-detail.ts";
import { FENCE, NOT_ARCHIVED, NOT_EXPIRED, NOT_FENCED } from "../memory-rows.ts";

/**
 * What of `memories m join memory_versions v` a summary may be made of: an active episode that is not archived and rests on
 * nothing but what was said, and that no summary tells.
 */
export const IS_EPISODE = `v.kind = 'episodic' and m.state = 'active' and ${NOT_ARCHIVED} and ${NOT_EXPIRED}
  and not exists (select from memory_derivations d where d.tenant_id = m.tenant_id and d.memory_id = m.id)
  and not exists (select from consolidation_episodes e
    join consolidations c on c.tenant_id = e.tenant_id and c.id = e.consolidation_id and c.state = 'active'
    where e.tenant_id = m.tenant_id and e.memory_id = m.id)`;

/** Which of those nightly work reads: said and begun before a time, and of nobody who is fenced. */
export const isReadable = (before: string) =>
  `${NOT_FENCED} and ${IS_EPISODE} and v.said_at < ${before} and v.valid_from < ${before}`;

interface EpisodeRow {
  readonly id: string;
  readonly audience: string;
  readonly subject_id: string | null;
  readonly epoch: number;
  readonly version: number;
  readonly revision: string;
  readonly text_ct: Buffer;
  readonly detail_ct: Buffer;
  readonly window_ct: Buffer;
  readonly vector_ct: Buffer;
  readonly embedding_model: string;
  readonly category: string;
  readonly origin: MemoryOrigin;
  readonly confidence: number;
  readonly importance: number;
  readonly role: MessageRole | null;
  readonly said_at: Date;
  readonly valid_from: Date;
  readonly valid_to: Date | null;
  readonly expires_at: Date | null;
}

/** See `EpisodeStore.episodes`. What can't be opened is left out. */
export async function readEpisodes(
  { client, tenantId, content }: IngestTransaction,
  stream: EpisodeStream,
  { before, after, limit, toldTo }: EpisodesAsked,
): Promise<EpisodePage> {
  const { rows } = await client.query<EpisodeRow>({
    name: "read_episodes",
    text: `select m.id, m.audience, m.subject_id, m.epoch, v.version, v.revision, v.text_ct, v.detail_ct, v.window_ct, v.vector_ct,
             v.embedding_model, v.category, v.origin, v.confidence, v.importance, v.role, v.said_at, v.valid_from,
             v.valid_to, m.expires_at
           from memories m
           join memory_versions v on v.tenant_id = m.tenant_id and v.memory_id = m.id and v.version = m.current_version
           ${FENCE}
           where m.tenant_id = $1 and m.project_id = $2 and m.stream_id = $3 and ${isReadable("$4")}
             and ($5::uuid is null or m.id > $5)
             and ($7::uuid is null or m.agent_id = $7) and ($8::uuid is null or m.app_id = $8)
             and (not $9 or m.team_id is not distinct from $10::uuid)
           order by m.id limit $6`,
    values: [
      tenantId,
      stream.projectId,
      stream.streamId,
      before,
      after ?? null,
      limit,
      toldTo?.agentId ?? null,
      toldTo?.appId ?? null,
      toldTo !== undefined,
      toldTo?.teamId ?? null,
    ],
  });
  const opened = await Promise.all(
    rows.map(async (row) => ({ row, episode: await openOr(() => openEpisode(content, row), undefined) })),
  );
  const undone = await readUndone(client, tenantId, stream.streamId);
  const byAudience = Map.groupBy(opened, ({ row }) => row.audience);
  const groups = [...byAudience].map(([of, all]) => ({
    projectId: stream.projectId,
    streamId: stream.streamId,
    audience: of,
    subject: subjectOf(all[0]?.row),
    episodes: all.flatMap(({ episode }) => episode ?? []),
    undone,
  }));
  return {
    groups,
    isWhole: opened.every(({ episode }) => episode !== undefined),
    next: rows.length === limit ? rows.at(-1)?.id : undefined,
  };
}

function subjectOf(row: EpisodeRow | undefined) {
  return row?.subject_id ? { id: row.subject_id, epoch: row.epoch } : undefined;
}

async function openEpisode(content: Content, row: EpisodeRow): Promise<Episode | undefined> {
  const [text, detail, window, vector] = await Promise.all([
    content.openText("memory_versions.text", row.text_ct),
    content.openJson<MemoryDetail>("memory_versions.detail", row.detail_ct),
    row.window_ct.length === 0 ? "" : content.openText("memory_versions.window", row.window_ct),
    content.openVector("memory_versions.vector", row.vector_ct),
  ]);
  if (text === undefined || detail === undefined || vector === undefined) return undefined;
  return {
    memoryId: row.id,
    version: row.version,
    revision: row.revision,
    text,
    category: row.category,
    origin: row.origin,
    confidence: row.confidence,
    importance: row.importance,
    speaker: detail.speaker ?? undefined,
    role: row.role ?? undefined,
    entities: detail.entities,
    metadata: detail.metadata,
    saidAt: row.said_at,
    validFrom: row.valid_from,
    validTo: row.valid_to ?? undefined,
    expiresAt: row.expires_at ?? undefined,
    window: window ?? "",
    vector,
    embeddingModel: row.embedding_model,
  };
}

/** What summaries that were undone told, one set each. */
export async function readUndone(
  client: IngestTransaction["client"],
  tenantId: string,
  streamId: string,
): Promise<ReadonlySet<string>[]> {
  const { rows } = await client.query<{ memory_ids: string[] }>({
    name: "read_undone",
    text: `select array_agg(e.memory_id) as memory_ids from consolidations c
           join consolidation_episodes e on e.tenant_id = c.tenant_id and e.consolidation_id = c.id
           where c.tenant_id = $1 and c.stream_id = $2 and c.state = 'undone' group by c.id`,
    values: [tenantId, streamId],
  });
  return rows.map(({ memory_ids }) => new Set(memory_ids));
}
