import type { ReplayPlan } from "@mneme/core/replay/replay.ts";
import type { IngestTransaction } from "../ingest-transaction.ts";

/** Of ten thousand, so that a hundredth of a per cent can be told. */
const SHARES = 10_000;

/**
 * Chooses the streams of a queued replay: those of its scope that have kept messages, of these the sample's, the same for the
 * same seed. What waits to be read for the first time, and what follows it, is not part of it.
 */
export async function chooseStreams(
  { client, tenantId }: IngestTransaction,
  { replayId, projectId, ids, sample }: ReplayPlan,
): Promise<void> {
  const { rowCount } = await client.query(
    `update replays set state = 'running', stepped_at = now() where tenant_id = $1 and id = $2 and state = 'queued'`,
    [tenantId, replayId],
  );
  if (!rowCount) return;
  await client.query(
    `with chosen as (
       select s.id, s.subject_id, s.epoch, hashtextextended(s.id::text, $9) as place, s.next_position
       from streams s
       left join subjects p on p.tenant_id = s.tenant_id and p.id = s.subject_id and p.epoch = s.epoch
         and p.state = 'active'
       where s.tenant_id = $1 and s.project_id = $3 and (s.subject_id is null or p.id is not null)
         and ($4::uuid is null or s.subject_id = $4)
         and exists (select from messages m where m.tenant_id = $1 and m.stream_id = s.id and m.state = 'done'
           and m.body_ct is not null)
         and ($5::uuid is null and $6::uuid is null and $7::uuid is null or exists (
           select from extractions e where e.tenant_id = $1 and e.stream_id = s.id
             and ($5::uuid is null or e.agent_id = $5) and ($6::uuid is null or e.app_id = $6)
             and ($7::uuid is null or e.team_id = $7))))
     insert into replay_streams (tenant_id, replay_id, project_id, stream_id, subject_id, epoch, upto)
     select $1, $2, $3, c.id, c.subject_id, c.epoch,
       coalesce((select min(w.position) from messages w
                 where w.tenant_id = $1 and w.stream_id = c.id and w.state = 'pending'), c.next_position) - 1
     from chosen c
     where $8::integer is null or (c.place & 9223372036854775807) % ${SHARES} < $8
     order by c.place limit $10
     on conflict do nothing`,
    [
      tenantId,
      replayId,
      projectId,
      ids.subject?.id ?? null,
      ids.agentId ?? null,
      ids.appId ?? null,
      ids.teamId ?? null,
      sample.percent === undefined ? null : Math.round((sample.percent * SHARES) / 100),
      sample.seed,
      sample.mostStreams ?? null,
    ],
  );
}
