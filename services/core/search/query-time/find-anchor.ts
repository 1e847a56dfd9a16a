import { MnemeError } from "../../errors.ts";
import type { Tenancy } from "../../tenancy/caller.ts";
import { analyzeQuery } from "../analyze-query.ts";
import { type Asking, type FindDeps, findCandidates } from "../find-candidates.ts";
import { fuse } from "../fuse.ts";
import type { SearchCommand } from "../search-request.ts";
import type { SearchStore } from "../search-store.ts";
import { Stopwatch } from "../stopwatch.ts";
import { anchoredSpan, chooseAnchor } from "./choose-anchor.ts";
import type { AnchoredTime, QueryTime } from "./read-query-time.ts";

export interface AnchorDeps extends FindDeps {
  readonly search: Pick<SearchStore, "hydrate">;
}

/** Memories in which the event is sought. */
const READ = 8;

/**
 * Looks up the event that a query tells its time by among the memories that the search may show, by one more search.
 * Where it is not found, or the engines don't answer, the time stays open.
 *
 * @param names of those who speak in the scope.
 */
export async function findAnchor(
  deps: AnchorDeps,
  tenancy: Tenancy,
  command: SearchCommand,
  time: QueryTime,
  { names, ...asking }: Pick<Asking, "ids" | "teams" | "languages"> & { readonly names: readonly string[] },
  signal?: AbortSignal,
): Promise<AnchoredTime> {
  const { anchor } = time;
  if (!anchor) return time;
  const { asOf, knownAt } = command;
  const options = { asOf, knownAt, withEnded: true, withoutSources: true };
  const query = analyzeQuery(anchor.phrase, { participants: names, time: { ...time, anchor: undefined } });
  const asked = { ...command, query: anchor.phrase, filter: {}, ranking: {}, limit: READ };
  try {
    const found = await findCandidates(
      deps,
      tenancy,
      asked,
      { ...asking, query, early: undefined },
      new Stopwatch(),
      signal,
    );
    const refs = fuse(found.candidates ?? [], query, { now: new Date() })
      .slice(0, READ)
      .map(({ candidate }) => candidate);
    const memories = await deps.search.hydrate(tenancy, asking.ids, refs, options, signal);
    const placeOf = new Map(refs.map(({ memoryId }, place) => [memoryId, place]));
    const ranked = memories.toSorted((a, b) => (placeOf.get(a.id) ?? 0) - (placeOf.get(b.id) ?? 0));
    const memory = chooseAnchor(anchor, ranked);
    if (!memory) return time;
    const eventCosines = new Map(found.candidates?.map(({ memoryId, cosine }) => [memoryId, cosine]));
    return { ...time, span: anchoredSpan(anchor, memory), anchorMemoryId: memory.id, eventCosines };
  } catch (error) {
    if (signal?.aborted || !(error instanceof MnemeError)) throw error;
    return time;
  }
}
