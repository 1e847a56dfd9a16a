import type { Language } from "../language/languages.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { ScopeIds } from "../tenancy/scope.ts";
import type { QueryAnalysis } from "./analyze-query.ts";
import { cosineOf } from "./graph-arm.ts";
import type { Candidate } from "./memory-index.ts";
import { recentCandidates } from "./recent-candidates.ts";
import type { Degradation, SearchCommand } from "./search-request.ts";
import type { ArchivedMemory, SearchStore } from "./search-store.ts";
import type { Stopwatch } from "./stopwatch.ts";

/** What was in reach at the moments of a search and is archived by now. */
export interface FoundInArchive {
  readonly memories: readonly ArchivedMemory[];
  readonly degraded: readonly Degradation[];
}

/** Archived memories that are looked through: all are compared with the query. */
const MOST = 500;
const ONLY_NEWEST: Degradation = {
  part: "archive",
  effect: `of what was archived since the newest ${MOST} were looked through`,
};

/** Asks the record for what the index has forgotten since; nothing where a search asks for today. */
export async function askArchive(
  search: SearchStore,
  tenancy: Tenancy,
  { asOf, knownAt }: SearchCommand,
  ids: ScopeIds,
  stopwatch: Stopwatch,
  signal?: AbortSignal,
): Promise<FoundInArchive> {
  if (!asOf && !knownAt) return { memories: [], degraded: [] };
  const memories = await stopwatch.time("hydrate", () =>
    search.archivedThen(tenancy, ids, { asOf, knownAt }, MOST, signal),
  );
  return { memories, degraded: memories.length < MOST ? [] : [ONLY_NEWEST] };
}

interface Asked {
  readonly query: QueryAnalysis;
  readonly command: SearchCommand;
  readonly language: Language;
  readonly vector: { readonly vector: Float32Array | undefined; readonly model: string };
}

/** Adds those that no other arm found: by the query's vector, and by words in common as a share of the query's. */
export function joinArchived(
  candidates: readonly Candidate[],
  archived: readonly ArchivedMemory[],
  { query, command, language, vector }: Asked,
): readonly Candidate[] {
  if (archived.length === 0) return candidates;
  const { recipe = "s1" } = command.ranking;
  const known = new Set(candidates.map(({ memoryId }) => memoryId));
  const byId = new Map(archived.map((one) => [one.memory.id, one]));
  const words = Math.max(1, query.keywords.split(" ").length);
  const memories = archived.map(({ memory }) => memory).filter(({ id }) => !known.has(id));
  const added = recentCandidates(memories, query, command.filter, language).map((one) => {
    const found = byId.get(one.memoryId);
    const embedded = { vector: found?.vector, embeddingModel: found?.memory.embeddingModel ?? "" };
    const bm25 = recipe === "knn" ? 0 : one.bm25 / words;
    return { ...one, bm25, cosine: recipe === "bm25" ? 0 : cosineOf(embedded, vector) };
  });
  return [...candidates, ...added.filter(({ bm25, cosine }) => bm25 > 0 || cosine > 0)];
}
