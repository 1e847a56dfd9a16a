import type { Presence } from "../ageing/presence.ts";
import type { FreshnessDeps } from "../freshness/await-freshness.ts";
import { type Language, languageOf } from "../language/languages.ts";
import type { Memory } from "../memory/memory.ts";
import { memoryBytes } from "../memory/memory-bytes.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { ScopeIds } from "../tenancy/scope.ts";
import type { SettingsOf } from "../tenancy/settings-of.ts";
import { countTokens } from "../tokens/count-tokens.ts";
import { analyzeQuery, type QueryAnalysis } from "./analyze-query.ts";
import { askArchive, joinArchived } from "./archive-arm.ts";
import { degradedBefore, degradedBehind } from "./degradations.ts";
import { fillBudget, type Load } from "./fill-budget.ts";
import { embedEarly, type FindDeps } from "./find-candidates.ts";
import { fuse, type ScoredCandidate } from "./fuse.ts";
import { fuseOptions } from "./fuse-options.ts";
import { askGraph, joinPaths, type PathFinder } from "./graph-arm.ts";
import type { KnownParticipants } from "./known-participants.ts";
import type { Candidate } from "./memory-index.ts";
import { openSearch } from "./open-search.ts";
import { findInTime } from "./query-time/find-in-time.ts";
import { readQueryTime } from "./query-time/read-query-time.ts";
import { rankByFeedback } from "./rank-by-feedback.ts";
import { recentCandidates } from "./recent-candidates.ts";
import { type Reranking, rerank } from "./rerank.ts";
import { resolveScope, type SearchedScope } from "./resolve-scope.ts";
import type { LeftOut, LeftOutReason, SearchCommand, SearchHit, SearchResult } from "./search-request.ts";
import type { SearchStore, ShownMemory } from "./search-store.ts";
import { Stopwatch } from "./stopwatch.ts";
import { strengthFactors } from "./strength-factors.ts";
import { tellApart } from "./tell-apart.ts";

export interface SearchDeps extends FindDeps, FreshnessDeps {
  readonly search: SearchStore;
  readonly settings: SettingsOf;
  readonly participants: KnownParticipants;
  /** Undefined: nobody notes who is searched for. */
  readonly presence?: Pick<Presence, "note"> | undefined;
  /** Undefined: searches go without the graph. */
  readonly paths?: PathFinder | undefined;
  /** Undefined: this deployment has no reranker. */
  readonly reranking?: Reranking | undefined;
}

export interface SearchOptions {
  /** What is written around each text and counted with it; nothing by default. */
  readonly render?: (memory: Memory) => string;
  /** Bytes that a memory takes in the answer; with its sources by default. */
  readonly bytesOf?: (memory: Memory) => number;
}

/** Memories that are looked through where the index is down. */
const RECENT = 200;
const MOST_LEFT_OUT = 50;

/**
 * Finds memories and packs the best into a token budget. Nothing is shown that the record does not show at
 * this moment, however stale the index is; what an answer lacks is said.
 *
 * @throws MnemeError DEPENDENCY_UNAVAILABLE when the record does not answer, FRESHNESS_TOKEN_INVALID,
 *   FRESHNESS_TIMEOUT.
 */
