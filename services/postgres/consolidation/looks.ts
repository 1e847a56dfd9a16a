import type { Look, LookAsked } from "@mneme/core/consolidation/consolidation-store.ts";
import type { IngestTransaction } from "../ingest-transaction.ts";
import { CURRENT_VERSION, FENCE } from "../memory-rows.ts";
import { isReadable } from "./episode-rows.ts";

interface LookRow {
  readonly stream_id: string;
  readonly project_id: string;
  readonly rule: string;
  readonly state: Buffer;
}

/**
 * See `EpisodeStore.unlooked`. A state is a digest of exactly what `readEpisodes` would read by then, each with its revision
 * and the model of its vector: whatever adds, changes, restores, archives or removes an episode makes it another, and so does an episode that grows old
 * enough. It is no older than what is read afterwards, so a write between the two makes it another the next time.
 */
export async function unlooked(
  { client, tenantId }: IngestTransaction,
  asked: readonly LookAsked[],
): Promise<Look[]> {
  if (asked.length === 0) return [];
  const { rows } = await client.query<LookRow>({
    name: "unlooked_streams",
    text: `select n.stream_id, n.project_id, n.rule, d.state
           from unnest($2::uuid[], $3::uuid[], $4::timestamptz[], $5::text[]) as n (stream_id, project_id, before, rule)
           cross join lateral (
             select sha256(convert_to(string_agg(m.id || ':' || v.revision || ':' || v.embedding_model, ','
               order by m.id), 'UTF8')) as state
             from memories m ${CURRENT_VERSION} ${FENCE}
             where m.tenant_id = $1 and m.project_id = n.project_id and m.stream_id = n.stream_id
               and ${isReadable("n.before")}) d
           left join consolidation_looks l on l.tenant_id = $1 and l.stream_id = n.stream_id and l.rule = n.rule
             and l.state = d.state
           where d.state is not null and l.stream_id is null
           order by n.stream_id`,
    values: [
      tenantId,
      asked.map(({ streamId }) => streamId),
      asked.map(({ projectId }) => projectId),
      asked.map(({ before }) => before),
      asked.map(({ rule }) => rule),
    ],
  });
  return rows.map(({ stream_id, project_id, rule, state }) => {
    return { streamId: stream_id, projectId: project_id, rule, state: state.toString("base64") };
  });
}

/** See `EpisodeStore.noteLook`. */
export async function noteLook(
  { client, tenantId }: IngestTransaction,
  { streamId, rule, state }: Look,
): Promise<void> {
  await client.query({
    name: "note_look",
    text: `insert into consolidation_looks (tenant_id, stream_id, rule, state) values ($1, $2, $3, $4)
           on conflict (tenant_id, stream_id) do update set rule = excluded.rule, state = excluded.state`,
    values: [tenantId, streamId, rule, Buffer.from(state, "base64")],
  });
}
