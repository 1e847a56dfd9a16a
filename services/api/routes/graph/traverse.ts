import type { HandlerContext } from "@connectrpc/connect";
import { traverse as walk } from "@mneme/core/graph/read-graph.ts";
import type { TraverseRequest } from "@mneme/proto/mneme/graph/v1/graph_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromCut, fromEntity, fromRelation, toDirection, toGraphQuery } from "../../convert/graph.ts";
import type { RouteDeps } from "../deps.ts";

const DEFAULTS = { depth: 2, maxEntities: 100, maxRelations: 200, fanOut: 20 };

export function traverse(deps: RouteDeps) {
  return async (request: TraverseRequest, context: HandlerContext) => {
    const query = {
      ...toGraphQuery(request),
      entityIds: request.entityIds,
      depth: request.depth || DEFAULTS.depth,
      direction: toDirection(request.direction),
      types: request.relationTypes,
      maxEntities: request.maxEntities || DEFAULTS.maxEntities,
      maxRelations: request.maxRelations || DEFAULTS.maxRelations,
      fanOut: request.fanOut || DEFAULTS.fanOut,
    };
    const { reached, relations, cutBy } = await walk(deps, callerOf(context), query, context.signal);
    return {
      reached: reached.map(({ entity, depth }) => ({ entity: fromEntity(entity), depth })),
      relations: relations.map(fromRelation),
      limitsMet: cutBy.map(fromCut),
    };
  };
}