export async function searchMemories(
  given: SearchDeps,
  tenancy: Tenancy,
  asked: SearchCommand,
  signal?: AbortSignal,
  options: SearchOptions = {},
): Promise<SearchResult> {
  const stopwatch = new Stopwatch();
  const { ofProject, deps } = await openSearch(given, tenancy, asked, signal);
  const command = { ...asked, ranking: { ...ofProject.ranking, ...asked.ranking } };
  const now = new Date();
  const language = languageOf(ofProject.language);
  const read = readQueryTime(command.query, command.asOf ?? now, language);
  // A caller's own time decides what may be shown.
  const time = read && command.asOf ? { ...read, withEnded: false } : read;
  const analyze = (participants: readonly string[]) =>
    analyzeQuery(command.query, { participants, now: command.asOf ?? now, language, time });
  const guess = deps.participants.recall(tenancy, command.scope);
  const early = guess && embedEarly(deps, command, analyze(guess), stopwatch, signal);
  const scope = await stopwatch.time("resolve", () =>
    resolveScope(deps, tenancy, command, ofProject, signal),
  );
  const names = scope?.participants.map(({ name }) => name) ?? [];
  deps.participants.remember(tenancy, command.scope, scope && names);
  if (!scope) return { hits: [], leftOut: [], degraded: [], tokens: 0, time, timings: stopwatch.read() };
  const others = scope.otherLanguages.map((tag) => languageOf(tag).tag);
  const languages = [language.tag, ...(ofProject.indexedIn ?? []), ...others];
  const analysis = analyze(names);
  const paths = ofProject.graphEnabled === false ? undefined : deps.paths;
  const askingGraph = askGraph(paths, tenancy, command, scope, analysis, stopwatch, signal);
  // Whoever needs it hears of its failure; where the candidates fail first, nobody has to.
  askingGraph.catch(() => {});
  const askingArchive = askArchive(deps.search, tenancy, command, scope.ids, stopwatch, signal);
  askingArchive.catch(() => {});
  const asking = { ...scope, names, query: analysis, early, languages };
  const found = await findInTime(deps, tenancy, command, asking, stopwatch, signal);
  const { query } = found;
  const onPaths = await askingGraph;
  const archived = await askingArchive;
  const vector = { vector: found.vector, model: deps.embedder.model };
  const { candidates, ...loads } = found.candidates
    ? {
        candidates: joinArchived(
          joinPaths(found.candidates, onPaths, command.filter, vector),
          archived.memories,
          { query, command, language, vector },
        ),
        ...hydrators(deps, tenancy, command, query, scope.ids, signal),
      }
    : await stopwatch.time("hydrate", () =>
        recent(deps, tenancy, command, { ids: scope.ids, query, language }, signal),
      );
  const strength = await stopwatch.time("hydrate", () =>
    strengthFactors(deps.search, tenancy, ofProject.ageing, candidates, now, signal),
  );
  const fusing = { ...fuseOptions(command.ranking), now, strength };
  const why = (scored: ScoredCandidate) => failedThreshold(scored, command, found.hasSimilarity);
  const { ranked, load } = await rankByFeedback({
    hasFeedback: scope.hasFeedback,
    rank: (feedback) => stopwatch.timeSync("fuse", () => fuse(candidates, query, { ...fusing, feedback })),
    passes: (scored) => why(scored) === undefined,
    opinions: (memoryIds) =>
      stopwatch.time("hydrate", () => deps.search.opinions(tenancy, scope.ids, memoryIds, signal)),
    load: loads.load,
    limit: command.limit,
    // What a reranker takes its time for is read behind it.
    readsAhead: !command.ranking.rerank,
  });
  const leftOut = new Map<ScoredCandidate, LeftOutReason>();
  const passed = ranked.filter((scored) => {
    const reason = why(scored);
    if (reason) leftOut.set(scored, reason);
    return !reason;
  });
  const reranked = await rerank(
    deps.reranking,
    tenancy,
    { command, ranked: passed, load: loads.loadTexts },
    stopwatch,
    signal,
  );
  // Read again: a memory may have been deleted while the reranker read it.
  const filled = await fillBudget(
    reranked.ranked,
    load,
    leftOut,
    { bytesOf: memoryBytes, ...command, ...options },
    stopwatch,
  );
  noteSearched(deps, tenancy, scope);
  return {
    hits: tellApart(filled.hits.map(({ memory, scored }) => toHit(memory, scored))),
    leftOut: listLeftOut(
      reranked.ranked === passed ? ranked : [...reranked.ranked, ...leftOut.keys()],
      leftOut,
      filled.hits.map(({ memory }) => memory.id),
    ),
    degraded: [
      ...degradedBefore(ofProject, scope, found.candidates !== undefined),
      ...found.degraded,
      ...onPaths.degraded,
      ...archived.degraded,
      ...reranked.degraded,
      ...degradedBehind(scope),
    ],
    tokens: filled.tokens,
    time: query.time,
    timings: stopwatch.read(),
  };
}

