import { invalidField, MnemeError } from "@mneme/core/errors.ts";
import type { Replay, ReplayState } from "@mneme/core/replay/replay.ts";
import {
  MOST_REPLAYS,
  type ReplayAsked,
  type ReplayStore,
  type ReplayWanted,
} from "@mneme/core/replay/replay-store.ts";
import { stateConflict } from "@mneme/core/tenancy/administrator.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import type { WriteRequest } from "@mneme/core/tenancy/request.ts";
import type { ScopeIds } from "@mneme/core/tenancy/scope.ts";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { type Database, type TenantTransaction, transact } from "../database.ts";
import { refuseFencedScope } from "../fence.ts";
import { claimRequest } from "../idempotency.ts";
import { openPageToken, sealPageToken } from "../page-token.ts";
import { openReader, readerInside, type TenantReader } from "../read-together.ts";
import { scopeFilter } from "../scope-filter.ts";
import { lookUpScope } from "../scope-lookup.ts";
import { listDifferences } from "./differences.ts";
import { TOTALS } from "./progress.ts";
import { newestReplays, oneReplay, toReplays } from "./replay-rows.ts";

/** Replays in the record. */
export function createReplayStore(database: Database): ReplayStore {
  return {
    start: (tenancy, asked, request, signal) =>
      transact(database, tenancy, (transaction) => start(transaction, tenancy, asked, request), signal),
    get: async (tenancy, replayId, signal) => readOne(await openReader(database, tenancy), replayId, signal),
    async list(tenancy, { pageSize, pageToken }, signal) {
      const reader = await openReader(database, tenancy);
      const filters = ["replays", reader.projectId];
      const after = await openPageToken(reader.mac, filters, pageToken);
      const [rows] = await reader.read([newestReplays(reader, after, pageSize + 1)], signal);
      const shown = rows.slice(0, pageSize);
      const last = rows.length > shown.length ? shown.at(-1) : undefined;
      return {
        items: await toReplays(reader, shown, signal),
        nextPageToken: last ? await sealPageToken(reader.mac, filters, last.id) : "",
      };
    },
    async differences(tenancy, asked, signal) {
      const reader = await openReader(database, tenancy);
      await readOne(reader, asked.replayId, signal);
      return listDifferences(reader, asked, signal);
    },
    change: (tenancy, replayId, to, request, signal) =>
      transact(
        database,
        tenancy,
        (transaction) => change(transaction, tenancy, { replayId, to }, request),
        signal,
      ),
  };
}

async function readOne(reader: TenantReader, replayId: string, signal?: AbortSignal): Promise<Replay> {
  const [rows] = await reader.read([oneReplay(reader, replayId)], signal);
  const [replay] = await toReplays(reader, rows, signal);
  if (!replay) throw replayNotFound(replayId);
  return replay;
}

function replayNotFound(replayId: string): MnemeError {
  return new MnemeError("not_found", "REPLAY_NOT_FOUND", "no such replay", {
    metadata: { replay_id: replayId },
  });
}

async function start(
  transaction: TenantTransaction,
  tenancy: Tenancy,
  asked: ReplayAsked,
  request: WriteRequest,
): Promise<Replay> {
  const { tenantId, projectId } = tenancy;
  const { client, reach } = transaction;
  const reader = readerInside(transaction, tenancy);
  const id = uuidv7();
  const done = await claimRequest(transaction, tenantId, request, { id });
  if (done) return readOne(reader, done.id);
  const ids = await scopeOf(transaction, tenancy, asked, reader);
  await requireRoom(client, tenantId, projectId);
  await client.query(
    `insert into replays (tenant_id, id, project_id, subject_id, epoch, agent_id, app_id, team_id, teams, principals,
       settings, sample)
     select $1, $2, $3, $4, $5, $6, $7, $8, case when r.is_bound then array(select reachable_teams(current_principals(), 'write')) end,
       case when r.is_bound then current_principals() end, $10, $11
     from (select $9 and exists (select from teams t where t.tenant_id = $1) as is_bound) r`,
    [
      tenantId,
      id,
      projectId,
      ids?.subject?.id ?? null,
      ids?.subject?.epoch ?? 0,
      ids?.agentId ?? null,
      ids?.appId ?? null,
      ids?.teamId ?? null,
      reach !== undefined,
      JSON.stringify(asked.settings),
      JSON.stringify(asked.sample),
    ],
  );
  await wakeReplay(client, tenantId, id);
  return readOne(reader, id);
}

