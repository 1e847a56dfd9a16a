import type { ModelSpending } from "../cost/model-spending.ts";
import type { Embedder } from "../embedding/embedder.ts";
import type { ViewFor } from "../embedding/views.ts";
import type { FreshnessTokens } from "../freshness/freshness.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { WriteRequest } from "../tenancy/request.ts";
import type { SettingsOf } from "../tenancy/settings-of.ts";
import { DAY_MS } from "../time/day.ts";
import { consolidatePart } from "./consolidate.ts";
import {
  addCounts,
  type ConsolidatedNow,
  type ConsolidationCounts,
  NOTHING_CONSOLIDATED,
} from "./consolidation.ts";
import type {
  ConsolidationStore,
  EpisodeStore,
  ScopeAsked,
  ScopePosition,
  ScopeWork,
} from "./consolidation-store.ts";
import { consolidationOff } from "./errors.ts";

export interface ConsolidateNowDeps {
  readonly consolidations: ConsolidationStore;
  readonly episodes: EpisodeStore;
  readonly settings: SettingsOf;
  readonly tokens: Pick<FreshnessTokens, "seal">;
  readonly embedder: Embedder;
  readonly viewFor?: ViewFor<unknown> | undefined;
  readonly spending?: Pick<ModelSpending, "note"> | undefined;
}

/** What one call does at most, by and by. */
export interface ConsolidateNowLimits {
  /** Begins no page of 600 where it has looked at so many. */
  readonly episodes: number;
  /** Begins nothing after so many milliseconds, where anything is done. */
  readonly ms: number;
}

export const CONSOLIDATE_NOW: ConsolidateNowLimits = { episodes: 3_000, ms: 15_000 };

/**
 * Consolidates a scope by its project's policy, in its episodes' own words: models word what scheduled work makes. It stops
 * at its limits, and answers what is left. A call that was cut off is gone on with by the same request id; what it made until
 * then stays, and is not counted again.
 *
 * @throws MnemeError STATE_CONFLICT where consolidation is off, SUBJECT_FENCED, PERMISSION_MISSING, REQUEST_ID_REUSED,
 *   PAGE_TOKEN_INVALID, FIELD_INVALID as `ConsolidationStore.begin`.
 */
export async function consolidateNow(
  deps: ConsolidateNowDeps,
  tenancy: Tenancy,
  asked: ScopeAsked,
  request: WriteRequest,
  { limits = CONSOLIDATE_NOW, signal }: { limits?: ConsolidateNowLimits; signal?: AbortSignal } = {},
): Promise<Omit<ConsolidatedNow, "written"> & { readonly freshnessToken: string }> {
  const { written, ...answer } = await consolidateOnce(deps, tenancy, asked, request, { limits, signal });
  const { revision, buckets } = written;
  const freshness = { type: "revision", revision: BigInt(revision), buckets } as const;
  return { ...answer, freshnessToken: deps.tokens.seal(tenancy, freshness) };
}

async function consolidateOnce(
  deps: ConsolidateNowDeps,
  tenancy: Tenancy,
  asked: ScopeAsked,
  request: WriteRequest,
  { limits, signal }: { readonly limits: ConsolidateNowLimits; readonly signal: AbortSignal | undefined },
): Promise<ConsolidatedNow> {
  const { consolidations, settings } = deps;
  const { tenantId, projectId } = tenancy;
  const days = (await settings.of(tenantId, projectId)).consolidation?.afterDays;
  if (days === undefined) throw consolidationOff();
  const before = new Date(Date.now() - days * DAY_MS);
  const begun = await consolidations.begin(tenancy, asked, request, signal);
  if ("done" in begun) return begun.done;
  const came = await consolidateScope(deps, tenancy, begun, limits, signal);
  const streamIds = begun.streams.map(({ streamId }) => streamId);
  return consolidations.finish(tenancy, asked, request, { ...came, streamIds, before }, signal);
}

async function consolidateScope(
  { embedder, viewFor, ...deps }: ConsolidateNowDeps,
  tenancy: Tenancy,
  { streams, after, next, toldTo }: ScopeWork,
  limits: ConsolidateNowLimits,
  signal: AbortSignal | undefined,
): Promise<{ readonly counts: ConsolidationCounts; readonly at: ScopePosition | undefined }> {
  const work = { ...deps, embedderFor: (name: string | undefined) => viewFor?.(name).embedder ?? embedder };
  const most = { episodes: limits.episodes, until: performance.now() + limits.ms };
  let counts = NOTHING_CONSOLIDATED;
  for (const [i, stream] of streams.entries()) {
    const { streamId } = stream;
    const isOver = counts.episodes >= most.episodes || performance.now() >= most.until;
    if (i > 0 && isOver) return { counts, at: { streamId, after: undefined } };
    const options = { toldTo, audit: tenancy.audit, signal, after: i === 0 ? after : undefined, most };
    const part = await consolidatePart(work, tenancy.tenantId, stream, options);
    counts = addCounts(counts, part.counts);
    if (part.stopped) return { counts, at: { streamId, ...part.stopped } };
  }
  return { counts, at: next };
}
