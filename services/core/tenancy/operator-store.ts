import type { Administrator } from "./administrator.ts";
import type { MadeKey } from "./api-key-store.ts";
import type { Limits } from "./limits.ts";
import type { NewApiKey } from "./new-api-key.ts";
import type { Page, PageAsked } from "./page.ts";
import type { WriteRequest } from "./request.ts";
import type { Tenant, Update } from "./tenant-store.ts";

/**
 * What the operator does with tenants; their content is out of its reach. The operator's own tenant is none of them. Every
 * tenant is worked under its own fence.
 */
export interface OperatorStore {
  /** With a project and an administrator's key. @throws MnemeError REQUEST_ID_REUSED. */
  create(
    who: Administrator,
    tenant: { readonly name: string; readonly limits: Limits },
    made: NewApiKey,
    request: WriteRequest,
    signal?: AbortSignal,
  ): Promise<MadeKey & { readonly tenant: Tenant }>;
  /** @throws MnemeError TENANT_NOT_FOUND. */
  get(who: Administrator, tenantId: string, signal?: AbortSignal): Promise<Tenant>;
  /** Oldest first. @throws MnemeError PAGE_TOKEN_INVALID. */
  list(who: Administrator, asked: PageAsked, signal?: AbortSignal): Promise<Page<Tenant>>;
  /** State and limits. @throws MnemeError TENANT_NOT_FOUND, ETAG_MISMATCH, REQUEST_ID_REUSED. */
  update(
    who: Administrator,
    tenantId: string,
    update: Update,
    request: WriteRequest,
    signal?: AbortSignal,
  ): Promise<Tenant>;
  /** @throws MnemeError TENANT_NOT_FOUND, REQUEST_ID_REUSED. */
  createAdminKey(
    who: Administrator,
    tenantId: string,
    made: NewApiKey,
    request: WriteRequest,
    signal?: AbortSignal,
  ): Promise<MadeKey>;
  /** Has a tenant's part of the index moved to a pool. @throws MnemeError TENANT_NOT_FOUND, REQUEST_ID_REUSED. */
  move(
    who: Administrator,
    tenantId: string,
    pool: string,
    request: WriteRequest,
    signal?: AbortSignal,
  ): Promise<void>;
  /**
   * When the tenant's place in the index was changed last.
   *
   * @returns undefined where it never was. @throws MnemeError TENANT_NOT_FOUND.
   */
  placedAt(who: Administrator, tenantId: string, signal?: AbortSignal): Promise<Date | undefined>;
  /**
   * Does once a request what lies outside the record; a repetition gets its result, ids and counts alone.
   *
   * @throws MnemeError REQUEST_ID_REUSED.
   */
  once<T extends object>(
    who: Administrator,
    request: WriteRequest,
    work: () => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T>;
}
