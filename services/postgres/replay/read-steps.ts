import type { FailureReason } from "@mneme/core/extraction/failure-reason.ts";
import type { SourceSpan } from "@mneme/core/memory/memory.ts";
import { countSpans } from "@mneme/core/replay/beside-deleted.ts";
import type { ReplayPlan } from "@mneme/core/replay/replay.ts";
import type { OpenedStream, ReadStep, ReplayBatch, ShadowNotes } from "@mneme/core/replay/replay-work.ts";
import type pg from "pg";
import { openOr } from "../damage.ts";
import { toBatches } from "../ingest-load.ts";
import { PENDING_COLUMNS, PENDING_JOINS, type PendingRow } from "../ingest-pending.ts";
import type { IngestTransaction } from "../ingest-transaction.ts";
import { scopeFilter } from "../scope-filter.ts";
import { lockStreams } from "../stream-locks.ts";
import { holdReplayStream, NOT_FENCED_STREAMS, refOf } from "./replay-streams.ts";
import { readShadow, writeShadow } from "./shadow-rows.ts";

/** See `ReplayWork.open`. */
export async function openStream(
  { client, tenantId, content }: IngestTransaction,
  plan: ReplayPlan,
  streamId: string,
): Promise<OpenedStream | undefined> {
  const ref = refOf(plan, streamId);
  const { rows } = await client.query<{ through: string; upto: string; notes_ct: Buffer | null }>({
    name: "open_replay_stream",
    text: `select r.through, r.upto, r.notes_ct from ${NOT_FENCED_STREAMS}
           where r.tenant_id = $1 and r.replay_id = $2 and r.stream_id = $3 and r.state in ('waiting', 'done')
             and (r.subject_id is null or p.id is not null)`,
    values: [tenantId, plan.replayId, streamId],
  });
  const [row] = rows;
  if (!row) return undefined;
  const notes = () => content.openJson<ShadowNotes>("replay_streams.notes", row.notes_ct);
  return {
    streamId,
    through: BigInt(row.through),
    upto: BigInt(row.upto),
    notes: await openOr(notes, undefined),
    memories: await readShadow(client, content, ref),
    deleted: await readDeleted(client, tenantId, streamId),
  };
}

/** Where a stream's deleted memories were said. */
export async function readDeleted(
  client: pg.PoolClient,
  tenantId: string,
  streamId: string,
): Promise<Map<string, Omit<SourceSpan, "messageId">[]>> {
  const { rows } = await client.query<{ message_id: string; span_start: number; span_end: number }>({
    name: "read_deleted_sources",
    text: `select message_id, span_start, span_end from deleted_sources where tenant_id = $1 and stream_id = $2`,
    values: [tenantId, streamId],
  });
  const spans = Map.groupBy(rows, ({ message_id }) => message_id);
  return new Map(
    [...spans].map(([id, all]) => [id, all.map((one) => ({ start: one.span_start, end: one.span_end }))]),
  );
}

/** Of what extractions `e` added, what no other team was told; the parameter's value is a plan's `teams`. */
export function inTeams(parameter: number): string {
  return `and ($${parameter}::uuid[] is null or e.team_id is null or e.team_id = any ($${parameter}))`;
}

/** See `ReplayWork.next`. */
export async function nextBatch(
  { client, tenantId, content }: IngestTransaction,
  { ids, teams }: ReplayPlan,
  { streamId, after, upto }: { readonly streamId: string; readonly after: bigint; readonly upto: bigint },
  { limit, oneAdd }: { readonly limit: number; readonly oneAdd: boolean },
): Promise<ReplayBatch | undefined> {
  const only = scopeFilter({ ...ids, sessionId: undefined }, "e", 7);
  const { rows: found } = await client.query<PendingRow & { received_at: Date }>({
    name: `next_replay_batch_${only.shape}`,
    text: `select ${PENDING_COLUMNS}, m.received_at from messages m ${PENDING_JOINS}
           where m.tenant_id = $1 and m.stream_id = $2 and m.position > $3 and m.position <= $4
             and m.state = 'done' and m.body_ct is not null
             ${inTeams(6)} ${only.text}
           order by m.position limit $5`,
    values: [tenantId, streamId, after, upto, limit, teams ?? null, ...only.values],
  });
  const end = oneAdd ? found.findIndex(({ extraction_id: id }) => id !== found[0]?.extraction_id) : -1;
  const rows = found.slice(0, end < 0 ? found.length : end);
  if (rows.length === 0 || rows[0]?.fenced) return undefined;
  const [batch] = await toBatches(client, content, tenantId, rows);
  if (!batch) return undefined;
  if (batch.unreadable !== undefined) throw batch.unreadable;
  const receivedAt = rows[batch.pending.length - 1]?.received_at ?? new Date();
  return { batch, receivedAt, positions: new Map(rows.map((row) => [row.id, BigInt(row.position)])) };
}

