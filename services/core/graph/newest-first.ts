import type { Edge } from "./graph.ts";

/** Order of edges: what we learnt last comes first. An id tells nothing of when: a memory that changed tells its edges anew. */
export function newestFirst(one: Edge, other: Edge): number {
  const later = other.recordedFrom.getTime() - one.recordedFrom.getTime();
  return later || (one.id < other.id ? 1 : -1);
}
