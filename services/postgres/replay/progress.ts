import type { ReplayPlan, ReplayState } from "@mneme/core/replay/replay.ts";
import type { OpenedStream } from "@mneme/core/replay/replay-work.ts";
import type { StreamReport } from "@mneme/core/replay/report-on.ts";
import type { IngestTransaction } from "../ingest-transaction.ts";
import { lockStreams } from "../stream-locks.ts";
import { type Unindexed, unindexedOf } from "../unindexed.ts";
import { writeDifferences } from "./difference-rows.ts";
import { holdReplayStream, NOT_FENCED_STREAMS, refOf } from "./replay-streams.ts";

/** Streams of a state whose people are not fenced, in one order. */
export async function streamsIn(
  { client, tenantId }: IngestTransaction,
  { replayId }: ReplayPlan,
  state: "waiting" | "done",
  limit: number,
): Promise<string[]> {
  const { rows } = await client.query<{ stream_id: string }>({
    name: "replay_streams_in",
    text: `select r.stream_id from ${NOT_FENCED_STREAMS}
           where r.tenant_id = $1 and r.replay_id = $2 and r.state = $3 and (r.subject_id is null or p.id is not null)
           order by r.stream_id limit $4`,
    values: [tenantId, replayId, state, limit],
  });
  return rows.map(({ stream_id }) => stream_id);
}

/** See `ReplayWork.finish`. */
export async function finishStream(
  { client, tenantId }: IngestTransaction,
  plan: ReplayPlan,
  { streamId, through }: Pick<OpenedStream, "streamId" | "through">,
  report: StreamReport,
): Promise<void> {
  const stream = await holdReplayStream(client, refOf(plan, streamId));
  if (!stream) return;
  const { rowCount } = await client.query({
    name: "finish_replay_stream",
    text: `update replay_streams set state = 'done', counts = $4
           where tenant_id = $1 and replay_id = $2 and stream_id = $3 and state in ('waiting', 'done') and through = $5`,
    values: [tenantId, plan.replayId, streamId, countsOf(report), through],
  });
  if (rowCount) await writeDifferences(client, stream, report, "open");
}

/** As `replay_streams.counts`. */
export function countsOf({ changes, leftOut }: StreamReport): string {
  return JSON.stringify([...changes, ...leftOut]);
}

/** See `ReplayWork.extend`. */
export async function extendStream(
  { client, tenantId }: IngestTransaction,
  { replayId }: ReplayPlan,
  streamId: string,
): Promise<void> {
  await lockStreams(client, [streamId]);
  const values = [tenantId, replayId, streamId];
  const { rowCount } = await client.query(
    `update replay_streams r set through = 0, messages = 0, unread = '{}', notes_ct = null
     where r.tenant_id = $1 and r.replay_id = $2 and r.stream_id = $3 and r.state = 'done' and exists (
       select from messages m where m.tenant_id = $1 and m.stream_id = $3 and m.state = 'done'
         and m.body_ct is not null and m.position = any (r.unread))`,
    values,
  );
  // What failed before was said in between: what came behind it is reconciled with it.
  if (rowCount) {
    await client.query(
      "delete from replay_memories where tenant_id = $1 and replay_id = $2 and stream_id = $3",
      values,
    );
  }
  await client.query(
    `update replay_streams r set upto = greatest(r.upto, coalesce((select max(m.position) from messages m
       where m.tenant_id = $1 and m.stream_id = $3 and m.state = 'done'), 0))
     where r.tenant_id = $1 and r.replay_id = $2 and r.stream_id = $3 and r.state <> 'promoted'`,
    values,
  );
}

/** From which states a step may lead where. */
const FROM: Readonly<Partial<Record<ReplayState, readonly ReplayState[]>>> = {
  running: ["running", "waiting"],
  waiting: ["running", "waiting"],
  ready: ["running", "waiting"],
  promoting: ["promoting"],
  promoted: ["promoting"],
};

/** See `ReplayWork.settle`. */
export async function settleReplay(
  { client, tenantId }: IngestTransaction,
  { replayId }: ReplayPlan,
  { to, waitingUntil }: { readonly to: ReplayState; readonly waitingUntil?: Date | undefined },
): Promise<void> {
  await client.query({
    name: "settle_replay",
    text: `update replays set state = $3, attempts = 0, waiting_until = $4, totals = (${TOTALS}), stepped_at = now(),
             ready_at = case when $3 = 'ready' then now() else ready_at end,
             ended_at = case when $3 = 'promoted' then now() else ended_at end
           where tenant_id = $1 and id = $2 and state = any ($5::text[])`,
    values: [tenantId, replayId, to, waitingUntil ?? null, FROM[to] ?? []],
  });
}

