import type { Administrator } from "../tenancy/administrator.ts";
import type { Page, PageAsked } from "../tenancy/page.ts";
import type { ModelUsage } from "./usage-reports.ts";

/** What calls of models took of one tenant in a month. */
export interface TenantUsage {
  readonly tenantId: string;
  readonly tenantName: string;
  /** By model and purpose, over all projects. */
  readonly usage: readonly Omit<ModelUsage, "projectId">[];
}

/** What the operator is told of what models cost: sums, and nothing of a tenant's own. */
export interface TenantUsageReports {
  /**
   * Tenants, oldest first, those that used nothing among them.
   *
   * @param asked.month its first day, `2026-03-01`.
   * @throws MnemeError PAGE_TOKEN_INVALID.
   */
  list(
    who: Administrator,
    asked: PageAsked & { readonly month: string },
    signal?: AbortSignal,
  ): Promise<Page<TenantUsage>>;
}
