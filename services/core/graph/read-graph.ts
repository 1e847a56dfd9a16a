import type { Tenancy } from "../tenancy/caller.ts";
import { pageSizeOf } from "../tenancy/page-size.ts";
import { entityNotFound } from "./errors.ts";
import type { Direction, Entity, Relation } from "./graph.ts";
import type { EntityListing, GraphQuery, GraphStore, GraphView } from "./graph-store.ts";
import { pathsBetween } from "./paths.ts";
import { relationsOf } from "./relations.ts";
import { walk } from "./walk.ts";

export interface GraphDeps {
  readonly graph: GraphStore;
}

/** @throws MnemeError ENTITY_NOT_FOUND where no memory that the caller may read mentions it. */
export async function getEntity(
  { graph }: GraphDeps,
  tenancy: Tenancy,
  query: GraphQuery & { readonly entityId: string },
  signal?: AbortSignal,
): Promise<Entity> {
  const view = await graph.open(tenancy, query, signal);
  if (!view) throw entityNotFound(query.entityId);
  return requireEntity(view, query.entityId);
}

async function requireEntity(view: GraphView, entityId: string): Promise<Entity> {
  const [entity] = await view.describe([entityId]);
  if (!entity) throw entityNotFound(entityId);
  return entity;
}

/** One page of a scope's entities. @param listing a `pageSize` of 0 takes the default. @throws MnemeError PAGE_TOKEN_INVALID. */
export function listEntities(
  { graph }: GraphDeps,
  tenancy: Tenancy,
  listing: EntityListing,
  signal?: AbortSignal,
): Promise<{ readonly entities: readonly Entity[]; readonly nextPageToken: string }> {
  return graph.list(tenancy, { ...listing, pageSize: pageSizeOf(listing.pageSize) }, signal);
}

export interface NeighbourQuery extends GraphQuery {
  readonly entityId: string;
  readonly direction: Direction;
  readonly types: readonly string[];
  /** 1..250. */
  readonly limit: number;
}

/** An entity's relations, newest first, and the other ends. @throws MnemeError ENTITY_NOT_FOUND. */
export async function listNeighbours(
  { graph }: GraphDeps,
  tenancy: Tenancy,
  query: NeighbourQuery,
  signal?: AbortSignal,
): Promise<{ relations: readonly Relation[]; entities: readonly Entity[]; isCut: boolean }> {
  const { entityId, direction, types, limit } = query;
  const view = await graph.open(tenancy, query, signal);
  if (!view) throw entityNotFound(entityId);
  const entity = await requireEntity(view, entityId);
  const names = entity.names.map(({ id }) => id);
  // Some are of the same relation, and those between its own names are none.
  const fanOut = 2 * limit;
  const { edges, isCut } = await view.edges(names, { direction, types, fanOut });
  const ends = edges.flatMap(({ sourceId, targetId }) => [sourceId, targetId]);
  const { entityOf } = await view.groups([...new Set([...names, ...ends])]);
  const relations = await relationsOf(view, edges, (id) => entityOf.get(id) ?? id);
  const shown = relations.slice(0, limit);
  const ids = new Set([entity.id, ...shown.flatMap(({ sourceId, targetId }) => [sourceId, targetId])]);
  const entities = await view.describe([...ids]);
  return { relations: known(shown, entities), entities, isCut: isCut || relations.length > limit };
}

export interface PathQuery extends GraphQuery {
  readonly fromId: string;
  readonly toId: string;
  /** 1..3. */
  readonly maxHops: number;
  /** 1..20. */
  readonly limit: number;
  readonly types: readonly string[];
}

export interface FoundPath {
  readonly entityIds: readonly string[];
  readonly relations: readonly Relation[];
}

/** Edges of each name, and in all, that a search for paths looks at. */
const PATH_FAN_OUT = 100;
const PATH_EDGES = 4_000;

/**
 * Ways between two entities, shortest first. Both ends are walked from, each half of the way.
 *
 * @returns none where one of them is not seen.
 */
export async function findPaths(
  { graph }: GraphDeps,
  tenancy: Tenancy,
  query: PathQuery,
  signal?: AbortSignal,
): Promise<{ paths: readonly FoundPath[]; entities: readonly Entity[]; isCut: boolean }> {
  const { fromId, toId, maxHops, limit, types } = query;
  const none = { paths: [], entities: [], isCut: false };
  const view = await graph.open(tenancy, query, signal);
  if (!view) return none;
  const walked = await walk(view, [fromId, toId], {
    direction: "both",
    types,
    fanOut: PATH_FAN_OUT,
    depth: Math.ceil(maxHops / 2),
    maxEntities: Number.POSITIVE_INFINITY,
    maxEdges: PATH_EDGES,
  });
  const { entityOf, edges, cutBy } = walked;
  const found = pathsBetween(edges.values(), entityOf, [entityOf(fromId), entityOf(toId)], maxHops, limit);
  const ids = new Set(found.flatMap((steps) => [entityOf(fromId), ...steps.map(({ to }) => to)]));
  const entities = await view.describe([...ids]);
  const paths = await Promise.all(
    found.map(async (steps): Promise<FoundPath> => {
      const relations = await Promise.all(steps.map((step) => relationsOf(view, step.edges, entityOf)));
      return {
        entityIds: [entityOf(fromId), ...steps.map(({ to }) => to)],
        relations: relations.flatMap(([first]) => first ?? []),
      };
    }),
  );
  return { paths, entities, isCut: cutBy.size > 0 };
}

export interface TraverseQuery extends GraphQuery {
  readonly entityIds: readonly string[];
  /** 1..3. */
  readonly depth: number;
  readonly direction: Direction;
  readonly types: readonly string[];
  readonly maxEntities: number;
  readonly maxRelations: number;
  readonly fanOut: number;
}

export type CutBy = "entities" | "relations" | "fan_out";

/** Walks from entities; those that are not seen are left out. */
export async function traverse(
  { graph }: GraphDeps,
  tenancy: Tenancy,
  query: TraverseQuery,
  signal?: AbortSignal,
): Promise<{
  reached: readonly { readonly entity: Entity; readonly depth: number }[];
  relations: readonly Relation[];
  cutBy: readonly CutBy[];
}> {
  const { entityIds, maxRelations, ...options } = query;
  const view = await graph.open(tenancy, query, signal);
  const begun = view ? await view.describe(entityIds) : [];
  if (!view || begun.length === 0) return { reached: [], relations: [], cutBy: [] };
  const { depths, edges, entityOf, cutBy } = await walk(
    view,
    begun.flatMap(({ names }) => names.map(({ id }) => id)),
    { ...options, maxEdges: maxRelations },
  );
  const entities = await view.describe([...depths.keys()]);
  const reached = entities
    .map((entity) => ({ entity, depth: depths.get(entity.id) ?? 0 }))
    .sort((a, b) => a.depth - b.depth || (a.entity.id < b.entity.id ? -1 : 1));
  const relations = await relationsOf(view, [...edges.values()], entityOf);
  return { reached, relations: known(relations, entities), cutBy: [...cutBy] };
}

/** What vanished between two looks is not told by half. */
function known(relations: readonly Relation[], entities: readonly Entity[]): Relation[] {
  const ids = new Set(entities.map(({ id }) => id));
  return relations.filter(({ sourceId, targetId }) => ids.has(sourceId) && ids.has(targetId));
}
