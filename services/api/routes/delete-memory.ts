import type { HandlerContext } from "@connectrpc/connect";
import {
  type DeleteMemoryRequest,
  DeleteMemoryRequestSchema,
} from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { callerOf } from "../call.ts";
import { toWriteRequest } from "../convert/write-request.ts";
import type { RouteDeps } from "./deps.ts";

export function deleteMemory({ memories }: RouteDeps) {
  return async (request: DeleteMemoryRequest, context: HandlerContext) => {
    const { memoryId, etag } = request;
    const write = toWriteRequest("DeleteMemory", DeleteMemoryRequestSchema, request);
    await memories.delete(callerOf(context), [{ memoryId, etag }], write, context.signal);
    return {};
  };
}
