import type { HandlerContext } from "@connectrpc/connect";
import { getConsolidation as get } from "@mneme/core/consolidation/read-consolidations.ts";
import type { GetConsolidationRequest } from "@mneme/proto/mneme/consolidation/v1/consolidation_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromConsolidation } from "../../convert/consolidation.ts";
import type { RouteDeps } from "../deps.ts";

export function getConsolidation(deps: Pick<RouteDeps, "consolidations">) {
  return async ({ consolidationId }: GetConsolidationRequest, context: HandlerContext) => {
    const found = await get(deps, callerOf(context), consolidationId, context.signal);
    return { consolidation: fromConsolidation(found) };
  };
}
