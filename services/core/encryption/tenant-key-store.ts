import type { CallAudit } from "../audit/call-audit.ts";
import type { WriteRequest } from "../tenancy/request.ts";
import type { TenantKeyVersion } from "./tenant-key.ts";

/** A data key as it is kept. */
export interface WrappedDataKey {
  readonly keyId: string;
  /** Undefined: by the local master key itself, as the first releases did. */
  readonly version: number | undefined;
  readonly bytes: Uint8Array;
}

/** What is kept of a tenant's key beside its live versions. */
export interface TenantKeyFacts {
  readonly createdAt: Date;
  /** Data keys that are not wrapped with the newest version. */
  readonly toRewrap: number;
}

/** A call that changes a tenant's key. Its event is kept with the change. */
export interface KeyCall {
  readonly request: WriteRequest;
  readonly audit: CallAudit | undefined;
}

/** Keeps tenants' keys, wrapped. Everything throws DEPENDENCY_UNAVAILABLE when the database does not answer. */
export interface TenantKeyStore {
  /** Versions that still wrap something, newest first. */
  live(tenantId: string): Promise<readonly TenantKeyVersion[]>;
  facts(tenantId: string): Promise<TenantKeyFacts | undefined>;
  /**
   * Keeps a next version; those before it are on their way out from then on.
   *
   * @returns false where somebody else made that version first; nothing was changed then.
   * @throws MnemeError REQUEST_ID_REUSED.
   */
  add(key: TenantKeyVersion, call?: KeyCall): Promise<boolean>;
  /** Whether a write with this id was done. @throws MnemeError REQUEST_ID_REUSED. */
  isDone(tenantId: string, request: WriteRequest): Promise<boolean>;
  /**
   * Puts the same versions, wrapped anew, in place of others.
   *
   * @returns false where one of them is not as it was any more; nothing was changed then.
   */
  replace(
    changes: readonly { readonly from: TenantKeyVersion; readonly to: TenantKeyVersion }[],
    call?: KeyCall,
  ): Promise<boolean>;
  /** Data keys of a tenant that versions before `version` wrap, in their order; then those that none does. */
  toRewrap(
    tenantId: string,
    version: number,
    after: Pick<WrappedDataKey, "keyId" | "version"> | undefined,
    limit: number,
  ): Promise<readonly WrappedDataKey[]>;
  /**
   * Keeps them wrapped with `version`, if that is the newest still; what changed meanwhile, or was destroyed, stays as it
   * is. @returns how many it kept.
   */
  rewrapped(
    tenantId: string,
    version: number,
    keys: readonly { readonly keyId: string; readonly from: Uint8Array; readonly to: Uint8Array }[],
  ): Promise<number>;
  /** Removes versions before `version` that wrap nothing any more. @returns how many do, still. */
  retireBefore(tenantId: string, version: number): Promise<number>;
  /** Tenants with data keys that are to be wrapped anew. */
  rotating(limit: number): Promise<readonly string[]>;
  /** Live versions of all tenants in the order of tenant and version. */
  page(
    after: Pick<TenantKeyVersion, "tenantId" | "version"> | undefined,
    limit: number,
  ): Promise<readonly TenantKeyVersion[]>;
}
