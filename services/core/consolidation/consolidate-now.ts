import type { ModelSpending } from "../cost/model-spending.ts";
import type { Embedder } from "../embedding/embedder.ts";
import type { ViewFor } from "../embedding/views.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { WriteRequest } from "../tenancy/request.ts";
import type { Scope } from "../tenancy/scope.ts";
import type { SettingsOf } from "../tenancy/settings-of.ts";
import { consolidateStream } from "./consolidate.ts";
import { addCounts, type ConsolidationCounts, NOTHING_CONSOLIDATED } from "./consolidation.ts";
import type { ConsolidationStore, EpisodeStore } from "./consolidation-store.ts";
import { consolidationOff } from "./errors.ts";

export interface ConsolidateNowDeps {
  readonly consolidations: ConsolidationStore;
  readonly episodes: EpisodeStore;
  readonly settings: SettingsOf;
  readonly embedder: Embedder;
  readonly viewFor?: ViewFor<unknown> | undefined;
  readonly spending?: Pick<ModelSpending, "note"> | undefined;
}

/**
 * Consolidates a scope by its project's policy, in its episodes' own words: models word what scheduled work makes. A call
 * that was cut off is gone on with by the same request id; what it made until then stays, and is not counted again.
 *
 * @throws MnemeError STATE_CONFLICT where consolidation is off, SUBJECT_FENCED, PERMISSION_MISSING, REQUEST_ID_REUSED.
 */
export async function consolidateNow(
  { consolidations, settings, embedder, viewFor, ...deps }: ConsolidateNowDeps,
  tenancy: Tenancy,
  scope: Scope,
  request: WriteRequest,
  signal?: AbortSignal,
): Promise<ConsolidationCounts> {
  const { tenantId, projectId } = tenancy;
  if ((await settings.of(tenantId, projectId)).consolidation?.afterDays === undefined)
    throw consolidationOff();
  const begun = await consolidations.begin(tenancy, scope, request, signal);
  if ("done" in begun) return begun.done;
  const embedderFor = (name: string | undefined) => viewFor?.(name).embedder ?? embedder;
  let counts = NOTHING_CONSOLIDATED;
  for (const stream of begun.streams) {
    const { toldTo } = begun;
    const work = { ...deps, settings, embedderFor };
    counts = addCounts(
      counts,
      await consolidateStream(work, tenantId, stream, { toldTo, audit: tenancy.audit, signal }),
    );
  }
  await consolidations.finish(tenancy, request, counts, signal);
  return counts;
}
