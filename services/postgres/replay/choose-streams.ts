import type { ReplayPlan } from "@mneme/core/replay/replay.ts";
import type { IngestTransaction } from "../ingest-transaction.ts";

/** Of ten thousand, so that a hundredth of a per cent can be told. */
const SHARES = 10_000;
/** Streams that one transaction looks at. */
export const STREAMS_AT_ONCE = 2_000;

/**
 * Chooses streams of a queued replay: those of its scope that have kept messages, of these the sample's, the same for the
 * same seed. What waits to be read for the first time, and what follows it, is not part of it.
 *
 * @param most streams that are looked at: where there are more, the next call goes on behind them.
 * @returns whether there are more; once there are not, the replay runs.
 */
export async function chooseStreams(
  transaction: IngestTransaction,
  plan: ReplayPlan,
  most: number,
): Promise<boolean> {
  const { client, tenantId } = transaction;
  const { rows } = await client.query<{ chosen_through: string | null }>(
    "select chosen_through from replays where tenant_id = $1 and id = $2 and state = 'queued' for update",
    [tenantId, plan.replayId],
  );
  if (!rows[0]) return false;
  const page = await nextStreams(transaction, plan, rows[0].chosen_through, most);
  await insertChosen(transaction, plan, page);
  await dropBeyond(transaction, plan);
  const isMore = page.length === most;
  await client.query(
    `update replays set chosen_through = coalesce($3, chosen_through), stepped_at = now(), attempts = 0,
       state = case when $4 then state else 'running' end
     where tenant_id = $1 and id = $2`,
    [tenantId, plan.replayId, page.at(-1) ?? null, isMore],
  );
  return isMore;
}

/** In the order of ids. */
async function nextStreams(
  { client, tenantId }: IngestTransaction,
  { projectId, ids }: ReplayPlan,
  after: string | null,
  most: number,
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `select s.id from streams s where s.tenant_id = $1 and s.project_id = $2 and ($3::uuid is null or s.subject_id = $3)
       and s.id > coalesce($4::uuid, '00000000-0000-0000-0000-000000000000')
     order by s.id limit $5`,
    [tenantId, projectId, ids.subject?.id ?? null, after, most],
  );
  return rows.map(({ id }) => id);
}

async function insertChosen(
  { client, tenantId }: IngestTransaction,
  { replayId, projectId, ids, sample }: ReplayPlan,
  page: readonly string[],
): Promise<void> {
  await client.query(
    `with chosen as (
       select s.id, s.subject_id, s.epoch, hashtextextended(s.id::text, $8) as place, s.next_position
       from streams s
       left join subjects p on p.tenant_id = s.tenant_id and p.id = s.subject_id and p.epoch = s.epoch
         and p.state = 'active'
       where s.tenant_id = $1 and s.id = any ($9::uuid[]) and (s.subject_id is null or p.id is not null)
         and exists (select from messages m where m.tenant_id = $1 and m.stream_id = s.id and m.state = 'done'
           and m.body_ct is not null)
         and ($4::uuid is null and $5::uuid is null and $6::uuid is null or exists (
           select from extractions e where e.tenant_id = $1 and e.stream_id = s.id
             and ($4::uuid is null or e.agent_id = $4) and ($5::uuid is null or e.app_id = $5)
             and ($6::uuid is null or e.team_id = $6))))
     insert into replay_streams (tenant_id, replay_id, project_id, stream_id, subject_id, epoch, place, upto)
     select $1, $2, $3, c.id, c.subject_id, c.epoch, c.place,
       coalesce((select min(w.position) from messages w
                 where w.tenant_id = $1 and w.stream_id = c.id and w.state = 'pending'), c.next_position) - 1
     from chosen c
     where $7::integer is null or (c.place & 9223372036854775807) % ${SHARES} < $7
     on conflict do nothing`,
    [
      tenantId,
      replayId,
      projectId,
      ids.agentId ?? null,
      ids.appId ?? null,
      ids.teamId ?? null,
      sample.percent === undefined ? null : Math.round((sample.percent * SHARES) / 100),
      sample.seed,
      page,
    ],
  );
}

/** Of more than the sample wants, those that stand last leave: as many as came with the page, at most. */
async function dropBeyond(
  { client, tenantId }: IngestTransaction,
  { replayId, sample }: ReplayPlan,
): Promise<void> {
  if (sample.mostStreams === undefined) return;
  await client.query(
    `delete from replay_streams where ctid = any (array(
       select ctid from replay_streams where tenant_id = $1 and replay_id = $2
       order by place, stream_id offset $3))`,
    [tenantId, replayId, sample.mostStreams],
  );
}
