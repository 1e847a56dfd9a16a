import type { HandlerContext } from "@connectrpc/connect";
import { listConsolidations as list } from "@mneme/core/consolidation/read-consolidations.ts";
import type { ListConsolidationsRequest } from "@mneme/proto/mneme/consolidation/v1/consolidation_service_pb.js";
import type { Scope } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import { callerOf } from "../../call.ts";
import { fromConsolidation } from "../../convert/consolidation.ts";
import { toScope } from "../../convert/scope.ts";
import type { RouteDeps } from "../deps.ts";

export function listConsolidations(deps: Pick<RouteDeps, "consolidations">) {
  return async (request: ListConsolidationsRequest, context: HandlerContext) => {
    const { pageSize, pageToken } = request;
    const listing = { scope: toScope(request.scope as Scope), pageSize, pageToken };
    const page = await list(deps, callerOf(context), listing, context.signal);
    return { consolidations: page.items.map(fromConsolidation), nextPageToken: page.nextPageToken };
  };
}
