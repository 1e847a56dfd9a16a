import type { HandlerContext } from "@connectrpc/connect";
import { deleteMemories } from "@mneme/core/memory/delete-memories.ts";
import {
  type DeleteMemoryRequest,
  DeleteMemoryRequestSchema,
} from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { callerOf } from "../call.ts";
import { canonicalBody } from "../convert/write-request.ts";
import type { RouteDeps } from "./deps.ts";

export function deleteMemory(deps: RouteDeps) {
  return async (request: DeleteMemoryRequest, context: HandlerContext) => {
    const { memoryId, etag, requestId } = request;
    const body = canonicalBody(DeleteMemoryRequestSchema, request);
    const command = { rpc: "DeleteMemory", targets: [{ memoryId, etag }], requestId, body } as const;
    await deleteMemories(deps, callerOf(context), command, context.signal);
    return {};
  };
}
