import type { HandlerContext } from "@connectrpc/connect";
import type { BatchGetMemoriesRequest } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { callerOf } from "../call.ts";
import { fromMemory } from "../convert/memory.ts";
import type { RouteDeps } from "./deps.ts";

export function batchGetMemories({ memories }: RouteDeps) {
  return async ({ memoryIds }: BatchGetMemoriesRequest, context: HandlerContext) => {
    const found = await memories.get(callerOf(context), memoryIds, context.signal);
    const known = new Set(found.map(({ id }) => id));
    return { memories: found.map(fromMemory), notFound: memoryIds.filter((id) => !known.has(id)) };
  };
}
