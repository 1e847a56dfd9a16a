import type { Edge } from "./graph.ts";
import { newestFirst } from "./newest-first.ts";

/** One step of a path: the entity that it leads to, and the edges that do. */
export interface Step {
  readonly to: string;
  readonly edges: readonly Edge[];
}

/**
 * Simple paths between two entities over known edges, shortest first; of one length those that lead through what has the
 * fewest neighbours, then those of newer edges. Edges are followed either way; several of the same two entities are one step.
 *
 * @param most paths at most.
 * @param isThrough which entities a path may lead through; every one by default.
 */
export function pathsBetween(
  edges: Iterable<Edge>,
  entityOf: (nameId: string) => string,
  [from, to]: readonly [from: string, to: string],
  maxHops: number,
  most: number,
  isThrough: (entityId: string) => boolean = () => true,
): Step[][] {
  const next = adjacency(edges, entityOf);
  const paths: Step[][] = [];
  let open: { readonly at: string; readonly steps: readonly Step[] }[] = [{ at: from, steps: [] }];
  for (let hops = 0; hops < maxHops && paths.length < most && open.length > 0; hops += 1) {
    const longer: typeof open = [];
    const whole: Step[][] = [];
    for (const { at, steps } of open) {
      for (const [end, along] of next.get(at) ?? []) {
        if (end === from || steps.some((step) => step.to === end)) continue;
        const extended = [...steps, { to: end, edges: along }];
        if (end === to) whole.push(extended);
        else if (isThrough(end)) longer.push({ at: end, steps: extended });
      }
    }
    const degree = (path: readonly Step[]) =>
      path.slice(0, -1).reduce((sum, step) => sum + (next.get(step.to)?.size ?? 0), 0);
    paths.push(...whole.sort((a, b) => degree(a) - degree(b)));
    open = longer;
  }
  return paths.slice(0, most);
}

/** By entity, its neighbours and the edges to them; newest first. */
function adjacency(
  edges: Iterable<Edge>,
  entityOf: (nameId: string) => string,
): Map<string, Map<string, Edge[]>> {
  const next = new Map<string, Map<string, Edge[]>>();
  const add = (a: string, b: string, edge: Edge) => {
    const ends = next.get(a) ?? new Map<string, Edge[]>();
    next.set(a, ends);
    ends.set(b, [...(ends.get(b) ?? []), edge]);
  };
  for (const edge of [...edges].sort(newestFirst)) {
    const [a, b] = [entityOf(edge.sourceId), entityOf(edge.targetId)];
    if (a === b) continue;
    add(a, b, edge);
    add(b, a, edge);
  }
  return next;
}
