import type { HandlerContext } from "@connectrpc/connect";
import { findPaths as find } from "@mneme/core/graph/read-graph.ts";
import type { FindPathsRequest } from "@mneme/proto/mneme/graph/v1/graph_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromEntity, fromRelation, toGraphQuery } from "../../convert/graph.ts";
import type { RouteDeps } from "../deps.ts";

const MOST_HOPS = 3;
const DEFAULT_LIMIT = 5;

export function findPaths(deps: RouteDeps) {
  return async (request: FindPathsRequest, context: HandlerContext) => {
    const query = {
      ...toGraphQuery(request),
      fromId: request.fromEntityId,
      toId: request.toEntityId,
      maxHops: request.maxHops || MOST_HOPS,
      limit: request.limit || DEFAULT_LIMIT,
      types: request.relationTypes,
    };
    const { paths, entities, isCut } = await find(deps, callerOf(context), query, context.signal);
    return {
      paths: paths.map(({ entityIds, relations }) => ({
        entityIds: [...entityIds],
        relations: relations.map(fromRelation),
      })),
      entities: entities.map(fromEntity),
      cut: isCut,
    };
  };
}
