import type { TenantUsage as WireTenantUsage } from "@mneme/proto/mneme/operator/v1/usage_pb.js";
import type { GetBudgetResponse } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import {
  BudgetStateSchema,
  ModelPurposeSchema,
  type Budget as WireBudget,
  type ModelPurpose as WirePurpose,
  type BudgetState as WireState,
  type ModelUsage as WireUsage,
} from "@mneme/proto/mneme/tenancy/v1/usage_pb.js";
import type { Budget, ModelPurpose, ModelUsage, ProjectBudgets, TenantUsage } from "../types/usage.ts";
import { enumCodec } from "./enum.ts";

const purposes = enumCodec<ModelPurpose, WirePurpose>(ModelPurposeSchema);
const states = enumCodec<NonNullable<Budget["state"]>, WireState>(BudgetStateSchema);

export function usageFromWire(wire: WireUsage): ModelUsage {
  return {
    periodStart: wire.periodStart,
    projectId: wire.projectId,
    model: wire.model,
    purpose: purposes.fromWire(wire.purpose),
    calls: Number(wire.calls),
    inputTokens: Number(wire.inputTokens),
    cachedInputTokens: Number(wire.cachedInputTokens),
    outputTokens: Number(wire.outputTokens),
    microdollars: Number(wire.microdollars),
    unpricedTokens: Number(wire.unpricedTokens),
  };
}

export function tenantUsageFromWire({ usage, ...wire }: WireTenantUsage): TenantUsage {
  return {
    tenantId: wire.tenantId,
    tenantName: wire.tenantName,
    microdollars: Number(wire.microdollars),
    tokens: Number(wire.tokens),
    unpricedTokens: Number(wire.unpricedTokens),
    usage: usage.map((one) => {
      const { projectId: _, ...ofAll } = usageFromWire(one);
      return ofAll;
    }),
  };
}

export function budgetsFromWire({ project, tenant, waiting }: GetBudgetResponse): ProjectBudgets {
  return {
    project: budgetFromWire(project),
    tenant: tenant && budgetFromWire(tenant),
    waiting: Number(waiting),
  };
}

function budgetFromWire(wire: WireBudget | undefined): Budget {
  return {
    state: wire && states.fromWire(wire.state),
    monthlyMicrodollars: optional(wire?.monthlyMicrodollars),
    monthlyTokens: optional(wire?.monthlyTokens),
    spentMicrodollars: Number(wire?.spentMicrodollars ?? 0),
    spentTokens: Number(wire?.spentTokens ?? 0),
    reservedMicrodollars: Number(wire?.reservedMicrodollars ?? 0),
    reservedTokens: Number(wire?.reservedTokens ?? 0),
  };
}

const optional = (amount: bigint | undefined) => (amount === undefined ? undefined : Number(amount));
