import type { ReplayPlan, ReplaySample, ReplaySettings, ReplayState } from "@mneme/core/replay/replay.ts";
import type { ReplayWork } from "@mneme/core/replay/replay-work.ts";
import type { Database } from "../database.ts";
import { findExact } from "../ingest-lookups.ts";
import { type IngestTransaction, ingestTransactions } from "../ingest-transaction.ts";
import { chooseStreams, STREAMS_AT_ONCE } from "./choose-streams.ts";
import { failReplay } from "./fail-replay.ts";
import { readLive } from "./live-memories.ts";
import { noteSpent } from "./note-spent.ts";
import { clearReplay, extendStream, finishStream, settleReplay, streamsIn, writtenBy } from "./progress.ts";
import { promoteStream } from "./promote.ts";
import { failStream, giveUpStreams, keepStep, nextBatch, openStream } from "./read-steps.ts";

export interface ReplayWorkOptions {
  /** Streams that are looked at together when a replay's are chosen, 2,000 by default. */
  readonly streamsAtOnce?: number;
}

/** The record as replays are worked in it, over all projects of a tenant. */
export function createReplayWork(
  database: Database,
  { streamsAtOnce = STREAMS_AT_ONCE }: ReplayWorkOptions = {},
): ReplayWork {
  const run = ingestTransactions(database);
  const of = <T>(
    { tenantId }: { readonly tenantId: string },
    work: (transaction: IngestTransaction) => Promise<T>,
    signal: AbortSignal | undefined,
  ) => run(tenantId, work, signal);
  return {
    plan: (tenantId, replayId, signal) =>
      run(tenantId, (transaction) => readPlan(transaction, replayId), signal),
    choose: (plan, signal) =>
      of(plan, (transaction) => chooseStreams(transaction, plan, streamsAtOnce), signal),
    waiting: (plan, limit, signal) =>
      of(plan, (transaction) => streamsIn(transaction, plan, "waiting", limit), signal),
    open: (plan, streamId, signal) =>
      of(plan, (transaction) => openStream(transaction, plan, streamId), signal),
    next: (plan, at, bounds, signal) =>
      of(plan, (transaction) => nextBatch(transaction, plan, at, bounds), signal),
    deletedWords: (tenantId, said, signal) =>
      run(
        tenantId,
        async (transaction) => {
          const found = await findExact(transaction, said);
          return found.map((one) => one?.type === "tombstone");
        },
        signal,
      ),
    keep: (plan, streamId, step, signal) =>
      of(plan, (transaction) => keepStep(transaction, plan, streamId, step), signal),
    live: (plan, stream, signal) => of(plan, (transaction) => readLive(transaction, plan, stream), signal),
    finish: (plan, stream, report, signal) =>
      of(plan, (transaction) => finishStream(transaction, plan, stream, report), signal),
    noteSpent: (plan, spent) => of(plan, (transaction) => noteSpent(transaction, plan, spent), undefined),
    fail: (plan, streamId, failure, signal) =>
      of(plan, (transaction) => failStream(transaction, plan, streamId, failure), signal),
    giveUp: (plan, reason, signal) =>
      of(plan, (transaction) => giveUpStreams(transaction, plan, reason), signal),
    failWhole: (plan, failure, signal) =>
      of(plan, (transaction) => failReplay(transaction, plan, failure), signal),
    settle: (plan, change, signal) =>
      of(plan, (transaction) => settleReplay(transaction, plan, change), signal),
    promotable: (plan, limit, signal) =>
      of(plan, (transaction) => streamsIn(transaction, plan, "done", limit), signal),
    promote: (plan, stream, signal) =>
      of(plan, (transaction) => promoteStream(transaction, plan, stream), signal),
    written: (plan, signal) => of(plan, (transaction) => writtenBy(transaction, plan), signal),
    extend: (plan, streamId, signal) =>
      of(plan, (transaction) => extendStream(transaction, plan, streamId), signal),
    clear: (plan, limit, signal) => of(plan, (transaction) => clearReplay(transaction, plan, limit), signal),
  };
}

interface PlanRow {
  readonly project_id: string;
  readonly subject_id: string | null;
  readonly epoch: number;
  readonly agent_id: string | null;
  readonly app_id: string | null;
  readonly team_id: string | null;
  readonly teams: readonly string[] | null;
  readonly state: ReplayState;
  readonly settings: ReplaySettings;
  readonly sample: ReplaySample;
  readonly is_expired: boolean;
}

async function readPlan(
  { client, tenantId }: IngestTransaction,
  replayId: string,
): Promise<ReplayPlan | undefined> {
  const { rows } = await client.query<PlanRow>({
    name: "read_replay_plan",
    text: `select r.project_id, r.subject_id, r.epoch, r.agent_id, r.app_id, r.team_id, r.state, r.settings, r.sample,
             r.expires_at < now() as is_expired,
             case when r.principals is null then r.teams else array(
               select t from unnest(r.teams) as t where t = wide_scope(r.project_id)
                 or t in (select reachable_teams(r.principals, 'write'))) end as teams
           from replays r where tenant_id = $1 and id = $2 and not cleared`,
    values: [tenantId, replayId],
  });
  const [row] = rows;
  return row && toPlan(tenantId, replayId, row);
}

function toPlan(tenantId: string, replayId: string, row: PlanRow): ReplayPlan {
  return {
    tenantId,
    replayId,
    projectId: row.project_id,
    state: row.state,
    isExpired: row.is_expired,
    ids: {
      subject: row.subject_id === null ? undefined : { id: row.subject_id, epoch: row.epoch },
      agentId: row.agent_id ?? undefined,
      appId: row.app_id ?? undefined,
      teamId: row.team_id ?? undefined,
    },
    teams: row.teams ?? undefined,
    settings: row.settings,
    sample: row.sample,
  };
}
