import { ANSWER_BYTES } from "@mneme/core/answer-bytes.ts";
import type { MessageRole } from "@mneme/core/memory/memory.ts";
import type { Message, ToolCall } from "@mneme/core/memory/message.ts";
import type { JsonValue, Session } from "@mneme/core/session/session-store.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import { fenceJoin, notFenced } from "./fence.ts";
import type { Query, TenantReader } from "./read-together.ts";
import { openScopes, type ScopeColumns } from "./scope-names.ts";

export type TaskState = { readonly [key: string]: JsonValue };

export interface WindowRow extends ScopeColumns {
  readonly task_state_ct: Buffer | null;
  readonly turn_count: string;
  readonly revision: string;
  readonly expires_at: Date;
}

export interface TurnRow {
  readonly body_ct: Buffer;
}

/** What `session_turns.body_ct` seals, as JSON. */
interface TurnBody {
  readonly role: MessageRole;
  readonly name: string | null;
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly toolCallId: string | null;
  readonly sentAt: string;
}

/** The window, if it has not expired and its person is not fenced. */
export function windowQuery({ tenantId, projectId }: Tenancy, sessionId: string): Query<WindowRow> {
  return {
    name: "get_session_window",
    text: `select w.subject_id, w.agent_id, w.app_id, w.team_id, w.session_id, w.task_state_ct, w.turn_count,
             w.revision, w.expires_at
           from session_windows w ${fenceJoin("w")}
           where w.tenant_id = $1 and w.project_id = $2 and w.session_id = $3 and w.expires_at > now()
             and ${notFenced("w")}`,
    values: [tenantId, projectId, sessionId],
  };
}

/** The last turns, newest first: as many as fit into an answer. */
export function turnsQuery(
  { tenantId, projectId }: Tenancy,
  sessionId: string,
  limit: number,
): Query<TurnRow> {
  return {
    name: "get_session_turns",
    text: `select body_ct from (
             select position, body_ct, sum(octet_length(body_ct)) over (order by position desc) as bytes
             from session_turns where tenant_id = $1 and project_id = $2 and session_id = $3
             order by position desc limit $4) t
           where bytes <= ${ANSWER_BYTES} order by position desc`,
    values: [tenantId, projectId, sessionId, limit],
  };
}

/** @param turns newest first. */
export async function toSession(
  reader: TenantReader,
  window: WindowRow,
  turns: readonly TurnRow[],
  signal?: AbortSignal,
): Promise<Session> {
  const { content } = reader;
  const [scope] = await openScopes(reader, [window], signal);
  const bodies = await Promise.all(
    turns.map(({ body_ct }) => content.openJson<TurnBody>("session_turns.body", body_ct)),
  );
  return {
    scope: scope ?? {},
    turns: bodies.flatMap((body) => (body ? [toMessage(body)] : [])).reverse(),
    taskState: (await content.openJson<TaskState>("session_windows.task_state", window.task_state_ct)) ?? {},
    turnCount: Number(window.turn_count),
    expiresAt: window.expires_at,
    etag: window.revision,
  };
}

export function toBody({ role, name, text, toolCalls, toolCallId, sentAt }: Message): TurnBody {
  return {
    role,
    name: name ?? null,
    text,
    toolCalls,
    toolCallId: toolCallId ?? null,
    sentAt: sentAt.toISOString(),
  };
}

function toMessage({ name, toolCallId, sentAt, ...rest }: TurnBody): Message {
  return {
    ...rest,
    name: name ?? undefined,
    toolCallId: toolCallId ?? undefined,
    sentAt: new Date(sentAt),
  };
}
