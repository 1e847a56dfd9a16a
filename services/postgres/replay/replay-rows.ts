import type { FailureReason } from "@mneme/core/extraction/failure-reason.ts";
import type {
  Replay,
  ReplaySample,
  ReplaySettings,
  ReplaySpent,
  ReplayState,
  ReplayTotals,
} from "@mneme/core/replay/replay.ts";
import { fenceJoin, notFenced } from "../fence.ts";
import type { Query, TenantReader } from "../read-together.ts";
import { openScopes } from "../scope-names.ts";

export interface ReplayRow {
  readonly id: string;
  readonly subject_id: string | null;
  readonly agent_id: string | null;
  readonly app_id: string | null;
  readonly team_id: string | null;
  readonly state: ReplayState;
  readonly settings: ReplaySettings;
  readonly sample: ReplaySample;
  readonly extractor: string;
  readonly reconciler: string;
  readonly totals: StoredTotals;
  readonly unkept: Readonly<Partial<Record<keyof ReplaySpent, string>>>;
  readonly waiting_until: Date | null;
  readonly failure_reason: FailureReason | null;
  readonly created_at: Date;
  readonly ready_at: Date | null;
  readonly ended_at: Date | null;
  readonly expires_at: Date;
}

/** Empty before the first step; JSON holds no bigint. */
type StoredTotals = Partial<Omit<ReplayTotals, "spent">> & {
  readonly spent?: Omit<ReplayTotals["spent"], "picodollars"> & { readonly picodollars: string };
};

const COLUMNS = `f.id, f.subject_id, f.agent_id, f.app_id, f.team_id, f.state, f.settings, f.sample, f.extractor,
  f.reconciler, f.totals, f.unkept, f.waiting_until, f.failure_reason, f.created_at, f.ready_at, f.ended_at, f.expires_at`;

/** One replay of the reader's project. */
export function oneReplay({ tenantId, projectId }: TenantReader, replayId: string): Query<ReplayRow> {
  return {
    name: "get_replay",
    text: `select ${COLUMNS} from replays f ${fenceJoin("f")}
           where f.tenant_id = $1 and f.project_id = $2 and f.id = $3 and ${notFenced("f")}`,
    values: [tenantId, projectId, replayId],
  };
}

/** Replays of the reader's project, newest first. */
export function newestReplays(
  { tenantId, projectId }: TenantReader,
  after: string | undefined,
  most: number,
): Query<ReplayRow> {
  return {
    name: "list_replays",
    text: `select ${COLUMNS} from replays f ${fenceJoin("f")}
           where f.tenant_id = $1 and f.project_id = $2 and ($3::uuid is null or f.id < $3) and ${notFenced("f")}
           order by f.id desc limit $4`,
    values: [tenantId, projectId, after ?? null, most],
  };
}

export async function toReplays(
  reader: TenantReader,
  rows: readonly ReplayRow[],
  signal?: AbortSignal,
): Promise<Replay[]> {
  for (const { id, subject_id } of rows) {
    reader.audit?.about(subject_id);
    reader.audit?.touches("replay", id);
  }
  const scopes = await openScopes(
    reader,
    rows.map((row) => ({ ...row, session_id: null })),
    signal,
  );
  return rows.map((row, i) => {
    const isOfScope = row.subject_id ?? row.agent_id ?? row.app_id ?? row.team_id;
    return {
      id: row.id,
      state: row.state,
      scope: isOfScope ? scopes[i] : undefined,
      settings: row.settings,
      sample: row.sample,
      extractor: row.extractor,
      reconciler: row.reconciler,
      totals: toTotals(row.totals, row.unkept),
      waitingUntil: row.state === "waiting" ? (row.waiting_until ?? undefined) : undefined,
      failure: row.failure_reason ?? undefined,
      createdAt: row.created_at,
      readyAt: row.ready_at ?? undefined,
      endedAt: row.ended_at ?? undefined,
      expiresAt: row.expires_at,
    };
  });
}

function toTotals({ spent, ...counted }: StoredTotals, unkept: ReplayRow["unkept"]): ReplayTotals {
  const both = (key: Exclude<keyof ReplaySpent, "picodollars">) =>
    (spent?.[key] ?? 0) + Number(unkept[key] ?? 0);
  return {
    streams: 0,
    streamsDone: 0,
    streamsFailed: 0,
    streamsPromoted: 0,
    failures: [],
    messages: 0,
    changes: [],
    leftOut: [],
    kept: 0,
    ...counted,
    spent: {
      calls: both("calls"),
      knownAnswers: both("knownAnswers"),
      inputTokens: both("inputTokens"),
      cachedInputTokens: both("cachedInputTokens"),
      outputTokens: both("outputTokens"),
      unpricedTokens: both("unpricedTokens"),
      milliseconds: both("milliseconds"),
      picodollars: BigInt(spent?.picodollars ?? 0) + BigInt(unkept.picodollars ?? 0),
    },
  };
}