/** @throws MnemeError SUBJECT_FENCED, and FIELD_INVALID where nothing is known of it. */
async function scopeOf(
  transaction: TenantTransaction,
  { tenantId, projectId }: Tenancy,
  { scope }: ReplayAsked,
  reader: TenantReader,
): Promise<ScopeIds | undefined> {
  if (!scope) return undefined;
  await refuseFencedScope(transaction, tenantId, scope);
  const found = await lookUpScope(reader, scope);
  // Whom another project knows is nobody here.
  const only = found && scopeFilter(found.ids, "e", 3);
  const { rowCount } = await transaction.client.query(
    `select from extractions e where e.tenant_id = $1 and e.project_id = $2 ${only?.text ?? "and false"} limit 1`,
    [tenantId, projectId, ...(only?.values ?? [])],
  );
  if (!rowCount) throw invalidField("scope", "nothing was added in it; leave it out for the whole project");
  return found?.ids;
}

/** One after the other: two that are started at once can't both be the last that there is room for. */
async function requireRoom(client: pg.PoolClient, tenantId: string, projectId: string): Promise<void> {
  await client.query("select from projects where tenant_id = $1 and id = $2 for no key update", [
    tenantId,
    projectId,
  ]);
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::integer from replays where tenant_id = $1 and project_id = $2 and not cleared
       and state not in ('promoted', 'cancelled', 'discarded')`,
    [tenantId, projectId],
  );
  if ((rows[0]?.count ?? 0) < MOST_REPLAYS) return;
  throw stateConflict(
    "too_many",
    `a project has ${MOST_REPLAYS} replays at most that are neither promoted nor discarded; end one of them first`,
  );
}

/** Has Temporal go on with it. */
async function wakeReplay(client: pg.PoolClient, tenantId: string, replayId: string): Promise<void> {
  await client.query("insert into outbox (tenant_id, topic, key) values ($1, 'replay', $2)", [
    tenantId,
    replayId,
  ]);
}

/** From which states a caller may lead where; where it is there already, nothing changes. */
const FROM: Readonly<Record<ReplayWanted, readonly ReplayState[]>> = {
  promoting: ["ready"],
  resumed: ["failed"],
  cancelled: ["queued", "running", "waiting"],
  discarded: ["ready", "promoting", "failed"],
};

const WHY: Readonly<Record<ReplayWanted, string>> = {
  promoting: "only a replay that is ready can be promoted",
  resumed: "only a replay that failed can be resumed",
  cancelled: "only a replay that is not ready yet can be cancelled; discard one that is, or that failed",
  discarded:
    "only a replay that is ready, being promoted or failed can be discarded; cancel one that is not ready yet",
};

async function change(
  transaction: TenantTransaction,
  tenancy: Tenancy,
  { replayId, to }: { readonly replayId: string; readonly to: ReplayWanted },
  request: WriteRequest,
): Promise<Replay> {
  const { tenantId, projectId } = tenancy;
  const { client } = transaction;
  const reader = readerInside(transaction, tenancy);
  if (await claimRequest<object>(transaction, tenantId, request)) return readOne(reader, replayId);
  await client.query("select from replays where tenant_id = $1 and project_id = $2 and id = $3 for update", [
    tenantId,
    projectId,
    replayId,
  ]);
  const { state } = await readOne(reader, replayId);
  if (!FROM[to].includes(state)) throw stateConflict(state, WHY[to]);
  await client.query(
    `update replays set state = case when $3 = 'resumed' then failed_from else $3 end, attempts = 0, failure_reason = null,
       ended_at = case when $3 in ('cancelled', 'discarded') then now() end, stepped_at = now(),
       totals = case when $3 = 'cancelled' then (${TOTALS}) else totals end
     where tenant_id = $1 and id = $2`,
    [tenantId, replayId, to],
  );
  await wakeReplay(client, tenantId, replayId);
  return readOne(reader, replayId);
}
