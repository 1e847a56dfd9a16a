import type { Embedder } from "../embedding/embedder.ts";
import type { ViewFor } from "../embedding/views.ts";
import { MnemeError } from "../errors.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { ScopeIds } from "../tenancy/scope.ts";
import type { QueryAnalysis } from "./analyze-query.ts";
import type { Candidate, CandidateQuery, CandidateSet, IndexFilter, MemoryIndex } from "./memory-index.ts";
import { type DateRange, dateRanges } from "./named-dates.ts";
import type { RecipeName } from "./recipes.ts";
import type { Degradation, SearchCommand } from "./search-request.ts";
import type { Stopwatch } from "./stopwatch.ts";

export interface FindDeps {
  readonly embedder: Embedder;
  readonly index: Pick<MemoryIndex, "candidates">;
  /** By whatever a project names instead; `embedder` and `index` for all where undefined. */
  readonly viewFor?: ViewFor<Pick<MemoryIndex, "candidates">>;
}

export interface Found {
  /** Undefined: the index does not answer. */
  readonly candidates: readonly Candidate[] | undefined;
  /** False: every cosine is 0. */
  readonly hasSimilarity: boolean;
  /** Of the query; undefined where there is none to be had. */
  readonly vector: Float32Array | undefined;
  readonly degraded: readonly Degradation[];
}

/** Candidates that each arm gives: recall at 10 is that of 100 (`test/bench/recall/lab.ts`), at two thirds the cost. */
const POOL = 64;
const MOST_POOL = 500;
const BY_KEYWORDS: Degradation = { part: "embedder", effect: "found by keywords only" };
const UNREADABLE: Degradation = {
  part: "index",
  effect: "without memories that the index holds in the layout of another version: it needs a rebuild",
};
/** A model that takes longer than this for one short text is as good as down. */
const EMBED_TIMEOUT_MS = 2_000;

/** Which arms a recipe asks and what they read: the classical ones read the text itself, the measured one its window. */
const ARMS: Readonly<Record<RecipeName, { dense: boolean; keywords: boolean; field: "window" | "text" }>> = {
  s1: { dense: true, keywords: true, field: "window" },
  weighted: { dense: true, keywords: true, field: "text" },
  rrf: { dense: true, keywords: true, field: "text" },
  bm25: { dense: false, keywords: true, field: "text" },
  knn: { dense: true, keywords: false, field: "text" },
};

/** A query's vector that was asked for while its scope was still being resolved. */
export interface EarlyVector {
  readonly text: string;
  readonly vector: Promise<Float32Array | undefined>;
}

/** Begins to embed what a query most likely comes to; undefined where its recipe asks for no vector. */
export function embedEarly(
  { embedder }: Pick<FindDeps, "embedder">,
  command: SearchCommand,
  query: QueryAnalysis,
  stopwatch: Stopwatch,
  signal?: AbortSignal,
): EarlyVector | undefined {
  const text = denseText(command, query);
  if (text === undefined) return undefined;
  const vector = stopwatch.time("embed", () => embedQuery(embedder, text, signal));
  // Whoever needs it hears of its failure; where nobody does, nobody has to.
  vector.catch(() => {});
  return { text, vector };
}

/** What is embedded; undefined where the recipe asks for no vector. */
function denseText({ ranking: { recipe = "s1" } }: SearchCommand, query: QueryAnalysis): string | undefined {
  if (!ARMS[recipe].dense) return undefined;
  return recipe === "s1" ? query.denseText : query.text;
}

export interface Asking {
  readonly ids: ScopeIds;
  /** As `ResolvedScope`. */
  readonly teams: readonly string[] | undefined;
  readonly query: QueryAnalysis;
  /** Used if it is of the text that turned out to be the query's. */
  readonly early?: EarlyVector | undefined;
  /** As of `CandidateQuery`. */
  readonly languages: readonly string[];
}

