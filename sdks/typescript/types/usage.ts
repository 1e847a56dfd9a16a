/** What a model was asked for; `extract_batch`: to read what could wait, in a batch. */
export type ModelPurpose =
  | "extract"
  | "reconcile"
  | "embed"
  | "rerank"
  | "summarise"
  | "extract_batch"
  | "replay";

/** What calls of one model for one purpose took of a project in a period. */
export interface ModelUsage {
  /** First day of the period, UTC: `2026-03-01`. */
  readonly periodStart: string;
  readonly projectId: string;
  readonly model: string;
  /** Undefined where a newer server knows more. */
  readonly purpose: ModelPurpose | undefined;
  readonly calls: number;
  readonly inputTokens: number;
  /** Read from the server's cache. */
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** What had a price, in millionths of a US dollar, rounded up. */
  readonly microdollars: number;
  /** Tokens that had no price. */
  readonly unpricedTokens: number;
}

/** What calls of models took of one tenant in a month. */
export interface TenantUsage {
  readonly tenantId: string;
  readonly tenantName: string;
  /** What had a price, in millionths of a US dollar, rounded up. */
  readonly microdollars: number;
  /** Read and written. */
  readonly tokens: number;
  /** Tokens that had no price. */
  readonly unpricedTokens: number;
  /** The same by model and purpose, over all projects. */
  readonly usage: readonly Omit<ModelUsage, "projectId">[];
}

/** A month's budget, and what of it is spent. */
export interface Budget {
  /** Undefined where none is set. */
  readonly state: "open" | "nearly_spent" | "spent" | undefined;
  readonly monthlyMicrodollars: number | undefined;
  readonly monthlyTokens: number | undefined;
  readonly spentMicrodollars: number;
  readonly spentTokens: number;
  /** What calls that are being made may take beside that. */
  readonly reservedMicrodollars: number;
  readonly reservedTokens: number;
}

/** This month's budgets of a project. */
export interface ProjectBudgets {
  readonly project: Budget;
  /** Of all projects together; undefined for a key of one project. */
  readonly tenant: Budget | undefined;
  /** People, and shared scopes, whose extractions wait for a budget. */
  readonly waiting: number;
}
