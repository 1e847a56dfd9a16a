import { type Auditor, eventOfService } from "@mneme/core/audit/auditor.ts";
import { budgetsOf } from "@mneme/core/cost/budget.ts";
import { type BudgetReached, createBudgetHold, type Reservation } from "@mneme/core/cost/budget-hold.ts";
import { countingBy } from "@mneme/core/cost/call-counters.ts";
import { type CountedSpending, countSpending } from "@mneme/core/cost/count-spending.ts";
import type { SettingsByLevel } from "@mneme/core/tenancy/settings-of.ts";
import { createBudgetStore } from "@mneme/postgres/budget-store.ts";
import type { Database } from "@mneme/postgres/database.ts";
import { createSpendingStore } from "@mneme/postgres/spending-store.ts";
import type { Logger } from "pino";
import type { WorkerConfig } from "./config.ts";
import { describe } from "./guard.ts";
import type { WorkerMetrics } from "./metrics.ts";

export type SpendingMetrics = Pick<
  WorkerMetrics,
  "modelCalls" | "modelTokens" | "modelCost" | "unpricedTokens" | "budgetsReached"
>;

export interface SpendingDeps {
  readonly pool: Database["pool"];
  readonly settings: SettingsByLevel;
  readonly auditor: Auditor;
  readonly config: Pick<WorkerConfig, "prices" | "extractor">;
  readonly log: Logger;
  readonly metrics: SpendingMetrics;
}

/** Beyond the time that a request may take: to reserve and settle it. */
const SETTLE_MS = 60_000;

/** What the worker's calls of models are held to, and counted by. */
export function createSpending(deps: SpendingDeps): CountedSpending {
  const { pool, settings, config, log, metrics } = deps;
  const timeoutMs = config.extractor.model?.timeoutMs ?? 0;
  const budgets = createBudgetHold(createBudgetStore(pool), {
    budgetsOf: async (tenantId, projectId) => {
      const [project = {}, tenant = {}] = await settings.levelsOf(tenantId, projectId);
      return budgetsOf(project, tenant);
    },
    leaseMs: timeoutMs + SETTLE_MS,
    onReached: (of, reached) => tellReached(deps, of, reached),
  });
  return countSpending(createSpendingStore(pool), {
    prices: config.prices,
    budgets,
    onCall: countingBy(metrics),
    onFailure: (error) => log.warn({ err: error }, "what models used could not be kept; trying again"),
  });
}

function tellReached(
  { auditor, log, metrics }: Pick<SpendingDeps, "auditor" | "log" | "metrics">,
  { tenantId, projectId }: Pick<Reservation, "tenantId" | "projectId">,
  { level, part }: BudgetReached,
): void {
  metrics.budgetsReached.inc({ level, part: String(part) });
  const whose = level === "tenant" ? { tenantId } : { tenantId, projectId };
  log.warn({ ...whose, part }, "a budget for models is spent to this part, in per cent");
  const event = eventOfService({
    service: "budget",
    action: part === 100 ? "budget/spent" : "budget/nearly-spent",
    projectId: level === "project" ? projectId : "",
    resources: [level === "tenant" ? { type: "tenant", id: tenantId } : { type: "project", id: projectId }],
  });
  auditor.note(tenantId, event).catch((error: unknown) => {
    log.warn({ ...whose, ...describe(error) }, "the audit event of a budget could not be kept");
  });
}
