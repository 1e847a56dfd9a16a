import type { Tenancy } from "../tenancy/caller.ts";
import type { ChainedEvent } from "./event.ts";

/** Which events; undefined members do not restrict. */
export interface AuditFilter {
  readonly after?: Date | undefined;
  readonly before?: Date | undefined;
  /** An RPC's full name, or a service's with a slash behind it. */
  readonly action?: string | undefined;
  readonly apiKeyId?: string | undefined;
  /** The application's own id. */
  readonly userId?: string | undefined;
  readonly resourceId?: string | undefined;
  readonly code?: string | undefined;
}

export interface AuditListing {
  readonly filter: AuditFilter;
  readonly pageSize: number;
  readonly pageToken: string;
}

/** Who asks for events: the key of a project is shown that project's alone. */
export type AuditReader = Pick<Tenancy, "tenantId" | "projectId"> & { readonly isOfTenant: boolean };

/** Reads trails. */
export interface AuditStore {
  /**
   * Newest first, by the time at which they occurred. A page looks at so many events at most: it can have few or none, and
   * is the last only without a token.
   *
   * @throws MnemeError PAGE_TOKEN_INVALID, DEPENDENCY_UNAVAILABLE.
   */
  list(
    reader: AuditReader,
    listing: AuditListing,
    signal?: AbortSignal,
  ): Promise<{ readonly events: readonly ChainedEvent[]; readonly nextPageToken: string }>;
  /**
   * Events behind a place, oldest first.
   *
   * @returns also how far it has looked: beyond the last event where others' lie in between. It looks at so many places at
   *   most; nothing is left only where it did not come further.
   */
  since(
    reader: AuditReader,
    sequence: number,
    limit: number,
    signal?: AbortSignal,
  ): Promise<{ readonly events: readonly ChainedEvent[]; readonly lookedTo: number }>;
  /** The last place in the tenant's trail; 0 where it is empty. */
  lastOf(tenantId: string, signal?: AbortSignal): Promise<number>;
  /** All of the tenant's, for verifying. */
  behind(tenantId: string, sequence: number, limit: number, signal?: AbortSignal): Promise<ChainedEvent[]>;
  hashAt(tenantId: string, sequence: number, signal?: AbortSignal): Promise<Uint8Array | undefined>;
}
