import type { HandlerContext } from "@connectrpc/connect";
import { countedFor } from "@mneme/core/cost/counted-embedder.ts";
import { updateMemories } from "@mneme/core/memory/update-memories.ts";
import type { MemoryUpdate } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import {
  type UpdateMemoryRequest,
  UpdateMemoryRequestSchema,
} from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { callerOf } from "../call.ts";
import { fromMemory } from "../convert/memory.ts";
import { toUpdate } from "../convert/memory-update.ts";
import { canonicalBody } from "../convert/write-request.ts";
import type { RouteDeps } from "./deps.ts";

export function updateMemory(deps: RouteDeps) {
  return async (request: UpdateMemoryRequest, context: HandlerContext) => {
    const caller = callerOf(context);
    const { memories, freshnessToken } = await updateMemories(
      countedFor(deps, caller),
      caller,
      {
        rpc: "UpdateMemory",
        updates: [toUpdate(request.update as MemoryUpdate, "update")],
        requestId: request.requestId,
        body: canonicalBody(UpdateMemoryRequestSchema, request),
      },
      context.signal,
    );
    return { memory: memories.map(fromMemory)[0], freshnessToken };
  };
}
