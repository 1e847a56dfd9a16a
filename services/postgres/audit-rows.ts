import type { AuditEvent, ChainedEvent, ResourceType } from "@mneme/core/audit/event.ts";

/** What inbox and trail have of an event, in the order of the columns. */
export const EVENT_COLUMNS = `event_id, occurred_at, action, api_key_id, actor_subject_id, service, project_id,
  request_id, code, reason, subject_ids, resource_types, resource_ids, resource_count`;

const EVENT_TYPES = `event_id uuid, occurred_at timestamptz, action text, api_key_id uuid, actor_subject_id uuid,
  service text, project_id uuid, request_id text, code text, reason text, subject_ids uuid[],
  resource_types text[], resource_ids uuid[], resource_count bigint`;

export interface EventRow {
  readonly event_id: string;
  readonly occurred_at: Date;
  readonly action: string;
  readonly api_key_id: string | null;
  readonly actor_subject_id: string | null;
  readonly service: string;
  readonly project_id: string | null;
  readonly request_id: string;
  readonly code: string;
  readonly reason: string;
  readonly subject_ids: readonly string[];
  readonly resource_types: readonly string[];
  readonly resource_ids: readonly string[];
  readonly resource_count: string;
}

export interface ChainedRow extends EventRow {
  readonly sequence: string;
  readonly hash: Buffer;
}

/** Puts events of a tenant into the inbox. */
export function insertEvents(tenantId: string, events: readonly AuditEvent[]) {
  return {
    name: "insert_audit_events",
    text: `insert into audit_inbox (tenant_id, ${EVENT_COLUMNS})
           select $1, ${EVENT_COLUMNS} from json_to_recordset($2::json) as e (${EVENT_TYPES})`,
    values: [tenantId, JSON.stringify(events.map(toRow))],
  };
}

/** Puts events into their places in the tenant's trail. */
export function insertChained(tenantId: string, events: readonly ChainedEvent[]) {
  const rows = events.map((event) => ({
    ...toRow(event),
    sequence: event.sequence,
    hash: toHex(event.hash),
  }));
  return {
    name: "insert_chained_events",
    text: `insert into audit_events (tenant_id, sequence, hash, ${EVENT_COLUMNS})
           select $1, sequence, hash, ${EVENT_COLUMNS}
           from json_to_recordset($2::json) as e (sequence bigint, hash bytea, ${EVENT_TYPES})`,
    values: [tenantId, JSON.stringify(rows)],
  };
}

function toRow(event: AuditEvent) {
  return {
    event_id: event.id,
    occurred_at: event.time.toISOString(),
    action: event.action,
    api_key_id: event.actor.apiKeyId || null,
    actor_subject_id: event.actor.subjectId || null,
    service: event.actor.service,
    project_id: event.projectId || null,
    request_id: event.requestId,
    code: event.code,
    reason: event.reason,
    subject_ids: event.subjectIds,
    resource_types: event.resources.map(({ type }) => type),
    resource_ids: event.resources.map(({ id }) => id),
    resource_count: event.resourceCount,
  };
}

export function toEvent(row: EventRow): AuditEvent {
  const { resource_types, resource_ids } = row;
  return {
    id: row.event_id,
    time: row.occurred_at,
    action: row.action,
    actor: {
      apiKeyId: row.api_key_id ?? "",
      subjectId: row.actor_subject_id ?? "",
      service: row.service,
    },
    projectId: row.project_id ?? "",
    requestId: row.request_id,
    code: row.code,
    reason: row.reason,
    subjectIds: row.subject_ids,
    // As many as there are of the longer one: where somebody took an id away its type stays to be seen.
    resources: Array.from({ length: Math.max(resource_types.length, resource_ids.length) }, (_, index) => ({
      type: (resource_types[index] ?? "") as ResourceType,
      id: resource_ids[index] ?? "",
    })),
    resourceCount: Number(row.resource_count),
  };
}

export function toChained(row: ChainedRow): ChainedEvent {
  return { ...toEvent(row), sequence: Number(row.sequence), hash: row.hash };
}

/** As PostgreSQL reads bytes out of JSON. */
function toHex(bytes: Uint8Array): string {
  return `\\x${Buffer.from(bytes).toString("hex")}`;
}
