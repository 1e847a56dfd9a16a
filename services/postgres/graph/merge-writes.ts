import { differentTypes, entityNotFound } from "@mneme/core/graph/errors.ts";
import type { Reading } from "@mneme/core/graph/graph.ts";
import type { MergeCommand } from "@mneme/core/graph/graph-store.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import { teamReadOnly } from "@mneme/core/tenancy/reach-errors.ts";
import type { Scope, ScopeIds } from "@mneme/core/tenancy/scope.ts";
import { v7 as uuidv7 } from "uuid";
import type { TenantTransaction } from "../database.ts";
import { refuseFencedScope } from "../fence.ts";
import { readerInside, type TenantReader } from "../read-together.ts";
import { lookUpScope } from "../scope-lookup.ts";
import { mayWriteTeam } from "../scopes.ts";
import { describeEntities } from "./describe.ts";
import { readGroups } from "./groups.ts";
import { visibleTo } from "./visible.ts";

interface Writing {
  readonly reader: TenantReader;
  readonly reading: Reading;
}

/** Looks into the scope that a write names. @throws MnemeError ENTITY_NOT_FOUND, SUBJECT_FENCED, PERMISSION_MISSING. */
async function openScope(
  transaction: TenantTransaction,
  tenancy: Tenancy,
  scope: Scope,
  entityId: string,
): Promise<Writing> {
  await refuseFencedScope(transaction, tenancy.tenantId, scope);
  const reader = readerInside(transaction, tenancy);
  const found = await lookUpScope(reader, scope);
  if (!found) throw entityNotFound(entityId);
  const { ids } = found;
  if (ids.teamId !== undefined && !(await mayWriteTeam(transaction, ids.teamId))) throw teamReadOnly();
  return { reader, reading: { ids, asOf: undefined, knownAt: undefined } };
}

/** See `GraphStore.merge`. */
export async function mergeByHand(
  transaction: TenantTransaction,
  tenancy: Tenancy,
  { scope, entityId, otherIds, allowDifferentTypes }: MergeCommand,
): Promise<void> {
  const { reader, reading } = await openScope(transaction, tenancy, scope, entityId);
  const wanted = [...new Set([entityId, ...otherIds])];
  const shown = await describeEntities(reader, reading, visibleTo(reader, reading), wanted);
  const names = new Set(shown.flatMap((entity) => entity.names.map(({ id }) => id)));
  const missing = wanted.find((id) => !names.has(id));
  if (missing !== undefined) throw entityNotFound(missing);
  const types = [...new Set(shown.map(({ type }) => type))].filter((type) => type !== "other").sort();
  if (types.length > 1 && !allowDifferentTypes) throw differentTypes(types);
  const others = wanted.filter((id) => id !== entityId).sort();
  await insertByHand(transaction, tenancy, reading.ids, entityId, others);
}

async function insertByHand(
  { client }: TenantTransaction,
  { tenantId, projectId }: Tenancy,
  ids: ScopeIds,
  entityId: string,
  others: readonly string[],
): Promise<void> {
  await client.query({
    name: "merge_by_hand",
    text: `insert into entity_merges (tenant_id, project_id, subject_id, epoch, agent_id, app_id, team_id, id,
             entity_id, other_id, rule)
           select $1, $2, $3, $4, $5, $6, $7, n.id, least(n.other, $8::uuid), greatest(n.other, $8::uuid), 'hand'
           from unnest($9::uuid[], $10::uuid[]) as n (id, other)
           on conflict do nothing`,
    values: [
      tenantId,
      projectId,
      ids.subject?.id ?? null,
      ids.subject?.epoch ?? 0,
      ids.agentId ?? null,
      ids.appId ?? null,
      ids.teamId ?? null,
      entityId,
      others.map(() => uuidv7()),
      others,
    ],
  });
}

/** See `GraphStore.split`. */
export async function splitByHand(
  transaction: TenantTransaction,
  tenancy: Tenancy,
  { scope, entityId, nameIds }: { scope: Scope; entityId: string; nameIds: readonly string[] },
): Promise<void> {
  const { reader, reading } = await openScope(transaction, tenancy, scope, entityId);
  const visible = visibleTo(reader, reading);
  const [entity] = await describeEntities(reader, reading, visible, [entityId]);
  if (!entity) throw entityNotFound(entityId);
  const names = new Set(entity.names.map(({ id }) => id));
  const missing = nameIds.find((id) => !names.has(id));
  if (missing !== undefined) throw entityNotFound(missing);
  const parted = new Set(nameIds);
  const { rows } = await readGroups(reader, reading, [entityId]);
  const between = rows.filter(({ entity_id, other_id }) => parted.has(entity_id) !== parted.has(other_id));
  const { rowCount } = await transaction.client.query({
    name: "split_entities",
    text: `update entity_merges set split_at = now() where tenant_id = $1 and id = any ($2::uuid[])`,
    values: [tenancy.tenantId, between.map(({ id }) => id)],
  });
  // What the team's policy keeps a call from changing, it does not find.
  if (rowCount !== between.length) throw teamReadOnly();
}
