import type { Administrator } from "../tenancy/administrator.ts";
import type { Page, PageAsked } from "../tenancy/page.ts";
import type { BudgetAmounts } from "./budget.ts";
import type { ModelPurpose } from "./model-spending.ts";
import type { Picodollars } from "./prices.ts";
import type { TokenCounts } from "./token-counts.ts";

export interface UsageAsked extends PageAsked {
  /** UTC, `2026-03-01`; both are in it. */
  readonly from: string;
  readonly to: string;
  readonly period: "day" | "month";
  /** Empty for all that the credentials see. */
  readonly projectId: string;
}

/** What calls of one model for one purpose took of a project in a period. */
export interface ModelUsage {
  /** The period's first day. */
  readonly periodStart: string;
  readonly projectId: string;
  readonly model: string;
  readonly purpose: ModelPurpose;
  readonly calls: number;
  readonly tokens: TokenCounts;
  /** Of the tokens that have a price. */
  readonly cost: Picodollars;
  readonly unpricedTokens: number;
}

/** A month's budget, and what of it is spent. */
export interface BudgetReport extends BudgetAmounts {
  /** `none` where nothing is set. */
  readonly state: "none" | "open" | "nearly_spent" | "spent";
  readonly spent: { readonly cost: Picodollars; readonly tokens: number };
  /** What calls that are being made may take. */
  readonly reserved: { readonly cost: Picodollars; readonly tokens: number };
}

export interface BudgetReports {
  readonly project: BudgetReport;
  /** Undefined for credentials of one project. */
  readonly tenant: BudgetReport | undefined;
  /** Streams of the project that wait for a budget: people, and shared scopes. */
  readonly waiting: number;
}

/** What a tenant's administrators are told of what models cost. */
export interface UsageReports {
  /** Oldest period first. @throws MnemeError PAGE_TOKEN_INVALID. */
  list(who: Administrator, asked: UsageAsked, signal?: AbortSignal): Promise<Page<ModelUsage>>;
  /**
   * @param projectId that of the credentials if empty.
   * @param month its first day.
   * @throws MnemeError PROJECT_NOT_FOUND.
   */
  budgets(who: Administrator, projectId: string, month: string, signal?: AbortSignal): Promise<BudgetReports>;
}
