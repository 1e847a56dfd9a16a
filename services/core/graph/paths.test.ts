import fc from "fast-check";
import { expect, it } from "vitest";
import type { Edge } from "./graph.ts";
import { type Adjacency, adjacencyOf, pathsBetween } from "./paths.ts";

const NODES = ["a", "b", "c", "d", "e", "f"];

function edgeOf(sourceId: string, targetId: string, i: number): Edge {
  const at = new Date(i);
  return {
    id: `e${i}`,
    sourceId,
    targetId,
    type: "knows",
    memoryId: `m${i}`,
    validFrom: at,
    recordedFrom: at,
  } as Edge;
}

/** All simple ways, by trying them. */
function waysOf(next: Adjacency, way: readonly string[], to: string, hops: number): string[][] {
  const at = way.at(-1) ?? "";
  if (at === to) return [[...way]];
  if (hops === 0) return [];
  return [...(next.get(at)?.keys() ?? [])]
    .filter((end) => !way.includes(end))
    .flatMap((end) => waysOf(next, [...way, end], to, hops - 1));
}

it("finds every simple way of so many steps, the shortest first, whatever the graph", () => {
  const node = fc.constantFrom(...NODES);
  const pairs = fc.array(fc.tuple(node, node), { maxLength: 18 });
  fc.assert(
    fc.property(pairs, fc.integer({ min: 1, max: 4 }), fc.subarray(NODES), (links, maxHops, closed) => {
      const edges = links.map(([source, target], i) => edgeOf(source, target, i));
      const next = adjacencyOf(edges, (id) => id);
      const isThrough = (id: string) => !closed.includes(id);
      const found = pathsBetween(next, ["a", "f"], maxHops, 1_000, isThrough);
      const ways = found.map((steps) => ["a", ...steps.map(({ to }) => to)]);
      const all = waysOf(next, ["a"], "f", maxHops).filter((way) => way.slice(1, -1).every(isThrough));
      expect(ways.map(String).sort()).toEqual(all.map(String).sort());
      expect(ways.map(({ length }) => length)).toEqual(ways.map(({ length }) => length).sort());
      for (const steps of found)
        for (const [i, step] of steps.entries()) {
          const ends = [steps[i - 1]?.to ?? "a", step.to].sort();
          expect(
            step.edges.every((edge) => String([edge.sourceId, edge.targetId].sort()) === String(ends)),
          ).toBe(true);
        }
    }),
  );
});

it("takes a name for the entity that it is of, and several edges of two entities for one step", () => {
  const entityOf = (id: string) => id.slice(0, 1);
  const edges = [edgeOf("a1", "b1", 1), edgeOf("b2", "a2", 2), edgeOf("b1", "b2", 3), edgeOf("b1", "c1", 4)];
  const [path] = pathsBetween(adjacencyOf(edges, entityOf), ["a", "c"], 3, 10);
  expect(path?.map(({ to, edges: along }) => [to, along.map(({ id }) => id)])).toEqual([
    ["b", ["e2", "e1"]],
    ["c", ["e4"]],
  ]);
});
