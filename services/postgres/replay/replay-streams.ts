import type { ReplayPlan } from "@mneme/core/replay/replay.ts";
import type { SubjectRef } from "@mneme/core/tenancy/scope.ts";
import type pg from "pg";
import { lockSubjects, readStreams } from "../hold-streams.ts";

/** A stream of a replay. */
export interface ReplayStreamRef {
  readonly tenantId: string;
  readonly replayId: string;
  readonly streamId: string;
}

/** One that may be written: nobody is erasing its person while the transaction lasts. */
export interface WritableReplay extends ReplayStreamRef {
  readonly projectId: string;
  readonly subject: SubjectRef | undefined;
  readonly bucket: number;
  /** Seals what is written. */
  readonly keyId: string;
  /** Record time, as PostgreSQL prints it: read once all is held. */
  readonly moment: string;
}

export function refOf({ tenantId, replayId }: ReplayPlan, streamId: string): ReplayStreamRef {
  return { tenantId, replayId, streamId };
}

/** Streams `r` of a replay whose person, if any, is active: see `fenceJoin`. */
export const NOT_FENCED_STREAMS = `replay_streams r left join subjects p on p.tenant_id = r.tenant_id
  and p.id = r.subject_id and p.epoch = r.epoch and p.state = 'active'`;

/** Holds off whoever fences the person. @returns undefined where somebody has, or the stream is not replayed any more. */
export async function holdReplayStream(
  client: pg.PoolClient,
  ref: ReplayStreamRef,
): Promise<WritableReplay | undefined> {
  const { tenantId, replayId, streamId } = ref;
  const { rows } = await client.query<{ project_id: string; subject_id: string | null; epoch: number }>({
    name: "replayed_stream",
    text: `select project_id, subject_id, epoch from replay_streams
           where tenant_id = $1 and replay_id = $2 and stream_id = $3`,
    values: [tenantId, replayId, streamId],
  });
  const [row] = rows;
  if (!row) return undefined;
  const subject = row.subject_id === null ? undefined : { id: row.subject_id, epoch: row.epoch };
  await lockSubjects(client, tenantId, subject ? [subject.id] : []);
  const [stream] = await readStreams(client, tenantId, [streamId]);
  if (!stream || (subject && !stream.subject_key_id)) return undefined;
  const keyId = stream.subject_key_id ?? stream.project_key_id;
  const { bucket, moment } = stream;
  return { ...ref, projectId: row.project_id, subject, bucket, keyId, moment };
}
