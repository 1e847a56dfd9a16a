import { invalidField } from "../errors.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { WriteRequest } from "../tenancy/request.ts";
import type { Scope } from "../tenancy/scope.ts";
import type { Entity } from "./graph.ts";
import type { MergeCommand } from "./graph-store.ts";
import { type GraphDeps, getEntity } from "./read-graph.ts";

const TODAY = { asOf: undefined, knownAt: undefined };

/** Makes entities one. @returns what they are now. @throws MnemeError FIELD_INVALID, and as `GraphStore.merge`. */
export async function mergeEntities(
  deps: GraphDeps,
  tenancy: Tenancy,
  command: MergeCommand,
  request: WriteRequest,
  signal?: AbortSignal,
): Promise<Entity> {
  if (command.otherIds.includes(command.entityId))
    throw invalidField("other_entity_ids", "names the entity itself; leave it out");
  await deps.graph.merge(tenancy, command, request, signal);
  return getEntity(deps, tenancy, { ...TODAY, ...command }, signal);
}

/** Parts names from an entity. @returns what it has become. @throws MnemeError as `GraphStore.split`. */
export async function splitEntity(
  deps: GraphDeps,
  tenancy: Tenancy,
  command: { readonly scope: Scope; readonly entityId: string; readonly nameIds: readonly string[] },
  request: WriteRequest,
  signal?: AbortSignal,
): Promise<readonly Entity[]> {
  const before = await getEntity(deps, tenancy, { ...TODAY, ...command }, signal);
  await deps.graph.split(tenancy, command, request, signal);
  const view = await deps.graph.open(tenancy, { ...TODAY, scope: command.scope }, signal);
  return view ? view.describe([...before.names.map(({ id }) => id), ...command.nameIds]) : [];
}
