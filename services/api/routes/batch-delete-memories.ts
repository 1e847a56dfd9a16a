import type { HandlerContext } from "@connectrpc/connect";
import {
  type BatchDeleteMemoriesRequest,
  BatchDeleteMemoriesRequestSchema,
} from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { callerOf } from "../call.ts";
import { toWriteRequest } from "../convert/write-request.ts";
import type { RouteDeps } from "./deps.ts";

export function batchDeleteMemories({ memories }: RouteDeps) {
  return async (request: BatchDeleteMemoriesRequest, context: HandlerContext) => {
    const targets = [...new Set(request.memoryIds)].map((memoryId) => ({ memoryId, etag: "" }));
    const write = toWriteRequest("BatchDeleteMemories", BatchDeleteMemoriesRequestSchema, request);
    return { deleted: await memories.delete(callerOf(context), targets, write, context.signal) };
  };
}
