import { foldName } from "@mneme/core/graph/fold-name.ts";
import type { Edge } from "@mneme/core/graph/graph.ts";
import { sameNames } from "@mneme/core/graph/same-names.ts";
import type { QueryAnalysis } from "@mneme/core/search/analyze-query.ts";
import { anchorsOf, scorePaths } from "@mneme/core/search/graph-arm.ts";
import type { SimulatedScope } from "./simulate.ts";

/**
 * What the graph is asked to connect: as the product does, or whatever a question names, its speakers too, so that the
 * arm fires where the product lets it be and shows what it would spoil.
 */
export type GraphAnchors = "product" | "any";

function anyAnchors({ text, entities }: QueryAnalysis, participants: readonly string[]) {
  const spoken = participants.filter((name) => text.toLowerCase().includes(name.toLowerCase()));
  const named = [...new Set([...entities, ...spoken].map(foldName))];
  const ends = named.length > 1 ? named : [...new Set([...named, ...participants.map(foldName)])];
  return ends.length > 1 ? { groups: ends.map((name) => [name]), speakers: [] } : undefined;
}

/** A scope's graph as the record would have it: ranks memories by the ways between what a query names. */
export function simulateGraph({ documents }: SimulatedScope, participants: readonly string[]) {
  const types = new Map<string, string>();
  for (const { mentions } of documents)
    for (const { name, type } of mentions) {
      const folded = foldName(name);
      if (type !== "other" || !types.has(folded)) types.set(folded, type);
    }
  const known = [...types].map(([folded, type]) => ({ id: folded, folded, type }));
  const entityOf = new Map<string, string>();
  const root = (id: string): string => {
    const above = entityOf.get(id);
    return above === undefined ? id : root(above);
  };
  for (const { a, b } of sameNames(new Set(types.keys()), known).pairs)
    if (root(a) !== root(b)) entityOf.set(root(a), root(b));
  const edges = documents.flatMap(({ candidate, relations }) =>
    relations.map(({ source, type, target }, i): Edge => {
      const times = { validFrom: candidate.saidAt, validTo: undefined, recordedFrom: candidate.saidAt };
      const ends = { sourceId: foldName(source), type, targetId: foldName(target) };
      const { memoryId } = candidate;
      return { id: `${memoryId}/${i}`, memoryId, ...ends, ...times, recordedTo: undefined };
    }),
  );
  const names = new Set(edges.flatMap(({ sourceId, targetId }) => [sourceId, targetId]));
  const around = {
    idsOf: new Map([...names].map((name) => [name, [name]])),
    edges,
    entityOf: new Map([...names].map((name) => [name, root(name)])),
  };
  const speakers = participants.map((name) => ({ name, role: "user" as const }));
  return (query: QueryAnalysis, from: GraphAnchors): ReadonlyMap<string, number> => {
    const anchors = from === "product" ? anchorsOf(query, speakers) : anyAnchors(query, participants);
    return anchors ? scorePaths(around, anchors) : new Map();
  };
}
