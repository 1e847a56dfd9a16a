import { MnemeError } from "../errors.ts";
import { possessionsIn } from "../extraction/embedded/names/possessions.ts";
import { foldName } from "../graph/fold-name.ts";
import type { Edge, Reading } from "../graph/graph.ts";
import { adjacencyOf, pathsBetween } from "../graph/paths.ts";
import type { Metadata } from "../memory/memory.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { Participant, ScopeIds } from "../tenancy/scope.ts";
import type { QueryAnalysis } from "./analyze-query.ts";
import { passesFilter } from "./memory-filter.ts";
import type { Candidate } from "./memory-index.ts";
import type { Degradation, SearchCommand, SearchFilter } from "./search-request.ts";
import type { Stopwatch } from "./stopwatch.ts";
import { dot } from "./vector.ts";

/** What lies around some names, as one reader may see it. */
export interface Surroundings {
  /** Ids by folded name; names that nobody mentions are absent. */
  readonly idsOf: ReadonlyMap<string, readonly string[]>;
  readonly edges: readonly Edge[];
  readonly entityOf: ReadonlyMap<string, string>;
}

/** A memory as the record has it, ready to be ranked. */
export interface RecordedCandidate extends Omit<Candidate, "cosine"> {
  readonly category: string;
  readonly metadata: Metadata;
  /** Unit vector, and the model that made it. */
  readonly vector: Float32Array | undefined;
  readonly embeddingModel: string;
}

/** What the graph arm needs of the record. */
export interface PathFinder {
  /** Edges at these names, and those between what they lead to: enough for paths of three. Bounded. */
  around(
    tenancy: Tenancy,
    reading: Reading,
    folded: readonly string[],
    signal?: AbortSignal,
  ): Promise<Surroundings>;
  /** Of these memories, those that the reading shows. */
  candidates(
    tenancy: Tenancy,
    reading: Reading,
    memoryIds: readonly string[],
    signal?: AbortSignal,
  ): Promise<readonly RecordedCandidate[]>;
}

/** Memories on the ways between what a query names. */
export interface OnPaths {
  /** By memory: how good a way it is on, 0..1. */
  readonly scores: ReadonlyMap<string, number>;
  readonly candidates: readonly RecordedCandidate[];
  readonly degraded: readonly Degradation[];
}

const NOTHING: OnPaths = { scores: new Map(), candidates: [], degraded: [] };
/** As long as the index takes: beyond it the graph would make searches slower. */
const PATIENCE_MS = 150;
/** Until it has answered once: connections and plans are made at the first calls, which takes ten times as long. */
const FIRST_PATIENCE_MS = 1_000;
const WARM = new WeakSet<PathFinder>();
const WITHOUT: Degradation = {
  part: "graph",
  effect: "found without relations between what the query names",
};
const MOST_NAMES = 8;
const MOST_PATHS = 20;
const MOST_MEMORIES = 16;
/** One step's memory names both ends, and words find it; two steps are what no memory says. */
const BY_HOPS = [0, 0.5, 1, 0.7];
const UNNAMED_USER = "the user";

/** What to connect: each group one thing that the query names, in whatever forms it may be known. */
interface Anchors {
  readonly groups: readonly (readonly string[])[];
  /** Who speaks: too much hangs on them for a way through them to tell anything. */
  readonly speakers: readonly string[];
}

/**
 * What a query names besides its speakers, and what it calls somebody's ("my project"). Undefined where there are no two
 * such things to connect: of a single one words find all that the graph would.
 */
export function anchorsOf(
  query: Pick<QueryAnalysis, "text" | "entities">,
  participants: readonly Participant[],
): Anchors | undefined {
  const users = participants.filter(({ role }) => role === "user").map(({ name }) => name);
  const askers = [...new Set([...users, UNNAMED_USER])];
  const owned = possessionsIn(query.text, askers).map(foldName);
  const owners = new Set(owned.map((name) => name.split("'s ")[0]));
  const speakers = [...new Set([...participants.map(({ name }) => name), UNNAMED_USER])].map(foldName);
  const named = [...new Set(query.entities.flatMap(andApart).map(foldName))].filter(
    (name) => !owners.has(name) && !speakers.includes(name),
  );
  const spoken = speakers.filter(
    (name) =>
      name.length > 1 &&
      !owners.has(name) &&
      new RegExp(`(?<!\\p{L})${RegExp.escape(name)}(?!\\p{L})`, "iu").test(query.text),
  );
  const groups = [...(owned.length > 0 ? [owned] : []), ...named.slice(0, MOST_NAMES).map((name) => [name])];
  // Somebody who speaks counts as an end only where it is a person of whom something else is asked.
  if (groups.length === 1 && spoken.length === 1) groups.push(spoken);
  return groups.length > 1 ? { groups, speakers } : undefined;
}

