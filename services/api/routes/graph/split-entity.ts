import type { HandlerContext } from "@connectrpc/connect";
import { splitEntity as split } from "@mneme/core/graph/change-graph.ts";
import {
  type SplitEntityRequest,
  SplitEntityRequestSchema,
} from "@mneme/proto/mneme/graph/v1/graph_service_pb.js";
import type { Scope } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import { callerOf } from "../../call.ts";
import { fromEntity } from "../../convert/graph.ts";
import { toScope } from "../../convert/scope.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function splitEntity(deps: RouteDeps) {
  return async (request: SplitEntityRequest, context: HandlerContext) => {
    const { entityId, nameIds } = request;
    const command = { scope: toScope(request.scope as Scope), entityId, nameIds };
    const write = toWriteRequest("SplitEntity", SplitEntityRequestSchema, request);
    const entities = await split(deps, callerOf(context), command, write, context.signal);
    return { entities: entities.map(fromEntity) };
  };
}
