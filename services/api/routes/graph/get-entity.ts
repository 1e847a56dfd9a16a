import type { HandlerContext } from "@connectrpc/connect";
import { getEntity as read } from "@mneme/core/graph/read-graph.ts";
import type { GetEntityRequest } from "@mneme/proto/mneme/graph/v1/graph_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromEntity, toGraphQuery } from "../../convert/graph.ts";
import type { RouteDeps } from "../deps.ts";

export function getEntity(deps: RouteDeps) {
  return async (request: GetEntityRequest, context: HandlerContext) => {
    const query = { ...toGraphQuery(request), entityId: request.entityId };
    return { entity: fromEntity(await read(deps, callerOf(context), query, context.signal)) };
  };
}
