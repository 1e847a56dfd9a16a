import type { Tenancy } from "../../tenancy/caller.ts";
import type { QueryAnalysis } from "../analyze-query.ts";
import { type Asking, type Found, findCandidates } from "../find-candidates.ts";
import type { SearchCommand } from "../search-request.ts";
import type { Stopwatch } from "../stopwatch.ts";
import { type AnchorDeps, findAnchor } from "./find-anchor.ts";
import { mayBeMeant } from "./read-query-time.ts";

export interface FoundInTime extends Found {
  /** With the time of the event that it names, where that was found. */
  readonly query: QueryAnalysis;
}

/**
 * As `findCandidates`, and beside it looks up the event that the query tells its time by. What has ended is left out
 * unless it was so in the time that the query names.
 *
 * @param asking `names` are of those who speak in the scope.
 */
export async function findInTime(
  deps: AnchorDeps,
  tenancy: Tenancy,
  command: SearchCommand,
  asking: Asking & { readonly names: readonly string[] },
  stopwatch: Stopwatch,
  signal?: AbortSignal,
): Promise<FoundInTime> {
  const { time } = asking.query;
  const [found, anchored] = await Promise.all([
    findCandidates(deps, tenancy, command, asking, stopwatch, signal),
    time && findAnchor(deps, tenancy, command, time, asking, signal),
  ]);
  if (!anchored) return { ...found, query: asking.query };
  const now = new Date();
  const candidates = found.candidates?.filter(({ valid }) => mayBeMeant(valid, anchored, now));
  return { ...found, candidates, query: { ...asking.query, time: anchored } };
}
