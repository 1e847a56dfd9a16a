import type { ShadowEnd, ShadowMemory } from "@mneme/core/replay/shadow-memory.ts";
import type { ShadowChanges } from "@mneme/core/replay/shadow-stream.ts";
import type pg from "pg";
import type { Content } from "../content.ts";
import type { ReplayStreamRef, WritableReplay } from "./replay-streams.ts";

/** What `replay_memories.body_ct` seals, as JSON; dates as ISO 8601. */
type ShadowBody = Omit<ShadowMemory, "id" | "embeddingModel" | "content" | "ended"> & {
  readonly content: Omit<ShadowMemory["content"], "vector" | "expiresAt" | "reviewAt" | "features"> & {
    readonly features: Omit<ShadowMemory["content"]["features"], "window">;
    readonly expiresAt?: string;
    readonly reviewAt?: string;
  };
  readonly ended?: Omit<ShadowEnd, "at"> & { readonly at: string };
};

interface ShadowRow {
  readonly id: string;
  readonly body_ct: Buffer;
  readonly vector_ct: Buffer;
  /** Null where words in it are gone. */
  readonly window_ct: Buffer | null;
  readonly embedding_model: string;
}

/** A stream's shadow; what can't be opened any more is gone. */
export async function readShadow(
  client: pg.PoolClient,
  content: Content,
  { tenantId, replayId, streamId }: ReplayStreamRef,
): Promise<ShadowMemory[]> {
  const { rows } = await client.query<ShadowRow>({
    name: "read_shadow",
    text: `select id, body_ct, vector_ct, window_ct, embedding_model from replay_memories
           where tenant_id = $1 and replay_id = $2 and stream_id = $3 order by id`,
    values: [tenantId, replayId, streamId],
  });
  const opened = await Promise.all(rows.map((row) => openShadow(content, row)));
  return opened.filter((memory) => memory !== undefined);
}

export async function openShadow(
  content: Content,
  { id, body_ct, vector_ct, window_ct, embedding_model: embeddingModel }: ShadowRow,
): Promise<ShadowMemory | undefined> {
  const [body, vector, window] = await Promise.all([
    content.openJson<ShadowBody>("replay_memories.body", body_ct),
    content.openVector("replay_memories.vector", vector_ct),
    content.openText("replay_memories.window", window_ct),
  ]);
  if (!body || !vector) return undefined;
  const { statement, features } = body.content;
  return {
    ...body,
    id,
    embeddingModel,
    ended: body.ended && { ...body.ended, at: new Date(body.ended.at) },
    content: {
      ...body.content,
      vector,
      expiresAt: dateOf(body.content.expiresAt),
      reviewAt: dateOf(body.content.reviewAt),
      features: { ...features, saidAt: new Date(features.saidAt), window: window ?? "" },
      statement: {
        ...statement,
        valid: { from: dateOf(statement.valid.from), to: dateOf(statement.valid.to) },
      },
    },
  };
}

const dateOf = (iso: string | Date | undefined) => (iso === undefined ? undefined : new Date(iso));

/** Seals and writes what a step changed. */
export async function writeShadow(
  client: pg.PoolClient,
  content: Content,
  stream: WritableReplay,
  { written, removed }: ShadowChanges,
): Promise<void> {
  const { tenantId, replayId, streamId } = stream;
  const key = [tenantId, replayId];
  if (removed.length > 0) {
    await client.query(
      "delete from replay_memories where tenant_id = $1 and replay_id = $2 and id = any ($3::uuid[])",
      [...key, removed],
    );
  }
  if (written.length === 0) return;
  const sealed = await Promise.all(written.map((memory) => sealShadow(content, stream.keyId, memory)));
  const statements = written.map((memory) => memory.content.statement);
  await client.query({
    name: "write_shadow",
    text: `insert into replay_memories (tenant_id, replay_id, project_id, stream_id, subject_id, epoch, id, team_id, body_ct,
             vector_ct, window_ct, embedding_model, kind, category, sources)
           select $1, $2, $3, $4, $5, $6, n.* from unnest($7::uuid[], $8::uuid[], $9::bytea[], $10::bytea[], $11::bytea[],
             $12::text[], $13::text[], $14::text[], $15::jsonb[]) as n
           on conflict (tenant_id, replay_id, id) do update set body_ct = excluded.body_ct,
             vector_ct = excluded.vector_ct, window_ct = case when replay_memories.window_ct is not null
               then excluded.window_ct end, embedding_model = excluded.embedding_model, kind = excluded.kind,
             category = excluded.category, sources = excluded.sources`,
    values: [
      ...key,
      stream.projectId,
      streamId,
      stream.subject?.id ?? null,
      stream.subject?.epoch ?? 0,
      written.map(({ id }) => id),
      written.map(({ ids }) => ids.teamId ?? null),
      sealed.map(({ body }) => body),
      sealed.map(({ vector }) => vector),
      sealed.map(({ window }) => window),
      written.map(({ embeddingModel }) => embeddingModel),
      statements.map(({ kind }) => kind),
      statements.map(({ category }) => category),
      statements.map(({ sources }) => JSON.stringify(sources)),
    ],
  });
}

async function sealShadow(content: Content, keyId: string, memory: ShadowMemory) {
  const { id: _, embeddingModel: __, content: all, ...rest } = memory;
  const { vector, features, ...words } = all;
  const { window, ...told } = features;
  const [body, sealedVector, sealedWindow] = await Promise.all([
    content.sealJson(keyId, "replay_memories.body", { ...rest, content: { ...words, features: told } }),
    content.sealVector(keyId, "replay_memories.vector", vector),
    content.sealText(keyId, "replay_memories.window", window),
  ]);
  return { body, vector: sealedVector, window: sealedWindow };
}