/** See `ReplayWork.written`. */
export function writtenBy(
  { client, tenantId }: IngestTransaction,
  { replayId }: ReplayPlan,
): Promise<Unindexed> {
  const ids = `select r.stream_id from replay_streams r
               where r.tenant_id = $1 and r.replay_id = $2 and r.state = 'promoted'`;
  return unindexedOf({ client }, tenantId, { name: "replay", ids, values: [replayId] });
}

/** Of a tenant's ($1) replay ($2). As `ReplayTotals`, of numbers that JSON holds exactly: picodollars are text. */
export const TOTALS = `
  select jsonb_build_object(
    'streams', count(*), 'streamsDone', count(*) filter (where s.state in ('done', 'promoted')),
    'streamsFailed', count(*) filter (where s.state = 'failed'),
    'streamsPromoted', count(*) filter (where s.state = 'promoted'),
    'failures', coalesce((select jsonb_agg(jsonb_build_object('reason', f.failure_reason, 'count', f.count))
      from (select failure_reason, count(*) from replay_streams where tenant_id = $1 and replay_id = $2
              and state = 'failed' group by failure_reason order by 2 desc limit 20) f), '[]'),
    'messages', coalesce(sum(s.messages), 0),
    'changes', coalesce((select jsonb_agg(jsonb_build_object('change', c.change, 'kind', c.kind, 'category', c.category,
        'count', c.count) order by c.change, c.kind, c.category)
      from (select n.change, n.kind, n.category, sum(n.count) as count from replay_streams t
              cross join lateral jsonb_to_recordset(t.counts)
                as n (change text, kind text, category text, reason text, count integer)
            where t.tenant_id = $1 and t.replay_id = $2 and n.change is not null group by 1, 2, 3 limit 2000) c), '[]'),
    'leftOut', coalesce((select jsonb_agg(jsonb_build_object('reason', c.reason, 'count', c.count) order by c.reason)
      from (select n.reason, sum(n.count) as count from replay_streams t
              cross join lateral jsonb_to_recordset(t.counts) as n (reason text, count integer)
            where t.tenant_id = $1 and t.replay_id = $2 and n.reason is not null group by 1) c), '[]'),
    'kept', (select count(*) from replay_differences d
             where d.tenant_id = $1 and d.replay_id = $2 and d.state = 'kept'),
    'spent', jsonb_build_object('calls', coalesce(sum(s.calls), 0), 'knownAnswers', coalesce(sum(s.known_answers), 0),
      'inputTokens', coalesce(sum(s.input_tokens), 0), 'cachedInputTokens', coalesce(sum(s.cached_input_tokens), 0),
      'outputTokens', coalesce(sum(s.output_tokens), 0), 'picodollars', coalesce(sum(s.picodollars), 0)::text,
      'unpricedTokens', coalesce(sum(s.unpriced_tokens), 0), 'milliseconds', coalesce(sum(s.milliseconds), 0)))
  from replay_streams s where s.tenant_id = $1 and s.replay_id = $2`;

/** See `ReplayWork.clear`. Of a promoted replay its report stays until its time is over. */
export async function clearReplay(
  { client, tenantId }: IngestTransaction,
  { replayId, state, isExpired }: ReplayPlan,
  limit: number,
): Promise<boolean> {
  const isWhole = isExpired || state === "cancelled" || state === "discarded";
  const tables = isWhole
    ? (["replay_memories", "replay_differences", "replay_streams"] as const)
    : (["replay_memories"] as const);
  for (const table of tables) {
    const { rowCount } = await client.query(
      `delete from ${table} where ctid = any (array(
         select ctid from ${table} where tenant_id = $1 and replay_id = $2 limit $3))`,
      [tenantId, replayId, limit],
    );
    if (rowCount) {
      await client.query("update replays set stepped_at = now() where tenant_id = $1 and id = $2", [
        tenantId,
        replayId,
      ]);
      return true;
    }
  }
  if (isWhole) {
    await client.query("update replays set cleared = true where tenant_id = $1 and id = $2", [
      tenantId,
      replayId,
    ]);
  }
  return false;
}