/** "Rust and Postgres" may be one name, or two. */
function andApart(name: string): string[] {
  return name.includes(" and ") ? [name, ...name.split(" and ")] : [name];
}

/** Finds memories on the ways between what a query names; whatever takes too long is said and gone without. */
export async function askGraph(
  finder: PathFinder | undefined,
  tenancy: Tenancy,
  { asOf, knownAt, ranking: { recipe = "s1" } }: SearchCommand,
  scope: { readonly ids: ScopeIds; readonly participants: readonly Participant[] },
  query: QueryAnalysis,
  stopwatch: Stopwatch,
  signal?: AbortSignal,
): Promise<OnPaths> {
  const isSingleArm = recipe === "bm25" || recipe === "knn";
  const anchors = finder && !isSingleArm ? anchorsOf(query, scope.participants) : undefined;
  if (!finder || !anchors) return NOTHING;
  const patience = AbortSignal.timeout(WARM.has(finder) ? PATIENCE_MS : FIRST_PATIENCE_MS);
  const either = signal ? AbortSignal.any([signal, patience]) : patience;
  const reading = { ids: scope.ids, asOf, knownAt };
  try {
    return await stopwatch.time("graph", async () => {
      const names = [...new Set([...anchors.groups.flat(), ...anchors.speakers])];
      const scores = scorePaths(await finder.around(tenancy, reading, names, either), anchors);
      WARM.add(finder);
      if (scores.size === 0) return NOTHING;
      const candidates = await finder.candidates(tenancy, reading, [...scores.keys()], either);
      return { scores, candidates, degraded: [] };
    });
  } catch (error) {
    if (signal?.aborted || !(patience.aborted || error instanceof MnemeError)) throw error;
    return { ...NOTHING, degraded: [WITHOUT] };
  }
}

/** Memories on the ways between each two of the groups; where there are many ways, each tells less. */
export function scorePaths(
  { idsOf, edges, entityOf }: Surroundings,
  { groups, speakers }: Anchors,
): Map<string, number> {
  const entity = (id: string) => entityOf.get(id) ?? id;
  const entitiesOf = (names: readonly string[]) => [
    ...new Set(names.flatMap((name) => idsOf.get(name) ?? []).map(entity)),
  ];
  const hubs = new Set(entitiesOf(speakers));
  const next = adjacencyOf(edges, entity);
  const scores = new Map<string, number>();
  for (const [index, group] of groups.entries()) {
    for (const other of groups.slice(index + 1)) {
      for (const from of entitiesOf(group)) {
        for (const to of entitiesOf(other)) {
          if (from === to) continue;
          const paths = pathsBetween(next, [from, to], 3, MOST_PATHS, (id) => !hubs.has(id));
          for (const steps of paths) {
            const score = (BY_HOPS[steps.length] ?? 0) / Math.sqrt(paths.length);
            for (const { memoryId } of steps.flatMap((step) => step.edges.slice(0, 2)))
              scores.set(memoryId, Math.max(score, scores.get(memoryId) ?? 0));
          }
        }
      }
    }
  }
  return new Map([...scores].toSorted(([, a], [, b]) => b - a).slice(0, MOST_MEMORIES));
}

/** Gives candidates what the graph says of them, and adds those that no other arm found. */
export function joinPaths(
  candidates: readonly Candidate[],
  { scores, candidates: recorded }: OnPaths,
  filter: SearchFilter,
  query: { readonly vector: Float32Array | undefined; readonly model: string },
): readonly Candidate[] {
  if (scores.size === 0) return candidates;
  const known = new Set(candidates.map(({ memoryId }) => memoryId));
  const found = candidates.map((one) => {
    const graph = scores.get(one.memoryId);
    return graph === undefined ? one : { ...one, graph };
  });
  const added = recorded.flatMap((one) => {
    const graph = scores.get(one.memoryId);
    if (
      graph === undefined ||
      known.has(one.memoryId) ||
      !passesFilter({ ...one, saidAt: [one.saidAt] }, filter)
    )
      return [];
    const { vector, embeddingModel, category: _, metadata: __, ...rest } = one;
    return [{ ...rest, cosine: cosineOf({ vector, embeddingModel }, query), graph }];
  });
  return [...found, ...added];
}

/** Of unit vectors; 0 where two models made them. */
export function cosineOf(
  { vector, embeddingModel }: Pick<RecordedCandidate, "vector" | "embeddingModel">,
  query: { readonly vector: Float32Array | undefined; readonly model: string },
): number {
  const isComparable =
    query.vector && vector?.length === query.vector.length && embeddingModel === query.model;
  return isComparable ? dot(vector, query.vector) : 0;
}
