import type { Edge } from "./graph.ts";
import { newestFirst } from "./newest-first.ts";

/** One step of a path: the entity that it leads to, and the edges that do. */
export interface Step {
  readonly to: string;
  readonly edges: readonly Edge[];
}

/** By entity, its neighbours and the edges to them; newest first. */
export type Adjacency = ReadonlyMap<string, ReadonlyMap<string, readonly Edge[]>>;

/**
 * Simple paths between two entities over known edges, shortest first; of one length those that lead through what has the
 * fewest neighbours, then those of newer edges. Edges are followed either way; several of the same two entities are one step.
 *
 * @param most paths at most.
 * @param isThrough which entities a path may lead through; every one by default.
 */
export function pathsBetween(
  next: Adjacency,
  [from, to]: readonly [from: string, to: string],
  maxHops: number,
  most: number,
  isThrough: (entityId: string) => boolean = () => true,
): Step[][] {
  const paths: Step[][] = [];
  let open: { readonly at: string; readonly steps: readonly Step[] }[] = [{ at: from, steps: [] }];
  for (let hops = 0; hops < maxHops && paths.length < most && open.length > 0; hops += 1) {
    const longer: typeof open = [];
    const whole: Step[][] = [];
    // What the last step starts from must have the end as a neighbour: of most entities on the way nothing else is looked at.
    const left = maxHops - hops - 1;
    const leadsOn = (end: string) => left > 0 && isThrough(end) && (left > 1 || next.get(end)?.has(to));
    for (const { at, steps } of open) {
      const direct = next.get(at)?.get(to);
      if (direct) whole.push([...steps, { to, edges: direct }]);
      if (left === 0) continue;
      for (const [end, along] of next.get(at) ?? []) {
        if (end === to || end === from || !leadsOn(end) || steps.some((step) => step.to === end)) continue;
        longer.push({ at: end, steps: [...steps, { to: end, edges: along }] });
      }
    }
    const degree = (path: readonly Step[]) =>
      path.slice(0, -1).reduce((sum, step) => sum + (next.get(step.to)?.size ?? 0), 0);
    paths.push(...whole.sort((a, b) => degree(a) - degree(b)));
    open = longer;
  }
  return paths.slice(0, most);
}

/** @param entityOf the entity that a name is of. */
export function adjacencyOf(edges: Iterable<Edge>, entityOf: (nameId: string) => string): Adjacency {
  const next = new Map<string, Map<string, Edge[]>>();
  const add = (a: string, b: string, edge: Edge) => {
    const ends = next.get(a) ?? new Map<string, Edge[]>();
    next.set(a, ends);
    const along = ends.get(b);
    if (along) along.push(edge);
    else ends.set(b, [edge]);
  };
  for (const edge of [...edges].sort(newestFirst)) {
    const [a, b] = [entityOf(edge.sourceId), entityOf(edge.targetId)];
    if (a === b) continue;
    add(a, b, edge);
    add(b, a, edge);
  }
  return next;
}
