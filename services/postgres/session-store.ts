import { ANSWER_BYTES } from "@mneme/core/answer-bytes.ts";
import { invalidField, MnemeError } from "@mneme/core/errors.ts";
import type { Message } from "@mneme/core/memory/message.ts";
import type { Session, SessionAppend, SessionStore } from "@mneme/core/session/session-store.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import type { Scope, ScopeIds } from "@mneme/core/tenancy/scope.ts";
import { type Database, type TenantTransaction, transact } from "./database.ts";
import { refuseFencedScope } from "./fence.ts";
import { claimRequest } from "./idempotency.ts";
import { allOf } from "./pool.ts";
import { openReader, readerInside } from "./read-together.ts";
import { lookUpScope } from "./scope-lookup.ts";
import { ensureScope, lockSubject, type WritableScope } from "./scopes.ts";
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
            const found = await lookUpScope(readerInside(transaction, tenancy), who(append.scope));
            if (!found?.ids.sessionId) throw sessionNotFound();
            return readInside(transaction, tenancy, found.ids.sessionId);
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
      const found = await lookUpScope(reader, who(scope), signal);
      if (!found?.ids.sessionId) throw sessionNotFound();
      const limit = lastTurns > 0 ? Math.min(lastTurns, WINDOW_TURNS) : WINDOW_TURNS;
      const [[window], turns] = await reader.read(
        [windowQuery(tenancy, found.ids.sessionId), turnsQuery(tenancy, found.ids.sessionId, limit)],
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
          const found = await lookUpScope(readerInside(transaction, tenancy), who(scope));
          await transaction.client.query(
            "delete from session_windows where tenant_id = $1 and project_id = $2 and session_id = $3",
            [tenantId, projectId, found?.ids.sessionId ?? null],
          );
        },
        signal,
      );
    },
  };
}

function requireSessionId(scope: Scope): void {
  if (!scope.sessionId) throw invalidField("scope.session_id", "is required: it names the session");
}

/** What identifies a session. */
function who({ userId, sessionId }: Scope): Scope {
  return { ...(userId !== undefined && { userId }), ...(sessionId !== undefined && { sessionId }) };
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

/** Finds or begins the window and locks it; somebody may end it in between, so it takes a second look. */
async function lockWindow(
  { client }: TenantTransaction,
  key: readonly unknown[],
  ids: ScopeIds,
): Promise<LockedWindow> {
  await client.query(
    `delete from session_windows
     where tenant_id = $1 and project_id = $2 and session_id = $3 and expires_at <= now()`,
    [...key],
  );
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
  }
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
