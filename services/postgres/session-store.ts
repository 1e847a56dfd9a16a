import { ANSWER_BYTES } from "@mneme/core/answer-bytes.ts";
import { invalidField, MnemeError } from "@mneme/core/errors.ts";
import type { Message } from "@mneme/core/memory/message.ts";
import type { Session, SessionAppend, SessionStore } from "@mneme/core/session/session-store.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import { teamNotFound, teamReadOnly } from "@mneme/core/tenancy/reach-errors.ts";
import type { Scope, ScopeIds } from "@mneme/core/tenancy/scope.ts";
import { type Database, type TenantTransaction, transact } from "./database.ts";
import { refuseFencedScope } from "./fence.ts";
import { claimRequest } from "./idempotency.ts";
import { allOf } from "./pool.ts";
import { openReader, readerInside } from "./read-together.ts";
import { lookUpSession } from "./scope-lookup.ts";
import { ensureScope, lockSubject, mayWriteTeam, type WritableScope } from "./scopes.ts";
import { toBody, toSession, turnsQuery, windowQuery } from "./session-rows.ts";

/** Turns that a window holds; older ones fall out. */
export const WINDOW_TURNS = 200;

/**
 * Session windows. One is known by its project and its session id (of the person, where the scope names
 * one); further members of the scope are those of the first append.
 */
export function createSessionStore(database: Database): SessionStore {
  return {
    async append(tenancy, append, signal) {
      requireSessionId(append.scope);
      return transact(
        database,
        tenancy,
        async (transaction) => {
          const { tenantId } = tenancy;
          const [done, subject] = await allOf([
            claimRequest<object>(transaction, tenantId, append.request),
            lockSubject(transaction, tenantId, append.scope.userId),
          ]);
          if (done) {
            const sessionId = await lookUpSession(readerInside(transaction, tenancy), append.scope);
            if (!sessionId) throw sessionNotFound();
            return readInside(transaction, tenancy, sessionId);
          }
          const scope = await ensureScope(database, transaction, tenantId, append.scope, subject);
          await write(transaction, tenancy, scope, append);
          return readInside(transaction, tenancy, scope.ids.sessionId as string);
        },
        signal,
      );
    },
    async get(tenancy, scope, lastTurns, signal) {
      requireSessionId(scope);
      const reader = await openReader(database, tenancy);
      const sessionId = await lookUpSession(reader, scope, signal);
      if (!sessionId) throw sessionNotFound();
      const limit = lastTurns > 0 ? Math.min(lastTurns, WINDOW_TURNS) : WINDOW_TURNS;
      const [[window], turns] = await reader.read(
        [windowQuery(tenancy, sessionId), turnsQuery(tenancy, sessionId, limit)],
        signal,
      );
      if (!window) throw sessionNotFound();
      return toSession(reader, window, turns, signal);
    },
    async end(tenancy, scope, request, signal) {
      requireSessionId(scope);
      return transact(
        database,
        tenancy,
        async (transaction) => {
          const { tenantId, projectId } = tenancy;
          if (await claimRequest<object>(transaction, tenantId, request)) return;
          await refuseFencedScope(transaction, tenantId, scope);
          const sessionId = await lookUpSession(readerInside(transaction, tenancy), scope);
          if (!sessionId) return;
          const key = [tenantId, projectId, sessionId];
          const { rowCount } = await transaction.client.query(
            "delete from session_windows where tenant_id = $1 and project_id = $2 and session_id = $3",
            key,
          );
          if (!rowCount) await refuseReadOnly(transaction, key);
        },
        signal,
      );
    },
  };
}

function requireSessionId(scope: Scope): void {
  if (!scope.sessionId) throw invalidField("scope.session_id", "is required: it names the session");
}

/** @throws MnemeError PERMISSION_MISSING for a living window of a team that a grant lets the call only read. */
async function refuseReadOnly(transaction: TenantTransaction, key: readonly unknown[]): Promise<void> {
  const { rows } = await transaction.client.query<{ team_id: string | null }>(
    `select team_id from session_windows
     where tenant_id = $1 and project_id = $2 and session_id = $3 and expires_at > now()`,
    [...key],
  );
  const teamId = rows[0]?.team_id;
  if (teamId && !(await mayWriteTeam(transaction, teamId))) throw teamReadOnly();
}

/** A revision names one state for good, also after the window was dropped and begun again: it starts at the clock. */
const BEGIN = `
  insert into session_windows (tenant_id, project_id, session_id, subject_id, epoch, agent_id, app_id, team_id,
    revision, expires_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, (extract(epoch from clock_timestamp()) * 1000000)::bigint, now())
  on conflict do nothing`;

