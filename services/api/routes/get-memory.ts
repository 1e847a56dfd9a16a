import type { HandlerContext } from "@connectrpc/connect";
import { getMemory as read } from "@mneme/core/memory/get-memory.ts";
import type { GetMemoryRequest } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { callerOf } from "../call.ts";
import { fromMemory } from "../convert/memory.ts";
import type { RouteDeps } from "./deps.ts";

export function getMemory(deps: RouteDeps) {
  return async ({ memoryId }: GetMemoryRequest, context: HandlerContext) => ({
    memory: fromMemory(await read(deps, callerOf(context), memoryId, context.signal)),
  });
}