/** Notes whose memories were looked for, once they are read: what that brings back is in the next answer, and not half in this. */
export function noteSearched(
  { presence }: Pick<SearchDeps, "presence">,
  { tenantId, projectId }: Tenancy,
  { ids, isAway }: Pick<SearchedScope, "ids" | "isAway">,
): void {
  if (ids.subject) presence?.note(tenantId, projectId, ids.subject, isAway === true);
}

/** What reads candidates out of the record. */
interface Loads {
  readonly load: Load;
  /** Without sources. */
  readonly loadTexts: Load;
}

function hydrators(
  { search }: SearchDeps,
  tenancy: Tenancy,
  { asOf, knownAt }: SearchCommand,
  { time }: QueryAnalysis,
  ids: ScopeIds,
  signal: AbortSignal | undefined,
): Loads {
  const options = { asOf, knownAt, withEnded: time?.withEnded };
  return {
    load: (refs) => search.hydrate(tenancy, ids, refs, options, signal),
    loadTexts: (refs) => search.hydrate(tenancy, ids, refs, { ...options, withoutSources: true }, signal),
  };
}

/** The scope's recent and most used memories; what was true or known at another time is not among them. */
async function recent(
  { search }: SearchDeps,
  tenancy: Tenancy,
  command: SearchCommand,
  {
    ids,
    query,
    language,
  }: { readonly ids: ScopeIds; readonly query: QueryAnalysis; readonly language: Language },
  signal: AbortSignal | undefined,
): Promise<Loads & { candidates: readonly Candidate[] }> {
  const isPast = command.asOf !== undefined || command.knownAt !== undefined;
  const memories = isPast ? [] : await search.recent(tenancy, ids, RECENT, signal);
  const byId = new Map(memories.map((memory) => [memory.id, memory]));
  const load: Load = async (refs) => refs.flatMap(({ memoryId }) => byId.get(memoryId) ?? []);
  return { candidates: recentCandidates(memories, query, command.filter, language), load, loadTexts: load };
}

function failedThreshold(
  { candidate, score }: ScoredCandidate,
  { minSimilarity, minScore }: SearchCommand,
  hasSimilarity: boolean,
): LeftOutReason | undefined {
  if (hasSimilarity && minSimilarity !== undefined && candidate.cosine < minSimilarity) return "similarity";
  if (minScore !== undefined && score < minScore) return "score";
  return undefined;
}

function toHit(memory: ShownMemory, scored: ScoredCandidate): SearchHit {
  const { candidate, score, base, parts, factors, rerank } = scored;
  const { cosine, bm25, entity } = candidate;
  return {
    memory,
    layer: memory.layer,
    score,
    parts: { similarity: cosine, bm25, entity, terms: parts, fused: base, factors, rerank },
    tokens: countTokens(memory.text),
  };
}

/** Best first; a memory that is a hit in another version was not left out. */
function listLeftOut(
  ranked: readonly ScoredCandidate[],
  reasons: ReadonlyMap<ScoredCandidate, LeftOutReason>,
  hitIds: readonly string[],
): LeftOut[] {
  const named = new Set(hitIds);
  const list: LeftOut[] = [];
  for (const scored of ranked) {
    if (list.length === MOST_LEFT_OUT) break;
    const { memoryId, kind } = scored.candidate;
    const reason = reasons.get(scored);
    if (!reason || named.has(memoryId)) continue;
    named.add(memoryId);
    list.push({ memoryId, reason, score: scored.score, kind });
  }
  return list;
}
