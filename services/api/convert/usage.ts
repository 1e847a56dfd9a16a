import { create } from "@bufbuild/protobuf";
import type { ModelPurpose } from "@mneme/core/cost/model-spending.ts";
import { toMicrodollars } from "@mneme/core/cost/prices.ts";
import type { BudgetReport, ModelUsage } from "@mneme/core/cost/usage-reports.ts";
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

export function fromUsage({ tokens, cost, ...usage }: ModelUsage): WireUsage {
  return create(ModelUsageSchema, {
    periodStart: usage.periodStart,
    projectId: usage.projectId,
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
