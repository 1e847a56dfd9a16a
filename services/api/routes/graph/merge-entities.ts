import type { HandlerContext } from "@connectrpc/connect";
import { mergeEntities as merge } from "@mneme/core/graph/change-graph.ts";
import {
  type MergeEntitiesRequest,
  MergeEntitiesRequestSchema,
} from "@mneme/proto/mneme/graph/v1/graph_service_pb.js";
import type { Scope } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import { callerOf } from "../../call.ts";
import { fromEntity } from "../../convert/graph.ts";
import { toScope } from "../../convert/scope.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function mergeEntities(deps: RouteDeps) {
  return async (request: MergeEntitiesRequest, context: HandlerContext) => {
    const { entityId, otherEntityIds: otherIds, allowDifferentTypes } = request;
    const command = { scope: toScope(request.scope as Scope), entityId, otherIds, allowDifferentTypes };
    const write = toWriteRequest("MergeEntities", MergeEntitiesRequestSchema, request);
    const entity = await merge(deps, callerOf(context), command, write, context.signal);
    return { entity: fromEntity(entity) };
  };
}
