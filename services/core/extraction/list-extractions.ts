import type { Tenancy } from "../tenancy/caller.ts";
import { pageSizeOf } from "../tenancy/page-size.ts";
import type { Extraction } from "./extraction.ts";
import type { ExtractionListing, ExtractionStore } from "./extraction-store.ts";

/**
 * One page of extractions, newest first.
 *
 * @param listing a `pageSize` of 0 takes the default.
 * @throws MnemeError PAGE_TOKEN_INVALID.
 */
export function listExtractions(
  { extractions }: { readonly extractions: Pick<ExtractionStore, "list"> },
  tenancy: Tenancy,
  listing: ExtractionListing,
  signal?: AbortSignal,
): Promise<{ readonly extractions: readonly Extraction[]; readonly nextPageToken: string }> {
  return extractions.list(tenancy, { ...listing, pageSize: pageSizeOf(listing.pageSize) }, signal);
}
