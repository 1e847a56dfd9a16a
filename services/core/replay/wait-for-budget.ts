import { isBudgetExceeded } from "../cost/budget.ts";
import type { MnemeError } from "../errors.ts";
import type { Reconciler } from "../extraction/reconciler.ts";

/** A budget that is spent, where ingest would go on by rules: a replay waits instead. */
export class BudgetSpent extends Error {
  override readonly name = "BudgetSpent";
  override readonly cause: MnemeError;

  constructor(cause: MnemeError) {
    super("a budget for models is spent", { cause });
    this.cause = cause;
  }
}

/** A reconciler that rules never stand in for because a budget is spent. */
export function waitingForBudget(reconciler: Reconciler): Reconciler {
  const { name, version, concurrency } = reconciler;
  return {
    name,
    version,
    concurrency,
    reconcile: (question, options) =>
      reconciler.reconcile(question, options).catch((error: unknown) => {
        throw isBudgetExceeded(error) ? new BudgetSpent(error) : error;
      }),
  };
}

/** The error of a budget that is spent; undefined for any other. */
export function spentBudgetOf(error: unknown): MnemeError | undefined {
  if (error instanceof BudgetSpent) return error.cause;
  return isBudgetExceeded(error) ? error : undefined;
}
