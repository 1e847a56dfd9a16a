import type { HandlerContext } from "@connectrpc/connect";
import type { GetPlacementRequest } from "@mneme/proto/mneme/operator/v1/operator_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromPlacement } from "../../convert/placement.ts";
import type { RouteDeps } from "../deps.ts";

export function getPlacement({ operator, placements }: Pick<RouteDeps, "operator" | "placements">) {
  return async ({ tenantId }: GetPlacementRequest, context: HandlerContext) => {
    const changedAt = await operator.placedAt(callerOf(context), tenantId, context.signal);
    return { placement: fromPlacement(await placements.find(tenantId, context.signal), changedAt) };
  };
}
