import type { HandlerContext } from "@connectrpc/connect";
import { countedFor } from "@mneme/core/cost/counted-embedder.ts";
import { updateMemories } from "@mneme/core/memory/update-memories.ts";
import {
  type BatchUpdateMemoriesRequest,
  BatchUpdateMemoriesRequestSchema,
} from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { callerOf } from "../call.ts";
import { fromMemory } from "../convert/memory.ts";
import { toUpdate } from "../convert/memory-update.ts";
import { canonicalBody } from "../convert/write-request.ts";
import type { RouteDeps } from "./deps.ts";

export function batchUpdateMemories(deps: RouteDeps) {
  return async (request: BatchUpdateMemoriesRequest, context: HandlerContext) => {
    const caller = callerOf(context);
    const { memories, freshnessToken } = await updateMemories(
      countedFor(deps, caller),
      caller,
      {
        rpc: "BatchUpdateMemories",
        updates: request.updates.map((update, i) => toUpdate(update, `updates[${i}]`)),
        requestId: request.requestId,
        body: canonicalBody(BatchUpdateMemoriesRequestSchema, request),
      },
      context.signal,
    );
    return { memories: memories.map(fromMemory), freshnessToken };
  };
}
