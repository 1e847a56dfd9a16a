import type { HandlerContext } from "@connectrpc/connect";
import { deleteMemories } from "@mneme/core/memory/delete-memories.ts";
import {
  type BatchDeleteMemoriesRequest,
  BatchDeleteMemoriesRequestSchema,
} from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { callerOf } from "../call.ts";
import { canonicalBody } from "../convert/write-request.ts";
import type { RouteDeps } from "./deps.ts";

export function batchDeleteMemories(deps: RouteDeps) {
  return async (request: BatchDeleteMemoriesRequest, context: HandlerContext) => {
    const { memoryIds, requestId } = request;
    const targets = memoryIds.map((memoryId) => ({ memoryId, etag: "" }));
    const body = canonicalBody(BatchDeleteMemoriesRequestSchema, request);
    const command = { rpc: "BatchDeleteMemories", targets, requestId, body } as const;
    return { deleted: await deleteMemories(deps, callerOf(context), command, context.signal) };
  };
}
