import type { HandlerContext } from "@connectrpc/connect";
import { archiveMemory as archive } from "@mneme/core/memory/archive-memory.ts";
import {
  type ArchiveMemoryRequest,
  ArchiveMemoryRequestSchema,
} from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { callerOf } from "../call.ts";
import { fromMemory } from "../convert/memory.ts";
import { canonicalBody } from "../convert/write-request.ts";
import type { RouteDeps } from "./deps.ts";

export function archiveMemory(deps: RouteDeps) {
  return async (request: ArchiveMemoryRequest, context: HandlerContext) => {
    const { memoryId, etag, requestId } = request;
    const body = canonicalBody(ArchiveMemoryRequestSchema, request);
    const command = { rpc: "ArchiveMemory", memoryId, etag, requestId, body } as const;
    const { memory, freshnessToken } = await archive(deps, callerOf(context), command, context.signal);
    return { memory: memory && fromMemory(memory), freshnessToken };
  };
}
