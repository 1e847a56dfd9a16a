import { MnemeError } from "../errors.ts";
import { untilNextMonth } from "../limits/exceeded.ts";
import type { BudgetSettings, Settings } from "../tenancy/settings.ts";

/** Whose budget it is. */
export type BudgetLevel = "tenant" | "project";

/** What models may cost in a month, UTC, and how many tokens they may take; unlimited where absent. */
export type BudgetAmounts = Pick<BudgetSettings, "monthlyMicrodollars" | "monthlyTokens">;

/** What a call is held to: both. */
export interface Budgets {
  readonly tenant: BudgetAmounts;
  readonly project: BudgetAmounts;
}

/** What a project does at the end of its budget, where nobody says. */
export const DEFAULT_WHEN_SPENT: NonNullable<BudgetSettings["whenSpent"]> = "queue";

/** Each level's own: a project is held to its tenant's beside its own. */
export function budgetsOf(project: Settings, tenant: Settings): Budgets {
  return { tenant: tenant.budget ?? {}, project: project.budget ?? {} };
}

/** False where nothing holds anybody back. */
export function isAnySet({ tenant, project }: Budgets): boolean {
  return [tenant, project].some(
    ({ monthlyMicrodollars, monthlyTokens }) =>
      monthlyMicrodollars !== undefined || monthlyTokens !== undefined,
  );
}

/** @param field of the request that is refused, if one is. */
export function budgetExceeded(level: BudgetLevel, now: Date, field?: string): MnemeError {
  const message = `the ${level}'s budget for models is spent until the month ends; raise it, or wait`;
  return new MnemeError("resource_exhausted", "BUDGET_EXCEEDED", message, {
    metadata: { scope: level, ...(field !== undefined && { field }) },
    retryAfterMs: untilNextMonth(now),
    ...(field !== undefined && { fields: [{ field, description: message }] }),
  });
}

/** Calls under way may take a minute, and mostly take less than is reserved for them. */
const SETTLED_AFTER_MS = 30_000;

/** What is left is reserved for calls that are being made: some of it comes back with them. */
export function budgetReserved(level: BudgetLevel): MnemeError {
  const message = `what is left of the ${level}'s budget for models is reserved for calls under way; try again soon`;
  return new MnemeError("resource_exhausted", "BUDGET_EXCEEDED", message, {
    metadata: { scope: level },
    retryAfterMs: SETTLED_AFTER_MS,
  });
}

export function isBudgetExceeded(error: unknown): error is MnemeError {
  return error instanceof MnemeError && error.reason === "BUDGET_EXCEEDED";
}
