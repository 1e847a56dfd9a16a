import type { KeptTurn, TurnReading, TurnStore } from "@mneme/core/context/turn-store.ts";
import type { MessageRole } from "@mneme/core/memory/memory.ts";
import type { ScopeIds } from "@mneme/core/tenancy/scope.ts";
import { openOr } from "./damage.ts";
import type { Database } from "./database.ts";
import { fenceJoin, notFenced } from "./fence.ts";
import type { MessageBody } from "./message-body.ts";
import { openReader, type Query, type TenantReader } from "./read-together.ts";
import { scopeFilter } from "./scope-filter.ts";
import { lookUpScope } from "./scope-lookup.ts";

interface TurnRow {
  readonly id: string;
  readonly role: MessageRole;
  readonly body_ct: Buffer;
  readonly sent_at: Date;
}

/** Reads the turns of conversations as they were added. */
export function createTurnStore(database: Database): TurnStore {
  return {
    async recent(tenancy, reading, signal) {
      const reader = await openReader(database, tenancy);
      const found = await lookUpScope(reader, reading.scope, signal);
      if (!found?.ids.sessionId) return [];
      const [rows] = await reader.read([recentQuery(reader, found.ids, reading)], signal);
      const turns = await Promise.all(rows.map((row) => toTurn(reader, row)));
      return turns.filter((turn) => turn !== undefined);
    },
  };
}

/** Bytes of a body. A longer turn is a document rather than a turn. */
const MOST_BYTES = 32 * 1024;

/** Extractions hold a message's agent, app and team, and the fence of teams. */
function recentQuery(
  { tenantId, projectId }: TenantReader,
  ids: ScopeIds,
  { asOf, knownAt, limit }: TurnReading,
): Query<TurnRow> {
  const scope = scopeFilter(ids, "e", 7);
  return {
    name: `recent_turns_${scope.shape}`,
    text: `select t.id, t.role, t.body_ct, t.sent_at
           from messages t
           join extractions e on e.tenant_id = t.tenant_id and e.id = t.extraction_id
           ${fenceJoin("t")}
           where t.tenant_id = $1 and t.project_id = $2 and t.session_id = $3 and not t.is_finished
             and t.role <> 'system' and octet_length(t.body_ct) <= ${MOST_BYTES} and ${notFenced("t")}
             and ($4::timestamptz is null or t.sent_at <= $4)
             and ($5::timestamptz is null or t.received_at <= $5)
             ${scope.text}
           order by t.position desc limit $6`,
    values: [tenantId, projectId, ids.sessionId, asOf ?? null, knownAt ?? null, limit, ...scope.values],
  };
}

/** @returns undefined of what is damaged, or whose key is gone. */
async function toTurn({ content }: TenantReader, row: TurnRow): Promise<KeptTurn | undefined> {
  const body = await openOr(() => content.openJson<MessageBody>("messages.body", row.body_ct), undefined);
  if (!body) return undefined;
  return {
    messageId: row.id,
    role: row.role,
    name: body.name ?? undefined,
    text: body.text,
    sentAt: row.sent_at,
  };
}
