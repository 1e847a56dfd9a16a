import type { FreshnessTokens } from "../freshness/freshness.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { Page } from "../tenancy/page.ts";
import { pageSizeOf } from "../tenancy/page-size.ts";
import type { WriteRequest } from "../tenancy/request.ts";
import type { Consolidation } from "./consolidation.ts";
import type { ConsolidationListing, ConsolidationStore } from "./consolidation-store.ts";
import { consolidationNotFound } from "./errors.ts";

interface Deps {
  readonly consolidations: ConsolidationStore;
}

/** @throws MnemeError PAGE_TOKEN_INVALID. */
export function listConsolidations(
  { consolidations }: Deps,
  tenancy: Tenancy,
  listing: ConsolidationListing,
  signal?: AbortSignal,
): Promise<Page<Consolidation>> {
  return consolidations.list(tenancy, { ...listing, pageSize: pageSizeOf(listing.pageSize) }, signal);
}

/** @throws MnemeError CONSOLIDATION_NOT_FOUND. */
export async function getConsolidation(
  { consolidations }: Deps,
  tenancy: Tenancy,
  id: string,
  signal?: AbortSignal,
): Promise<Consolidation> {
  const found = await consolidations.get(tenancy, id, signal);
  if (!found) throw consolidationNotFound(id);
  return found;
}

/** @throws MnemeError as `ConsolidationStore.undo`. */
export async function undoConsolidation(
  { consolidations, tokens }: Deps & { readonly tokens: FreshnessTokens },
  tenancy: Tenancy,
  target: { readonly id: string; readonly discardChanges: boolean },
  request: WriteRequest,
  signal?: AbortSignal,
): Promise<{ readonly consolidation: Consolidation | undefined; readonly freshnessToken: string }> {
  const { revision, buckets } = await consolidations.undo(tenancy, target, request, signal);
  return {
    consolidation: await consolidations.get(tenancy, target.id, signal),
    freshnessToken: tokens.seal(tenancy, { type: "revision", revision, buckets }),
  };
}
