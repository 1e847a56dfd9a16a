import type { Tenancy } from "../tenancy/caller.ts";

/** A write that a read may wait for. On the wire it is an opaque, authenticated token. */
export type Freshness =
  | { readonly type: "extraction"; readonly extractionIds: readonly string[] }
  /** Every extraction of the tenant accepted from the first to the last of these, both included. */
  | { readonly type: "extraction_range"; readonly firstId: string; readonly lastId: string }
  /** What these buckets were told up to a revision: others may have much more to do. */
  | { readonly type: "revision"; readonly revision: bigint; readonly buckets: readonly number[] };

type Project = Pick<Tenancy, "tenantId" | "projectId">;

/** Makes and reads the tokens; a token of another tenant or project is broken. */
export interface FreshnessTokens {
  seal(project: Project, freshness: Freshness): string;
  /** @throws MnemeError FRESHNESS_TOKEN_INVALID. */
  open(project: Project, token: string): Freshness;
}

/** Asks the record whether a write can be found. */
export interface FreshnessStore {
  isSearchable(
    tenancy: Pick<Tenancy, "tenantId"> & Partial<Pick<Tenancy, "reach">>,
    freshness: Freshness,
    signal?: AbortSignal,
  ): Promise<boolean>;
}
