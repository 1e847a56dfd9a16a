import type { Edge, EntityMerge } from "./graph.ts";
import type { GraphView, Groups, HopOptions } from "./graph-store.ts";

/** What a walk has met so far. Entities are known by their ids, edges by those of the names that they join. */
export interface Walked {
  /** Each entity's distance from where the walk began. */
  readonly depths: ReadonlyMap<string, number>;
  readonly edges: ReadonlyMap<string, Edge>;
  /** A name's entity, and its own id of a name that nothing is known of. */
  entityOf(nameId: string): string;
  /** Of all names that were met. */
  readonly groups: Groups;
  readonly cutBy: ReadonlySet<"entities" | "relations" | "fan_out">;
}

export interface WalkOptions extends HopOptions {
  readonly depth: number;
  readonly maxEntities: number;
  readonly maxEdges: number;
}

/**
 * Walks from names breadth first, the newest edges of each entity first; merged names are one step. Edges are kept where both
 * of their ends are.
 */
export async function walk(
  view: Pick<GraphView, "groups" | "edges">,
  nameIds: readonly string[],
  { depth, maxEntities, maxEdges, ...hop }: WalkOptions,
): Promise<Walked> {
  const namesOf = new Map<string, string[]>();
  const entityByName = new Map<string, string>();
  const entityOf = (nameId: string) => entityByName.get(nameId) ?? nameId;
  const depths = new Map<string, number>();
  const edges = new Map<string, Edge>();
  const cutBy = new Set<"entities" | "relations" | "fan_out">();
  const merges: EntityMerge[] = [];
  const learn = async (ids: readonly string[]) => {
    const unknown = [...new Set(ids)].filter((id) => !entityByName.has(id));
    const { entityOf: found, merges: made } = await view.groups(unknown);
    merges.push(...made);
    for (const [name, entity] of found) {
      if (entityByName.has(name)) continue;
      entityByName.set(name, entity);
      namesOf.set(entity, [...(namesOf.get(entity) ?? []), name]);
    }
  };
  const meet = (entity: string, at: number) => {
    if (depths.has(entity)) return true;
    if (depths.size >= maxEntities) {
      cutBy.add("entities");
      return false;
    }
    depths.set(entity, at);
    return true;
  };
  await learn(nameIds);
  for (const id of nameIds) meet(entityOf(id), 0);
  for (let at = 0; at < depth; at += 1) {
    const frontier = [...depths].flatMap(([entity, reached]) =>
      reached === at ? (namesOf.get(entity) ?? []) : [],
    );
    if (frontier.length === 0) break;
    const found = await view.edges(frontier, hop);
    if (found.isCut) cutBy.add("fan_out");
    await learn(found.edges.flatMap(({ sourceId, targetId }) => [sourceId, targetId]));
    for (const edge of found.edges) {
      if (edges.has(edge.id)) continue;
      if (edges.size >= maxEdges) {
        cutBy.add("relations");
        break;
      }
      const ends = [entityOf(edge.sourceId), entityOf(edge.targetId)];
      if (ends.map((end) => meet(end, at + 1)).every(Boolean)) edges.set(edge.id, edge);
    }
  }
  return { depths, edges, entityOf, groups: { entityOf: entityByName, merges }, cutBy };
}