/** See `ReplayWork.keep`. */
export async function keepStep(
  { client, content }: IngestTransaction,
  plan: ReplayPlan,
  streamId: string,
  step: ReadStep,
): Promise<boolean> {
  await lockStreams(client, [streamId]);
  const stream = await holdReplayStream(client, refOf(plan, streamId));
  if (!stream || !(await isAllThere(client, plan, streamId, step))) return false;
  const { spent } = step;
  const only = scopeFilter({ ...plan.ids, sessionId: undefined }, "e", 18);
  const { rowCount } = await client.query({
    name: `keep_replay_step_${only.shape}`,
    text: `update replay_streams r set through = $5, notes_ct = $6, messages = messages + cardinality($7::uuid[]), calls = calls + $8,
             known_answers = known_answers + $9, input_tokens = input_tokens + $10,
             cached_input_tokens = cached_input_tokens + $11, output_tokens = output_tokens + $12,
             picodollars = picodollars + $13, unpriced_tokens = unpriced_tokens + $14,
             milliseconds = milliseconds + $15, attempts = 0, failure_reason = null,
             unread = unread || array(
               select m.position from messages m join extractions e on e.tenant_id = $1 and e.id = m.extraction_id
               where m.tenant_id = $1 and m.stream_id = $3 and m.position > $4 and m.position <= $5
                 and m.body_ct is not null and m.id <> all ($7) ${inTeams(17)} ${only.text})
           where r.tenant_id = $1 and r.replay_id = $2 and r.stream_id = $3 and r.through = $4
             and r.state in ('waiting', 'done') and (r.notes_ct is not null or not $16)`,
    values: [
      plan.tenantId,
      plan.replayId,
      streamId,
      step.from,
      step.through,
      await content.sealJson(stream.keyId, "replay_streams.notes", step.notes),
      step.messageIds,
      spent.calls,
      spent.knownAnswers,
      spent.inputTokens,
      spent.cachedInputTokens,
      spent.outputTokens,
      spent.picodollars,
      spent.unpricedTokens,
      spent.milliseconds,
      step.hadNotes,
      plan.teams ?? null,
      ...only.values,
    ],
  });
  if (!rowCount) return false;
  await writeShadow(client, content, stream, step.changes);
  await client.query({
    name: "name_replay_readers",
    text: `update replays set extractor = $3, reconciler = $4
           where tenant_id = $1 and id = $2 and (extractor, reconciler) is distinct from ($3, $4)`,
    values: [plan.tenantId, plan.replayId, step.extractor, step.reconciler],
  });
  return true;
}

/** Whether nothing was deleted since the step began; holds off whoever takes the words that it read. */
async function isAllThere(
  client: pg.PoolClient,
  { tenantId }: ReplayPlan,
  streamId: string,
  { messageIds, contextIds, deletedSpans }: ReadStep,
): Promise<boolean> {
  if (countSpans(await readDeleted(client, tenantId, streamId)) !== deletedSpans) return false;
  const { rows } = await client.query<{ is_kept: boolean }>({
    name: "messages_of_replay_step",
    text: `select body_ct is not null as is_kept from messages
           where tenant_id = $1 and id = any ($2::uuid[]) order by id for share`,
    values: [tenantId, [...messageIds, ...contextIds]],
  });
  return rows.every(({ is_kept }) => is_kept);
}

/** Tries after which a stream is given up. */
const MOST_ATTEMPTS = 3;

/** See `ReplayWork.fail`. */
export async function failStream(
  { client, tenantId }: IngestTransaction,
  { replayId }: ReplayPlan,
  streamId: string,
  { reason, isFinal }: { readonly reason: FailureReason; readonly isFinal: boolean },
): Promise<void> {
  await client.query(
    `update replay_streams set attempts = attempts + 1, failure_reason = $4,
       state = case when $5 or attempts + 1 >= ${MOST_ATTEMPTS} then 'failed' else state end
     where tenant_id = $1 and replay_id = $2 and stream_id = $3 and state <> 'promoted'`,
    [tenantId, replayId, streamId, reason, isFinal],
  );
}

/** See `ReplayWork.giveUp`. */
export async function giveUpStreams(
  { client, tenantId }: IngestTransaction,
  { replayId, state }: ReplayPlan,
  reason: FailureReason,
): Promise<void> {
  await client.query(
    `update replay_streams set state = 'failed', failure_reason = $3
     where tenant_id = $1 and replay_id = $2 and state = $4`,
    [tenantId, replayId, reason, state === "promoting" ? "done" : "waiting"],
  );
}
