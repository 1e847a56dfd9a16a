import type { HandlerContext } from "@connectrpc/connect";
import { archiveMemory } from "@mneme/core/memory/archive-memory.ts";
import {
  type RestoreMemoryRequest,
  RestoreMemoryRequestSchema,
} from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { callerOf } from "../call.ts";
import { fromMemory } from "../convert/memory.ts";
import { canonicalBody } from "../convert/write-request.ts";
import type { RouteDeps } from "./deps.ts";

export function restoreMemory(deps: RouteDeps) {
  return async (request: RestoreMemoryRequest, context: HandlerContext) => {
    const { memoryId, etag, requestId } = request;
    const body = canonicalBody(RestoreMemoryRequestSchema, request);
    const command = { rpc: "RestoreMemory", memoryId, etag, requestId, body } as const;
    const { memory, freshnessToken } = await archiveMemory(deps, callerOf(context), command, context.signal);
    return { memory: memory && fromMemory(memory), freshnessToken };
  };
}
