import type { HandlerContext } from "@connectrpc/connect";
import { getMemories } from "@mneme/core/memory/get-memory.ts";
import type { BatchGetMemoriesRequest } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { callerOf } from "../call.ts";
import { fromMemory } from "../convert/memory.ts";
import { toTimes } from "../convert/time.ts";
import type { RouteDeps } from "./deps.ts";

export function batchGetMemories(deps: RouteDeps) {
  return async (request: BatchGetMemoriesRequest, context: HandlerContext) => {
    const { memories, notFound } = await getMemories(
      deps,
      callerOf(context),
      request.memoryIds,
      toTimes(request),
      context.signal,
    );
    return { memories: memories.map(fromMemory), notFound: [...notFound] };
  };
}
