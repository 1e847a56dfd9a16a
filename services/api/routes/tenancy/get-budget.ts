import type { HandlerContext } from "@connectrpc/connect";
import { monthOf } from "@mneme/core/limits/exceeded.ts";
import type { GetBudgetRequest } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromBudget } from "../../convert/usage.ts";
import type { RouteDeps } from "../deps.ts";

export function getBudget({ usage }: Pick<RouteDeps, "usage">) {
  return async ({ projectId }: GetBudgetRequest, context: HandlerContext) => {
    const month = monthOf(new Date());
    const { project, tenant, waiting } = await usage.budgets(
      callerOf(context),
      projectId,
      month,
      context.signal,
    );
    return {
      project: fromBudget(project),
      ...(tenant && { tenant: fromBudget(tenant) }),
      waiting: BigInt(waiting),
    };
  };
}
