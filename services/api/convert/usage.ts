import { create } from "@bufbuild/protobuf";
import type { ModelPurpose } from "@mneme/core/cost/model-spending.ts";
import { toMicrodollars } from "@mneme/core/cost/prices.ts";
import type { TenantUsage } from "@mneme/core/cost/tenant-usage.ts";
import { totalOf } from "@mneme/core/cost/token-counts.ts";
import type { BudgetReport, ModelUsage } from "@mneme/core/cost/usage-reports.ts";
import {
  TenantUsageSchema,
  type TenantUsage as WireTenantUsage,
} from "@mneme/proto/mneme/operator/v1/usage_pb.js";
import {
  BudgetSchema,
  BudgetState,
  ModelUsageSchema,
  type Budget as WireBudget,
  ModelPurpose as WirePurpose,
  type ModelUsage as WireUsage,
} from "@mneme/proto/mneme/tenancy/v1/usage_pb.js";

const PURPOSES: Readonly<Record<ModelPurpose, WirePurpose>> = {
  extract: WirePurpose.EXTRACT,
  reconcile: WirePurpose.RECONCILE,
  embed: WirePurpose.EMBED,
  rerank: WirePurpose.RERANK,
  summarise: WirePurpose.SUMMARISE,
  extract_batch: WirePurpose.EXTRACT_BATCH,
  replay: WirePurpose.REPLAY,
};

const STATES: Readonly<Record<BudgetReport["state"], BudgetState>> = {
  none: BudgetState.UNSPECIFIED,
  open: BudgetState.OPEN,
  nearly_spent: BudgetState.NEARLY_SPENT,
  spent: BudgetState.SPENT,
};

/** Of no project where it is of all. */
export function fromUsage({
  tokens,
  cost,
  ...usage
}: Omit<ModelUsage, "projectId"> & Partial<ModelUsage>): WireUsage {
  return create(ModelUsageSchema, {
    periodStart: usage.periodStart,
    ...(usage.projectId && { projectId: usage.projectId }),
    model: usage.model,
    purpose: PURPOSES[usage.purpose],
    calls: BigInt(usage.calls),
    inputTokens: BigInt(tokens.input),
    cachedInputTokens: BigInt(tokens.cachedInput),
    outputTokens: BigInt(tokens.output),
    microdollars: toMicrodollars(cost),
    unpricedTokens: BigInt(usage.unpricedTokens),
  });
}

export function fromBudget(budget: BudgetReport): WireBudget {
  const { monthlyMicrodollars, monthlyTokens, state, spent, reserved } = budget;
  return create(BudgetSchema, {
    state: STATES[state],
    ...(monthlyMicrodollars !== undefined && { monthlyMicrodollars: BigInt(monthlyMicrodollars) }),
    ...(monthlyTokens !== undefined && { monthlyTokens: BigInt(monthlyTokens) }),
    spentMicrodollars: toMicrodollars(spent.cost),
    spentTokens: BigInt(spent.tokens),
    reservedMicrodollars: toMicrodollars(reserved.cost),
    reservedTokens: BigInt(reserved.tokens),
  });
}

export function fromTenantUsage({ tenantId, tenantName, usage }: TenantUsage): WireTenantUsage {
  const sum = (amountOf: (one: (typeof usage)[number]) => number) =>
    BigInt(usage.reduce((all, one) => all + amountOf(one), 0));
  return create(TenantUsageSchema, {
    tenantId,
    tenantName,
    microdollars: toMicrodollars(usage.reduce((all, { cost }) => all + cost, 0n)),
    tokens: sum(({ tokens }) => totalOf(tokens)),
    unpricedTokens: sum(({ unpricedTokens }) => unpricedTokens),
    usage: usage.map(fromUsage),
  });
}
