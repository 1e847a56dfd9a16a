import { memoryBytes } from "../memory/memory-bytes.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import { countTokens } from "../tokens/count-tokens.ts";
import { analyzeQuery } from "./analyze-query.ts";
import { askArchive } from "./archive-arm.ts";
import { degradedBefore, degradedBehind } from "./degradations.ts";
import { fillBudget, type Load } from "./fill-budget.ts";
import { canGoWithout, indexFilter } from "./find-candidates.ts";
import type { ScoredCandidate } from "./fuse.ts";
import type { Candidate } from "./memory-index.ts";
import type { Multipliers } from "./multipliers.ts";
import { openSearch } from "./open-search.ts";
import { recentCandidates, timesOf } from "./recent-candidates.ts";
import { resolveScope, type SearchedScope } from "./resolve-scope.ts";
import { noteSearched, type SearchDeps, type SearchOptions } from "./search-memories.ts";
import type {
  Degradation,
  LeftOut,
  LeftOutReason,
  SearchCommand,
  SearchHit,
  SearchResult,
} from "./search-request.ts";
import type { ShownMemory } from "./search-store.ts";
import { Stopwatch } from "./stopwatch.ts";
import { tellApart } from "./tell-apart.ts";

/** As of a search; `limit` is how many. */
export type MostRecentCommand = Omit<SearchCommand, "query" | "ranking" | "minSimilarity" | "minScore">;

/** Memories of the record that are looked through where the index is down. */
const LOOKED_THROUGH = 200;
/** Asked for beside those that are wanted: what was deleted a moment ago stands in the index still. */
const SPARE = 20;
const MOST_LEFT_OUT = 50;
const BY_RECORD: Degradation = {
  part: "index",
  effect: `the newest of the ${LOOKED_THROUGH} that were learnt last`,
};
const NOT_THEN: Degradation = { part: "index", effect: "without what was so or known at another time" };

/**
 * The memories of a scope that were said last and pass the filter, newest first; told again counts. Nothing is embedded
 * and nothing ranked: every score is 0. All fences of a search hold.
 *
 * @throws MnemeError as `searchMemories`.
 */
export async function mostRecent(
  given: SearchDeps,
  tenancy: Tenancy,
  command: MostRecentCommand,
  signal?: AbortSignal,
  options: SearchOptions = {},
): Promise<SearchResult> {
  const stopwatch = new Stopwatch();
  const { ofProject, deps } = await openSearch(given, tenancy, command, signal);
  const scope = await stopwatch.time("resolve", () =>
    resolveScope(deps, tenancy, command, ofProject, signal),
  );
  const time = undefined;
  if (!scope) return { hits: [], leftOut: [], degraded: [], tokens: 0, time, timings: stopwatch.read() };
  const asked: SearchCommand = { ...command, query: "", ranking: {} };
  const [newest, archived] = await Promise.all([
    askNewest(deps, tenancy, asked, scope, stopwatch, signal),
    askArchive(deps.search, tenancy, asked, scope.ids, stopwatch, signal),
  ]);
  const memories = archived.memories.map(({ memory }) => memory);
  const ordered = inOrder([...newest.candidates, ...asCandidates(memories, asked)]);
  const leftOut = new Map<ScoredCandidate, LeftOutReason>();
  const budget = { bytesOf: memoryBytes, ...command, ...options };
  const filled = await fillBudget(ordered, newest.load, leftOut, budget, stopwatch);
  noteSearched(deps, tenancy, scope);
  return {
    hits: tellApart(filled.hits.map(({ memory }) => toHit(memory))),
    leftOut: [...leftOut].slice(0, MOST_LEFT_OUT).map(([scored, reason]) => toLeftOut(scored, reason)),
    degraded: [
      ...degradedBefore(ofProject, scope, newest.isIndexed),
      ...newest.degraded,
      ...archived.degraded,
      ...degradedBehind(scope),
    ],
    tokens: filled.tokens,
    time,
    timings: stopwatch.read(),
  };
}

interface Newest {
  readonly candidates: readonly Candidate[];
  readonly load: Load;
  readonly isIndexed: boolean;
  readonly degraded: readonly Degradation[];
}

/** Of the index, which knows every filter; where it is down, of the record's newest. */
async function askNewest(
  { index, search }: Pick<SearchDeps, "index" | "search">,
  tenancy: Tenancy,
  command: SearchCommand,
  { ids, teams }: SearchedScope,
  stopwatch: Stopwatch,
  signal: AbortSignal | undefined,
): Promise<Newest> {
  const { limit, asOf, knownAt } = command;
  const newest = limit + SPARE;
  const filter = { ...indexFilter(tenancy, ids, command), teams };
  const request = { filter, vector: undefined, keywords: "", entities: [], newest, pool: newest };
  try {
    const { candidates } = await stopwatch.time("index", () => index.candidates(request, signal));
    const load: Load = (refs) => search.hydrate(tenancy, ids, refs, { asOf, knownAt }, signal);
    return { candidates, load, isIndexed: true, degraded: [] };
  } catch (error) {
    if (!canGoWithout(error, signal)) throw error;
    const isPast = asOf !== undefined || knownAt !== undefined;
    const memories = isPast ? [] : await search.recent(tenancy, ids, LOOKED_THROUGH, signal);
    const byId = new Map(memories.map((memory) => [memory.id, memory]));
    const load: Load = async (refs) => refs.flatMap(({ memoryId }) => byId.get(memoryId) ?? []);
    const degraded = [isPast ? NOT_THEN : BY_RECORD];
    return { candidates: asCandidates(memories, command), load, isIndexed: false, degraded };
  }
}

/** Those that pass the filter. */
function asCandidates(memories: readonly ShownMemory[], { filter }: SearchCommand): Candidate[] {
  const lastSaid = new Map(
    memories.map((memory) => [memory.id, Math.max(...timesOf(memory).map((time) => time.getTime()))]),
  );
  return recentCandidates(memories, analyzeQuery("", { participants: [] }), filter).map((one) => {
    return { ...one, lastSaidAt: new Date(lastSaid.get(one.memoryId) ?? one.saidAt) };
  });
}

/** Newest first; of one moment what was learnt last. Each once. */
function inOrder(candidates: readonly Candidate[]): ScoredCandidate[] {
  const once = new Map(candidates.map((one) => [one.memoryId, one]));
  const timeOf = ({ lastSaidAt, saidAt }: Candidate) => (lastSaidAt ?? saidAt).getTime();
  return [...once.values()]
    .sort((a, b) => timeOf(b) - timeOf(a) || (a.memoryId < b.memoryId ? 1 : -1))
    .map((candidate) => ({ candidate, score: 0, base: 0, parts: {}, factors: UNRANKED }));
}

const UNRANKED: Multipliers = {
  recency: 1,
  importance: 1,
  confidence: 1,
  origin: 1,
  kind: 1,
  feedback: 1,
  strength: 1,
};

function toHit(memory: ShownMemory): SearchHit {
  const parts = {
    similarity: 0,
    bm25: 0,
    entity: 0,
    terms: {},
    fused: 0,
    factors: UNRANKED,
    rerank: undefined,
  };
  return { memory, layer: memory.layer, score: 0, parts, tokens: countTokens(memory.text) };
}

function toLeftOut({ candidate, score }: ScoredCandidate, reason: LeftOutReason): LeftOut {
  return { memoryId: candidate.memoryId, reason, score, kind: candidate.kind };
}