/** Embeds the query and asks the index; what does not answer is said and gone without. */
export async function findCandidates(
  { embedder, index }: FindDeps,
  tenancy: Tenancy,
  command: SearchCommand,
  { ids, teams, query, early, languages }: Asking,
  stopwatch: Stopwatch,
  signal?: AbortSignal,
): Promise<Found> {
  const recipe = command.ranking.recipe ?? "s1";
  const arms = ARMS[recipe];
  const text = denseText(command, query);
  const asked =
    early && early.text === text ? early : embedEarly({ embedder }, command, query, stopwatch, signal);
  const vector = await asked?.vector;
  const degraded: Degradation[] = [];
  if (arms.dense && !vector) degraded.push(BY_KEYWORDS);
  const request: CandidateQuery = {
    filter: { ...indexFilter(tenancy, ids, command), teams, withEnded: query.time?.withEnded },
    vector,
    keywordField: arms.field,
    languages,
    keywords: arms.keywords ? (recipe === "s1" ? query.keywords : query.text) : "",
    entities: arms.keywords ? query.entities : [],
    rare: recipe === "s1" ? query.rare : [],
    within: recipe === "s1" ? rangesOf(query, new Date()) : [],
    withTimes: query.time !== undefined,
    pool: Math.min(Math.max(POOL, 2 * command.limit), MOST_POOL),
  };
  try {
    const { candidates, hasUnreadable, hasSimilarity } = await stopwatch.time("index", () =>
      ask(index, request, signal),
    );
    if (vector && !hasSimilarity) degraded.push(BY_KEYWORDS);
    if (hasUnreadable) degraded.push(UNREADABLE);
    // Words only: what has none of them was not found.
    const matching = recipe === "bm25" ? candidates.filter(({ bm25 }) => bm25 > 0) : candidates;
    return { candidates: matching, hasSimilarity, vector: hasSimilarity ? vector : undefined, degraded };
  } catch (error) {
    if (!canGoWithout(error, signal)) throw error;
    degraded.push({ part: "index", effect: "found among the most recent and most used memories only" });
    return { candidates: undefined, hasSimilarity: false, vector: undefined, degraded };
  }
}

/** Times whose days have arms of their own: dates, or a stretch with two ends. */
export function rangesOf({ dates, time }: QueryAnalysis, now: Date): DateRange[] {
  const { from, to } = time?.span ?? {};
  return time?.kind !== "date" && from && to ? [{ from, to }] : dateRanges(dates, now);
}

/** Asks without the vector where the index does not know its model. */
async function ask(
  index: FindDeps["index"],
  request: CandidateQuery,
  signal: AbortSignal | undefined,
): Promise<CandidateSet & { readonly hasSimilarity: boolean }> {
  const hasSimilarity = request.vector !== undefined;
  try {
    return { ...(await index.candidates(request, signal)), hasSimilarity };
  } catch (error) {
    if (!hasSimilarity || !isOtherModel(error)) throw error;
    return ask(index, { ...request, vector: undefined }, signal);
  }
}

/**
 * Whatever is wrong with the embedder, keywords still find: its errors are not the caller's to see.
 *
 * @returns undefined when there is no vector to be had.
 */
async function embedQuery(
  embedder: Embedder,
  text: string,
  signal: AbortSignal | undefined,
): Promise<Float32Array | undefined> {
  const patience = AbortSignal.timeout(EMBED_TIMEOUT_MS);
  try {
    const [vector] = await embedder.embed([text], {
      purpose: "query",
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    });
    return vector;
  } catch (error) {
    if (signal?.aborted) throw error;
    if (patience.aborted || error instanceof MnemeError) return undefined;
    throw error;
  }
}

const OUTAGES = new Set(["unavailable", "deadline_exceeded", "resource_exhausted"]);

/** The index is still built for another model than this process embeds with: a reindex is under way, or due. */
function isOtherModel(error: unknown): boolean {
  return error instanceof MnemeError && error.reason === "EMBEDDING_DIMENSION_MISMATCH";
}

/** True where something else failed than this call and what it asks for. */
export function canGoWithout(error: unknown, signal: AbortSignal | undefined): boolean {
  return !signal?.aborted && error instanceof MnemeError && OUTAGES.has(error.kind);
}

/** A search's filter as the index takes it. */
export function indexFilter(
  { tenantId, projectId }: Tenancy,
  ids: ScopeIds,
  { filter, asOf, knownAt }: SearchCommand,
): IndexFilter {
  const members = {
    subjectId: ids.subject?.id,
    subjectEpoch: ids.subject?.epoch,
    agentId: ids.agentId,
    appId: ids.appId,
    teamId: ids.teamId,
    sessionId: ids.sessionId,
  };
  return {
    tenantId,
    projectId: ids.homeProjectId ?? projectId,
    ...(ids.places ? { places: ids.places } : members),
    kinds: filter.kinds?.length ? filter.kinds : undefined,
    categories: filter.categories?.length ? filter.categories : undefined,
    metadata: filter.metadata,
    saidAfter: filter.saidAfter,
    saidBefore: filter.saidBefore,
    asOf,
    knownAt,
  };
}
