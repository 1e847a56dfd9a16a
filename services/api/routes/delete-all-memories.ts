import type { HandlerContext } from "@connectrpc/connect";
import { deleteAllMemories as deleteAll } from "@mneme/core/memory/delete-all.ts";
import {
  type DeleteAllMemoriesRequest,
  DeleteAllMemoriesRequestSchema,
} from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import type { Scope } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import { callerOf } from "../call.ts";
import { toScope } from "../convert/scope.ts";
import { canonicalBody } from "../convert/write-request.ts";
import type { RouteDeps } from "./deps.ts";

export function deleteAllMemories(deps: RouteDeps) {
  return async (request: DeleteAllMemoriesRequest, context: HandlerContext) => {
    const scope = toScope(request.scope as Scope);
    const body = canonicalBody(DeleteAllMemoriesRequestSchema, request);
    const command = { scope, requestId: request.requestId, body };
    return { deleted: await deleteAll(deps, callerOf(context), command, context.signal) };
  };
}
