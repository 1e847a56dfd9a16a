import type { HandlerContext } from "@connectrpc/connect";
import { listNeighbours as list } from "@mneme/core/graph/read-graph.ts";
import type { ListNeighboursRequest } from "@mneme/proto/mneme/graph/v1/graph_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromEntity, fromRelation, toDirection, toGraphQuery } from "../../convert/graph.ts";
import type { RouteDeps } from "../deps.ts";

const DEFAULT_LIMIT = 50;

export function listNeighbours(deps: RouteDeps) {
  return async (request: ListNeighboursRequest, context: HandlerContext) => {
    const query = {
      ...toGraphQuery(request),
      entityId: request.entityId,
      direction: toDirection(request.direction),
      types: request.relationTypes,
      limit: request.limit || DEFAULT_LIMIT,
    };
    const { relations, entities, isCut } = await list(deps, callerOf(context), query, context.signal);
    return { relations: relations.map(fromRelation), entities: entities.map(fromEntity), cut: isCut };
  };
}
