import type { ModelBill, ModelSpending } from "../cost/model-spending.ts";
import { MnemeError } from "../errors.ts";
import { countedKey, type Tenancy } from "../tenancy/caller.ts";
import type { RankingSettings } from "../tenancy/settings.ts";
import type { Load } from "./fill-budget.ts";
import { type ScoredCandidate, weighed } from "./fuse.ts";
import type { Reranker } from "./reranker.ts";
import type { Degradation, SearchCommand } from "./search-request.ts";
import type { Stopwatch } from "./stopwatch.ts";

/** The deployment's reranker, and how it is asked. */
export interface Reranking {
  readonly reranker: Reranker;
  /** How long an answer waits for it, in milliseconds. */
  readonly timeoutMs: number;
  /** Memories that it reads where a project does not say, 2..200. */
  readonly candidates: number;
  /** Told what it took: nobody holds it back, for an answer is not to wait for that. */
  readonly spending?: Pick<ModelSpending, "note">;
}

export interface Reranked {
  /** Best first: those that were read by their new scores, then the others as they were. */
  readonly ranked: readonly ScoredCandidate[];
  readonly degraded: readonly Degradation[];
}

export interface RerankRequest {
  readonly command: SearchCommand;
  /** Best first. */
  readonly ranked: readonly ScoredCandidate[];
  /** Reads texts of those that may be shown now; nothing else is sent. */
  readonly load: Load;
}

/** The share that it may take of what a call has left: an answer without it is worth more than none. */
const MOST_OF_CALL = 0.5;

const fallback = (why: string): Degradation => ({
  part: "reranker",
  effect: `ranked without it: ${why}`,
});
const NONE = fallback("this deployment has none");
const LATE = fallback("it did not answer in time");
const FAILED = fallback("it failed");

/**
 * Lets a model read the best of a ranking, where the project or the request wants it. Only the texts of memories that the
 * record shows at this moment are sent. Whatever the model does, there is an answer: without it, in the order that was.
 */
export async function rerank(
  reranking: Reranking | undefined,
  tenancy: Tenancy,
  { command, ranked, load }: RerankRequest,
  stopwatch: Stopwatch,
  signal?: AbortSignal,
): Promise<Reranked> {
  const unchanged = { ranked, degraded: [] };
  if (!command.ranking.rerank || ranked.length < 2) return unchanged;
  if (!reranking) return { ranked, degraded: [NONE] };
  const read = ranked.slice(0, mostRead(reranking, command.ranking, command.limit));
  const memories = await stopwatch.time("hydrate", () => load(read.map(({ candidate }) => candidate)));
  const texts = new Map(memories.map(({ id, version, text }) => [`${id}/${version}`, text]));
  const shown = read.flatMap((scored) => {
    const text = texts.get(`${scored.candidate.memoryId}/${scored.candidate.version}`);
    return text === undefined ? [] : [{ scored, text }];
  });
  if (shown.length < 2) return unchanged;
  const begun = performance.now();
  const patience = AbortSignal.timeout(patienceOf(reranking, command.deadline));
  try {
    const scores = await stopwatch.time("rerank", () =>
      reranking.reranker.rerank(
        command.query,
        shown.map(({ text }) => text),
        {
          signal: signal ? AbortSignal.any([signal, patience]) : patience,
          onTokens: (used) => reranking.spending?.note(billOf(reranking, tenancy, command.query), used),
        },
      ),
    );
    return {
      ranked: reordered(ranked, shown, { scores, latencyMs: performance.now() - begun }),
      degraded: [],
    };
  } catch (error) {
    if (signal?.aborted) throw error;
    if (patience.aborted) return { ranked, degraded: [LATE] };
    if (error instanceof MnemeError) return { ranked, degraded: [FAILED] };
    throw error;
  }
}

/** A hit that no reranker has read stands behind those it has: as many are read as hits are wanted. */
function mostRead({ candidates }: Reranking, { rerankCandidates }: RankingSettings, limit: number): number {
  return Math.max(rerankCandidates ?? candidates, limit);
}

function patienceOf({ timeoutMs }: Reranking, deadline: Date | undefined): number {
  const left = deadline ? deadline.getTime() - Date.now() : Number.POSITIVE_INFINITY;
  return Math.max(0, Math.floor(Math.min(timeoutMs, left * MOST_OF_CALL)));
}

function billOf({ reranker }: Reranking, tenancy: Tenancy, text: string): ModelBill {
  const { tenantId, projectId, apiKeyId, firstKeyId } = tenancy;
  const key = apiKeyId === undefined ? undefined : countedKey({ apiKeyId, firstKeyId });
  return { tenantId, model: reranker.model, purpose: "rerank", shares: [{ projectId, apiKeyId: key, text }] };
}

/** @param answer scores of `read`, in its order; equal ones stay in the order that was. */
function reordered(
  ranked: readonly ScoredCandidate[],
  read: readonly { readonly scored: ScoredCandidate }[],
  { scores, latencyMs }: { readonly scores: readonly number[]; readonly latencyMs: number },
): ScoredCandidate[] {
  const places = new Map(ranked.map((scored, index) => [scored, index + 1]));
  const best = read
    .map(({ scored }, index) => ({ scored, model: scores[index] as number }))
    .map(({ scored, model }) => ({ scored, model, score: weighed(model, scored.factors) }))
    .sort((a, b) => b.score - a.score)
    .map(({ scored, model, score }, index) => {
      const rerank = { score: model, before: places.get(scored) as number, after: index + 1, latencyMs };
      return { ...scored, score, rerank };
    });
  const taken = new Set(read.map(({ scored }) => scored));
  return [...best, ...ranked.filter((scored) => !taken.has(scored))];
}
