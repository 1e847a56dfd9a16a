import type { CallAudit } from "../audit/call-audit.ts";
import type { Limits } from "./limits.ts";
import type { SubjectRef } from "./scope.ts";

/** What of a tenant a call may reach, enforced by the record. Background work has none and reaches all of it. */
export interface Reach {
  /** Opaque ids of whom the call speaks for: grants to any of these hold for it. */
  readonly principals: readonly string[];
  /** Of a user's token: the only person whose memories it reaches. */
  readonly subject?: SubjectRef | undefined;
}

/** Who calls, as the credentials say; a request can't say it. */
export interface Caller {
  readonly tenantId: string;
  /** Empty for credentials that reach no project. */
  readonly projectId: string;
  /** The key, or the one that minted the user's token. */
  readonly apiKeyId: string;
  /** Where that came of others by rotation, the first of them. */
  readonly firstKeyId?: string | undefined;
  /** Whether the key is the tenant's, and not one of a project alone. */
  readonly isOfTenant: boolean;
  /** Names of `mneme.options.v1.Permission` without the prefix, e.g. `MEMORY_READ`. */
  readonly permissions: ReadonlySet<string>;
  readonly reach: Reach;
  /** Of a user's token, that user's id in the application. */
  readonly userId?: string | undefined;
  readonly limits: CallerLimits;
  /** Gathers what this call touches. */
  readonly audit?: CallAudit | undefined;
}

/** What a call is held to, at each level by its own; unset members mean the deployment's defaults. */
export interface CallerLimits {
  readonly tenant: Limits;
  readonly project: Limits;
  readonly apiKey: Limits;
}

/** The part of a caller that data access needs; background work has no key, and nothing audits it. */
export type Tenancy = Pick<Caller, "tenantId" | "projectId" | "audit"> &
  Partial<Pick<Caller, "apiKeyId" | "firstKeyId">> & {
    readonly reach?: Reach | undefined;
  };

/** What a key holds and uses is counted as this one's: those that were rotated one into another are one key to limits. */
export function countedKey({ apiKeyId, firstKeyId }: Pick<Caller, "apiKeyId" | "firstKeyId">): string {
  return firstKeyId ?? apiKeyId;
}
