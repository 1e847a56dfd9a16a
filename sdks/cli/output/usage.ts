import type { Budget, ModelUsage, ProjectBudgets, TenantUsage } from "@mneme/sdk";
import { facts, table } from "./table.ts";

export function usageTable(usage: readonly ModelUsage[], width: number): string {
  return table(
    [
      { head: "from", width: 12 },
      { head: "project", width: 38 },
      { head: "model" },
      { head: "for", width: 11 },
      { head: "calls", width: 9, right: true },
      { head: "input", width: 12, right: true },
      { head: "cached", width: 12, right: true },
      { head: "output", width: 12, right: true },
      { head: "dollars", width: 14, right: true },
    ],
    usage.map((one) => [
      one.periodStart,
      one.projectId,
      one.model,
      one.purpose ?? "",
      String(one.calls),
      String(one.inputTokens),
      String(one.cachedInputTokens),
      String(one.outputTokens),
      costOf(one),
    ]),
    width,
  );
}

/** What each tenant took, all models together. */
export function tenantUsageTable(tenants: readonly TenantUsage[], width: number): string {
  return table(
    [
      { head: "id", width: 38 },
      { head: "name" },
      { head: "tokens", width: 14, right: true },
      { head: "dollars", width: 16, right: true },
    ],
    tenants.map((one) => [one.tenantId, one.tenantName, String(one.tokens), costOf(one)]),
    width,
  );
}

/** What had no price is no part of the sum, and must not look as if it cost nothing. */
function costOf({
  microdollars,
  unpricedTokens,
}: Pick<ModelUsage, "microdollars" | "unpricedTokens">): string {
  if (unpricedTokens === 0) return dollars(microdollars);
  return microdollars === 0 ? "no price" : `${dollars(microdollars)} + ?`;
}

export function budgetFacts({ project, tenant, waiting }: ProjectBudgets): string {
  return facts([
    ["project", budgetText(project)],
    ["tenant", tenant && budgetText(tenant)],
    ["waiting", waiting > 0 ? `${waiting} (people and shared scopes)` : "nobody"],
  ]);
}

function budgetText(budget: Budget): string {
  const { state, monthlyMicrodollars, monthlyTokens, spentMicrodollars, spentTokens } = budget;
  const money = of(
    dollars(spentMicrodollars),
    monthlyMicrodollars === undefined ? undefined : dollars(monthlyMicrodollars),
  );
  const tokens = of(`${spentTokens}`, monthlyTokens === undefined ? undefined : `${monthlyTokens}`);
  return `${state?.replace("_", " ") ?? "no budget"}: ${money} dollars, ${tokens} tokens this month`;
}

const of = (spent: string, most: string | undefined) => (most === undefined ? spent : `${spent} of ${most}`);

/** To the last millionth that there is. */
export function dollars(microdollars: number): string {
  return (microdollars / 1e6).toFixed(6).replace(/(\.\d\d\d*?)0+$/, "$1");
}
