import type { HandlerContext } from "@connectrpc/connect";
import {
  type DeleteAllMemoriesRequest,
  DeleteAllMemoriesRequestSchema,
} from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import type { Scope } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import { callerOf } from "../call.ts";
import { toScope } from "../convert/scope.ts";
import { toWriteRequest } from "../convert/write-request.ts";
import type { RouteDeps } from "./deps.ts";

export function deleteAllMemories({ memories }: RouteDeps) {
  return async (request: DeleteAllMemoriesRequest, context: HandlerContext) => {
    const write = toWriteRequest("DeleteAllMemories", DeleteAllMemoriesRequestSchema, request);
    const scope = toScope(request.scope as Scope);
    return { deleted: await memories.deleteAll(callerOf(context), scope, write, context.signal) };
  };
}
