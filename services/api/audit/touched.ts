import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { CallAudit } from "@mneme/core/audit/call-audit.ts";
import type { ResourceType } from "@mneme/core/audit/event.ts";
import { isOpaqueId } from "../opaque-id.ts";

/** Fields that hold the id of what a call reads or changes; a field of one message alone is named with it. */
const TOUCHED: Readonly<Record<string, ResourceType>> = {
  memory_id: "memory",
  memory_ids: "memory",
  expected_memory_id: "memory",
  anchor_memory_id: "memory",
  "mneme.memory.v1.Memory.id": "memory",
  summary_memory_id: "memory",
  episode_memory_ids: "memory",
  entity_id: "entity",
  other_entity_ids: "entity",
  from_entity_id: "entity",
  to_entity_id: "entity",
  "mneme.graph.v1.TraverseRequest.entity_ids": "entity",
  "mneme.graph.v1.SplitEntityRequest.name_ids": "entity",
  extraction_id: "extraction",
  extraction_ids: "extraction",
  "mneme.extraction.v1.Extraction.id": "extraction",
  replay_id: "replay",
  "mneme.replay.v1.Replay.id": "replay",
  project_id: "project",
  of_project_id: "project",
  grant_id: "grant",
  api_key_id: "api_key",
  tenant_id: "tenant",
};

/**
 * Fields that look like ids and are not told: outside ids, which are personal data; ids of calls and messages; and what a
 * resource refers to without its being read.
 */
const NOT_TOUCHED: ReadonlySet<string> = new Set([
  "user_id",
  "agent_id",
  "app_id",
  "team_id",
  "session_id",
  "request_id",
  "search_id",
  "miss_id",
  "message_id",
  "message_ids",
  "tool_call_id",
  // What an entity is made of and related to; those that are read are told of themselves.
  "name_id",
  "other_name_id",
  "source_entity_id",
  "target_entity_id",
  "mneme.graph.v1.Path.entity_ids",
  "default_project_id",
  "replaced_by",
  // Hits are told of by their own ids.
  "disputed_by",
  "overridden_by",
  "told_by",
  "derived_from",
  "mneme.replay.v1.ReplayDifference.id",
  // A consolidation is its summary and its episodes, which are told.
  "consolidation_id",
  "mneme.consolidation.v1.Consolidation.id",
  "mneme.memory.v1.ToolCall.id",
  "mneme.memory.v1.Provenance.extraction_id",
  // A key's thumbprint.
  "key_id",
  // Ids that were asked for are told of the request.
  "not_found",
]);

/** Events of the trail itself tell of others' calls, and grants of whom they are for. */
const CLOSED = /^(google\.|mneme\.audit\.|mneme\.tenancy\.v1\.Grantee$)/;

interface Plan {
  readonly ids: readonly { readonly name: string; readonly type: ResourceType }[];
  readonly inner: readonly { readonly name: string; readonly plan: Plan }[];
}

const NOTHING: Plan = { ids: [], inner: [] };
const plans = new Map<DescMessage, Plan>();

/** Notes what a message names: ids of ours, as UUIDs, and nothing else of it. */
export function noteTouched(audit: CallAudit, schema: DescMessage, message: object): void {
  note(audit, planOf(schema), message as Readonly<Record<string, unknown>>);
}

/** Whether such a message can name anything. */
export function canTouch(schema: DescMessage): boolean {
  const { ids, inner } = planOf(schema);
  return ids.length + inner.length > 0;
}

/** What a field holds the id of; undefined where that is not told, and null for a field that nobody has decided on. */
export function touchedBy(field: DescField): ResourceType | undefined | null {
  const full = `${field.parent.typeName}.${field.name}`;
  if (NOT_TOUCHED.has(full)) return undefined;
  return TOUCHED[full] ?? TOUCHED[field.name] ?? (NOT_TOUCHED.has(field.name) ? undefined : null);
}

export const isClosed = (schema: DescMessage): boolean => CLOSED.test(schema.typeName);

function planOf(schema: DescMessage): Plan {
  const known = plans.get(schema);
  if (known) return known;
  // Against messages that hold themselves.
  plans.set(schema, NOTHING);
  const plan = isClosed(schema) ? NOTHING : makePlan(schema);
  plans.set(schema, plan);
  return plan;
}

function makePlan(schema: DescMessage): Plan {
  const plain = schema.fields.filter(({ oneof }) => oneof === undefined);
  return {
    ids: plain.flatMap((field) => {
      const type = touchedBy(field);
      return type ? [{ name: field.localName, type }] : [];
    }),
    inner: plain.flatMap(({ message, localName: name }) => {
      const plan = message && planOf(message);
      return plan && plan.ids.length + plan.inner.length > 0 ? [{ name, plan }] : [];
    }),
  };
}

function note(audit: CallAudit, { ids, inner }: Plan, message: Readonly<Record<string, unknown>>): void {
  for (const { name, type } of ids) {
    for (const id of each(message[name])) {
      // Some that are asked for may have any form, and are then of nothing that there is.
      if (typeof id === "string" && isOpaqueId(id)) audit.touches(type, id.toLowerCase());
    }
  }
  for (const { name, plan } of inner) {
    for (const one of each(message[name])) {
      if (typeof one === "object" && one !== null)
        note(audit, plan, one as Readonly<Record<string, unknown>>);
    }
  }
}

function each(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
