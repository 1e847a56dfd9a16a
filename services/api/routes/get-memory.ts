import type { HandlerContext } from "@connectrpc/connect";
import { getMemory as read } from "@mneme/core/memory/get-memory.ts";
import type { GetMemoryRequest } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { callerOf } from "../call.ts";
import { fromMemory } from "../convert/memory.ts";
import { toTimes } from "../convert/time.ts";
import type { RouteDeps } from "./deps.ts";

export function getMemory(deps: RouteDeps) {
  return async (request: GetMemoryRequest, context: HandlerContext) => {
    const memory = await read(deps, callerOf(context), request.memoryId, toTimes(request), context.signal);
    return { memory: fromMemory(memory) };
  };
}
