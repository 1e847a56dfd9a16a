import type { Tenancy } from "../tenancy/caller.ts";
import { pageSizeOf } from "../tenancy/page-size.ts";
import { entityNotFound } from "./errors.ts";
import type { Direction, Edge, Entity, Relation } from "./graph.ts";
import type { EntityListing, GraphQuery, GraphStore, GraphView } from "./graph-store.ts";
import { adjacencyOf, pathsBetween } from "./paths.ts";
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
  const own = await view.groups([entityId]);
  const names = [...own.entityOf.keys()];
  // Some are of the same relation, and those between its own names are none.
  const fanOut = 2 * limit;
  const { edges, isCut } = await view.edges(names, { direction, types, fanOut });
  const ends = edges.flatMap(({ sourceId, targetId }) => [sourceId, targetId]);
  const groups = await view.groups([...new Set([...names, ...ends])]);
  const entityOf = (id: string) => groups.entityOf.get(id) ?? id;
  const [relations, entities] = await Promise.all([
    relationsOf(view, edges, entityOf),
    view.describe([entityId, ...ends], { groups, edges }),
  ]);
  if (!entities.some(({ id }) => id === entityOf(entityId))) throw entityNotFound(entityId);
  const shown = relations.slice(0, limit);
  const ids = new Set([
    entityOf(entityId),
    ...shown.flatMap(({ sourceId, targetId }) => [sourceId, targetId]),
  ]);
  return {
    relations: known(shown, entities),
    entities: entities.filter(({ id }) => ids.has(id)),
    isCut: isCut || relations.length > limit,
  };
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

/** Edges of each name and way, and in all, that a search for paths looks at. */
const PATH_FAN_OUT = 100;
const PATH_EDGES = 400;

/**
 * Ways between two entities, shortest first: what both ends lead to, and for paths of three what lies between that.
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
  const near = await walk(view, [fromId, toId], {
    direction: "both",
    types,
    fanOut: PATH_FAN_OUT,
    depth: 1,
    maxEntities: Number.POSITIVE_INFINITY,
    maxEdges: PATH_EDGES,
  });
  const { entityOf, groups } = near;
  const between =
    maxHops < 3 ? { edges: [], isCut: false } : await view.between([...groups.entityOf.keys()], types);
  const edges = new Map([...near.edges.values(), ...between.edges].map((edge) => [edge.id, edge]));
  const found = pathsBetween(
    adjacencyOf(edges.values(), entityOf),
    [entityOf(fromId), entityOf(toId)],
    maxHops,
    limit,
  );
  const ids = new Set(found.flatMap((steps) => [entityOf(fromId), ...steps.map(({ to }) => to)]));
  const told = new Map(found.flat().flatMap((step) => step.edges.map((edge) => [edge.id, edge])));
  const [entities, relations] = await Promise.all([
    view.describe([...ids], { groups, edges: [...told.values()] }),
    relationsOf(view, [...told.values()], entityOf),
  ]);
  const paths = found.map((steps): FoundPath => {
    return {
      entityIds: [entityOf(fromId), ...steps.map(({ to }) => to)],
      relations: steps.flatMap(
        ({ edges: [newest] }) => relations.find((one) => newest && tells(one, newest, entityOf)) ?? [],
      ),
    };
  });
  return { paths, entities, isCut: near.cutBy.size > 0 || between.isCut };
}

function tells(relation: Relation, edge: Edge, entityOf: (nameId: string) => string): boolean {
  const { sourceId, type, targetId } = relation;
  return type === edge.type && sourceId === entityOf(edge.sourceId) && targetId === entityOf(edge.targetId);
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
  if (!view) return { reached: [], relations: [], cutBy: [] };
  const walked = await walk(view, entityIds, { ...options, maxEdges: maxRelations });
  const { depths, edges, entityOf, groups, cutBy } = walked;
  const [entities, relations] = await Promise.all([
    view.describe([...depths.keys()], { groups, edges: [...edges.values()] }),
    relationsOf(view, [...edges.values()], entityOf),
  ]);
  const reached = entities
    .map((entity) => ({ entity, depth: depths.get(entity.id) ?? 0 }))
    .sort((a, b) => a.depth - b.depth || (a.entity.id < b.entity.id ? -1 : 1));
  return { reached, relations: known(relations, entities), cutBy: [...cutBy] };
}

/** What vanished between two looks is not told by half. */
function known(relations: readonly Relation[], entities: readonly Entity[]): Relation[] {
  const ids = new Set(entities.map(({ id }) => id));
  return relations.filter(({ sourceId, targetId }) => ids.has(sourceId) && ids.has(targetId));
}
