import type { HandlerContext } from "@connectrpc/connect";
import { memoryNotFound } from "@mneme/core/memory/memory-not-found.ts";
import type { GetMemoryRequest } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { callerOf } from "../call.ts";
import { fromMemory } from "../convert/memory.ts";
import type { RouteDeps } from "./deps.ts";

export function getMemory({ memories }: RouteDeps) {
  return async ({ memoryId }: GetMemoryRequest, context: HandlerContext) => {
    const [memory] = await memories.get(callerOf(context), [memoryId], context.signal);
    if (!memory) throw memoryNotFound(memoryId);
    return { memory: fromMemory(memory) };
  };
}