async function write(
  transaction: TenantTransaction,
  { tenantId, projectId }: Tenancy,
  { ids, keyId }: WritableScope,
  append: SessionAppend,
): Promise<void> {
  const { client, content } = transaction;
  const key = [tenantId, projectId, ids.sessionId];
  const window = await lockWindow(transaction, key, ids);
  if (append.etag !== "" && append.etag !== window.etag) {
    throw new MnemeError("aborted", "ETAG_MISMATCH", "the session was changed meanwhile; read it again");
  }
  await client.query(
    `update session_windows set turn_count = turn_count + $4, revision = revision + 1,
       task_state_ct = coalesce($5, task_state_ct), expires_at = now() + make_interval(secs => $6)
     where tenant_id = $1 and project_id = $2 and session_id = $3`,
    [
      ...key,
      append.turns.length,
      append.taskState ? await content.sealJson(keyId, "session_windows.task_state", append.taskState) : null,
      append.ttlSeconds,
    ],
  );
  await insertTurns(transaction, key, keyId, append.turns, window.turnCount);
}

interface LockedWindow {
  readonly turnCount: number;
  /** Undefined where the window begins only now. */
  readonly etag: string | undefined;
}

/**
 * Finds or begins the window and locks it; somebody may end it in between, so it takes a second look.
 *
 * @throws MnemeError PERMISSION_MISSING, TEAM_NOT_FOUND for a window of a team that may only be read, or not even that.
 */
async function lockWindow(
  transaction: TenantTransaction,
  key: readonly unknown[],
  ids: ScopeIds,
): Promise<LockedWindow> {
  const { client, reach } = transaction;
  await client.query("select remove_expired_window($1, $2)", key.slice(1));
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const begun = await client.query(BEGIN, [
      ...key,
      ids.subject?.id ?? null,
      ids.subject?.epoch ?? 0,
      ids.agentId ?? null,
      ids.appId ?? null,
      ids.teamId ?? null,
    ]);
    const { rows } = await client.query<{ revision: string; turn_count: string }>(
      `select revision, turn_count from session_windows
       where tenant_id = $1 and project_id = $2 and session_id = $3 for update`,
      [...key],
    );
    const row = rows[0];
    if (row) return { turnCount: Number(row.turn_count), etag: begun.rowCount ? undefined : row.revision };
    await refuseReadOnly(transaction, key);
  }
  // One that is there and never seen is of a team without a grant.
  if (reach) throw teamNotFound();
  throw new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", "the session is being ended; try again");
}

async function insertTurns(
  { client, content }: TenantTransaction,
  key: readonly unknown[],
  keyId: string,
  turns: readonly Message[],
  before: number,
): Promise<void> {
  if (turns.length === 0) return;
  const bodies = await Promise.all(
    turns.map((turn) => content.sealJson(keyId, "session_turns.body", toBody(turn))),
  );
  const tooLarge = bodies.findIndex(({ length }) => length > ANSWER_BYTES);
  if (tooLarge >= 0) {
    const description = `must be at most ${ANSWER_BYTES} bytes with its tool calls: no answer could hold it`;
    throw invalidField(`turns[${tooLarge}]`, description);
  }
  await client.query(
    `insert into session_turns (tenant_id, project_id, session_id, position, body_ct)
     select $1, $2, $3, t.* from unnest($4::bigint[], $5::bytea[]) as t`,
    [...key, bodies.map((_, index) => before + index), bodies],
  );
  await client.query(
    "delete from session_turns where tenant_id = $1 and project_id = $2 and session_id = $3 and position < $4",
    [...key, before + turns.length - WINDOW_TURNS],
  );
}

/** A repeated append answers with the window as it is now. @throws MnemeError SESSION_NOT_FOUND once ended. */
async function readInside(
  transaction: TenantTransaction,
  tenancy: Tenancy,
  sessionId: string,
): Promise<Session> {
  const reader = readerInside(transaction, tenancy);
  const [[window], turns] = await reader.read([
    windowQuery(tenancy, sessionId),
    turnsQuery(tenancy, sessionId, WINDOW_TURNS),
  ]);
  if (!window) throw sessionNotFound();
  return toSession(reader, window, turns);
}

function sessionNotFound(): MnemeError {
  return new MnemeError("not_found", "SESSION_NOT_FOUND", "no such session; it ended or has expired");
}
