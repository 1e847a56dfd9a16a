import type { Edge, Relation, RelationEvidence } from "./graph.ts";
import type { GraphView } from "./graph-store.ts";
import { newestFirst } from "./newest-first.ts";

/** Memories that a relation names at most. */
const MOST_EVIDENCE = 10;

/**
 * Brings edges of names together to relations of entities, in the order of their newest edges. Edges inside one entity are
 * none: that two of its names are one is what its merges say.
 */
export async function relationsOf(
  view: Pick<GraphView, "messagesOf">,
  edges: readonly Edge[],
  entityOf: (nameId: string) => string,
): Promise<Relation[]> {
  const sorted = edges.toSorted(newestFirst);
  const groups = Map.groupBy(sorted, ({ sourceId, type, targetId }) =>
    [entityOf(sourceId), type, entityOf(targetId)].join("/"),
  );
  const told = [...groups].filter(
    ([, [edge]]) => edge && entityOf(edge.sourceId) !== entityOf(edge.targetId),
  );
  const memoryIds = new Set(
    told.flatMap(([, own]) => own.slice(0, MOST_EVIDENCE).map(({ memoryId }) => memoryId)),
  );
  const messages = await view.messagesOf([...memoryIds]);
  return told.map(([, own]) => {
    const [edge] = own as [Edge];
    return {
      sourceId: entityOf(edge.sourceId),
      type: edge.type,
      targetId: entityOf(edge.targetId),
      validFrom: earliest(own.map(({ validFrom }) => validFrom)),
      validTo: latest(own.map(({ validTo }) => validTo)),
      recordedFrom: earliest(own.map(({ recordedFrom }) => recordedFrom)),
      recordedTo: latest(own.map(({ recordedTo }) => recordedTo)),
      evidence: own.slice(0, MOST_EVIDENCE).map((each): RelationEvidence => {
        const { memoryId, validFrom, validTo, recordedFrom, recordedTo } = each;
        const messageIds = messages.get(memoryId) ?? [];
        return { memoryId, messageIds, validFrom, validTo, recordedFrom, recordedTo };
      }),
    };
  });
}

function earliest(times: readonly Date[]): Date {
  return new Date(Math.min(...times.map((time) => time.getTime())));
}

/** Open where one of them is. */
function latest(times: readonly (Date | undefined)[]): Date | undefined {
  const ended = times.filter((time) => time !== undefined);
  return ended.length < times.length ? undefined : new Date(Math.max(...ended.map((time) => time.getTime())));
}
