import type { Tenancy } from "../tenancy/caller.ts";
import type { WriteRequest } from "../tenancy/request.ts";
import type { Scope } from "../tenancy/scope.ts";
import type { Extraction, ExtractionState } from "./extraction.ts";

export interface ExtractionListing {
  readonly scope: Scope | undefined;
  readonly state: ExtractionState | undefined;
  /** 1..250. */
  readonly pageSize: number;
  /** Empty for the first page; opaque, bound to the filters. */
  readonly pageToken: string;
}

export interface ExtractionStore {
  /** @throws MnemeError EXTRACTION_NOT_FOUND, also for another tenant's. */
  get(tenancy: Tenancy, extractionId: string, signal?: AbortSignal): Promise<Extraction>;
  /** Newest first. @throws MnemeError PAGE_TOKEN_INVALID. */
  list(
    tenancy: Tenancy,
    listing: ExtractionListing,
    signal?: AbortSignal,
  ): Promise<{ readonly extractions: readonly Extraction[]; readonly nextPageToken: string }>;
  /**
   * Queues a failed one again.
   * @throws MnemeError EXTRACTION_NOT_FAILED, EXTRACTION_NOT_FOUND; PERMISSION_MISSING for a team's that may only be
   *   read; STATE_CONFLICT where its messages are kept no longer.
   */
  retry(
    tenancy: Tenancy,
    extractionId: string,
    request: WriteRequest,
    signal?: AbortSignal,
  ): Promise<Extraction>;
}

/** Wakes those who wait for an extraction. */
export interface ExtractionSignals {
  /**
   * Resolves at the next change of this extraction's state, or after `maxWaitMs` in case a notice was lost.
   * Never rejects but for the signal's abort.
   */
  changed(extractionId: string, maxWaitMs: number, signal?: AbortSignal): Promise<void>;
}
