import { LRUCache } from "lru-cache";
import { monthOf } from "../limits/exceeded.ts";
import type { SettingsByLevel, SettingsOf } from "../tenancy/settings-of.ts";
import { type BudgetLevel, type Budgets, budgetExceeded, budgetsOf, isAnySet } from "./budget.ts";

/** Where it is told what is spent. */
export interface SpentBudgets {
  /**
   * Whose budget of a month is spent: a call did not fit in any more, or nothing is left.
   *
   * @param month its first day, `2026-03-01`.
   */
  spentBy(
    of: { readonly tenantId: string; readonly projectId: string },
    month: string,
    budgets: Budgets,
  ): Promise<BudgetLevel | undefined>;
}

/** Refuses what a model would have to read, where a project wants that once its budget is spent. */
export interface BudgetGuard {
  /**
   * @param field of the request that is refused.
   * @throws MnemeError BUDGET_EXCEEDED with RetryInfo; DEPENDENCY_UNAVAILABLE.
   */
  admit(tenantId: string, projectId: string, field: string): Promise<void>;
}

export interface BudgetGuardOptions {
  /** How long what was read is trusted, 1,000 ms by default. */
  readonly trustMs?: number;
  readonly now?: () => Date;
}

const MOST_PROJECTS = 10_000;

export function createBudgetGuard(
  store: SpentBudgets,
  settings: SettingsOf & SettingsByLevel,
  { trustMs = 1_000, now = () => new Date() }: BudgetGuardOptions = {},
): BudgetGuard {
  const known = new LRUCache<string, Promise<BudgetLevel | undefined>>({
    max: MOST_PROJECTS,
    ...(trustMs > 0 && { ttl: trustMs }),
  });

  function look(tenantId: string, projectId: string, budgets: Budgets): Promise<BudgetLevel | undefined> {
    const month = monthOf(now());
    // Another budget is another question: a raised one lets adds in at once.
    const slot = JSON.stringify([tenantId, projectId, month, budgets]);
    const before = trustMs > 0 ? known.get(slot) : undefined;
    if (before) return before;
    const fresh = store.spentBy({ tenantId, projectId }, month, budgets);
    known.set(slot, fresh);
    fresh.catch(() => known.peek(slot) === fresh && known.delete(slot));
    return fresh;
  }

  return {
    async admit(tenantId, projectId, field) {
      const { budget } = await settings.of(tenantId, projectId);
      if (budget?.whenSpent !== "refuse") return;
      const [project = {}, tenant = {}] = await settings.levelsOf(tenantId, projectId);
      const budgets = budgetsOf(project, tenant);
      if (!isAnySet(budgets)) return;
      const level = await look(tenantId, projectId, budgets);
      if (level) throw budgetExceeded(level, now(), field);
    },
  };
}
