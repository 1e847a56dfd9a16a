import type { HandlerContext } from "@connectrpc/connect";
import { OWN, poolFor } from "@mneme/core/tenancy/placement.ts";
import {
  type MoveTenantRequest,
  MoveTenantRequestSchema,
} from "@mneme/proto/mneme/operator/v1/operator_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromPlacement } from "../../convert/placement.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function moveTenant({ operator, placements }: Pick<RouteDeps, "operator" | "placements">) {
  return async (request: MoveTenantRequest, context: HandlerContext) => {
    const write = toWriteRequest("OperatorService/MoveTenant", MoveTenantRequestSchema, request);
    const { tenantId, target } = request;
    const pool = poolFor(tenantId, target.case === "pool" ? target.value : OWN);
    const caller = callerOf(context);
    await operator.move(caller, tenantId, pool, write, context.signal);
    const changedAt = await operator.placedAt(caller, tenantId, context.signal);
    return { placement: fromPlacement(await placements.find(tenantId, context.signal), changedAt) };
  };
}
