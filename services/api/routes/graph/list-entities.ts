import type { HandlerContext } from "@connectrpc/connect";
import { listEntities as list } from "@mneme/core/graph/read-graph.ts";
import type { ListEntitiesRequest } from "@mneme/proto/mneme/graph/v1/graph_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromEntity, toGraphQuery } from "../../convert/graph.ts";
import type { RouteDeps } from "../deps.ts";

export function listEntities(deps: RouteDeps) {
  return async (request: ListEntitiesRequest, context: HandlerContext) => {
    const { types, name, namePrefix, pageSize, pageToken } = request;
    const listing = {
      ...toGraphQuery(request),
      types,
      name: name || undefined,
      namePrefix: namePrefix || undefined,
      pageSize,
      pageToken,
    };
    const page = await list(deps, callerOf(context), listing, context.signal);
    return { entities: page.entities.map(fromEntity), nextPageToken: page.nextPageToken };
  };
}
